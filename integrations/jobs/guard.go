package jobs

import (
	"context"
	"fmt"
	"strconv"

	"github.com/riverqueue/river"
)

// Guard brings one of the metafields up to date that the checkout's Function reads. It may be called more than once for
// the same one.
type Guard interface {
	SyncGuard(ctx context.Context, id int64) error
}

type guardArgs struct {
	Ref string `json:"ref"`
}

// Kind names the work in the database; it never changes.
func (guardArgs) Kind() string { return "guard" }

func addGuard(bundle *river.Workers, h Guard, f *floor) error {
	return river.AddWorkerSafely(bundle, &worker[guardArgs]{floor: f, limit: actLimit,
		act: func(ctx context.Context, a guardArgs) error {
			id, err := strconv.ParseInt(a.Ref, 10, 64)
			if err != nil {
				return fmt.Errorf("a metafield has a number: %w", err)
			}
			return h.SyncGuard(ctx, id)
		}})
}
