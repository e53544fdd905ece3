package commands

import (
	"context"
	"io"
	"time"

	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
)

// Archive is `audit archive` in small batches, for tests that let it die at a step.
func Archive(ctx context.Context, db *store.Store, keys *audit.Keys, before time.Time, path string, out io.Writer,
	reached func(step int) error) error {
	return archiving{db: db, keys: keys, before: before, path: path, out: out, bar: newProgress(io.Discard), batch: 5,
		reached: reached}.run(ctx)
}

// AcceptLoss is `audit accept-loss`, for tests that let it die at a step.
func AcceptLoss(ctx context.Context, db *store.Store, keys *audit.Keys, rows, path string, out io.Writer, reached func(step int) error) error {
	return losing{archiving: archiving{db: db, keys: keys, path: path, out: out, bar: newProgress(io.Discard), reached: reached},
		rows: rows, by: "Hanako Sato", reason: "the disk of the archives died"}.run(ctx)
}
