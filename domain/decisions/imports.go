package decisions

import (
	"context"
	"time"
)

// ImportState is how a reading of the past stands.
type ImportState string

// The states. One that was stopped, by its process or by somebody, goes on where it was.
const (
	ImportRunning ImportState = "running"
	ImportDone    ImportState = "done"
	ImportStopped ImportState = "stopped"
)

// Import is a reading of the past, a day at a time.
type Import struct {
	ID int64
	// Days are how many it reads, Read how many it has.
	Days, Read int
	// Cursor is where it is within a day; empty at a day's beginning.
	Cursor string
	// Orders, Uses and Unseen count what was read, what used a code, and what does not show whose it is.
	Orders, Uses, Unseen int
	State                ImportState
	StartedAt            time.Time
	FinishedAt           *time.Time
}

// Imports keeps how far readings have come.
type Imports interface {
	// LastImport gives the newest one, and false where there is none.
	LastImport(ctx context.Context) (Import, bool, error)
	// BeginImport keeps a new one.
	BeginImport(ctx context.Context, days int, at time.Time) (Import, error)
	// MoveImport writes how far it has come since from was read. Errors: domain.ErrConflict where somebody else moved it
	// on meanwhile.
	MoveImport(ctx context.Context, from, to Import) error
}
