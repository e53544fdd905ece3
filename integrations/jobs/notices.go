package jobs

import (
	"context"

	"github.com/riverqueue/river"
)

// Notices tells people of the staff what changed of theirs. Each call may come more than once for the same notice.
type Notices interface {
	SendNotice(ctx context.Context, ref string) error
}

// addNotices registers the worker of notices. It has the long limit, as all that waits for a mail server.
func addNotices(bundle *river.Workers, n Notices, f *floor) error {
	return river.AddWorkerSafely(bundle, &worker[noticeArgs]{floor: f, limit: longLimit,
		act: func(ctx context.Context, a noticeArgs) error { return n.SendNotice(ctx, a.Ref) }})
}
