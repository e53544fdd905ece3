package jobs

import (
	"context"
	"strconv"

	"github.com/riverqueue/river"
)

// Events makes one attempt to tell one of the merchant's own systems of an event.
type Events interface {
	Deliver(ctx context.Context, id int64) error
}

type eventArgs struct {
	Ref string `json:"ref"`
}

// eventsAtOnce bounds how many attempts this process makes at once.
const eventsAtOnce = 8

func addEvents(bundle *river.Workers, h Events, f *floor) error {
	return river.AddWorkerSafely(bundle, &worker[eventArgs]{floor: f, limit: actLimit,
		act: func(ctx context.Context, a eventArgs) error {
			id, err := strconv.ParseInt(a.Ref, 10, 64)
			if err != nil {
				return nil // a row that no version of ours wrote
			}
			return h.Deliver(ctx, id)
		}})
}
