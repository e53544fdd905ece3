package jobs

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// TestMailsMakeRoom: for as long as customers wait, but none for longer than the limit, whoever's clock says when it was
// due.
func TestMailsMakeRoom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		busyFor, dueIn, want time.Duration
	}{
		"nobody waits":                      {0, 0, 0},
		"somebody waits for a while":        {2 * roomStep, 0, 2 * roomStep},
		"somebody always waits":             {time.Hour, 0, roomLimit},
		"it was due a while ago":            {time.Hour, roomStep - roomLimit, roomStep},
		"it is late":                        {time.Hour, -roomLimit, 0},
		"whoever asked has a clock ahead":   {time.Hour, time.Hour, roomLimit},
		"whoever asked has a clock far off": {time.Hour, -time.Hour, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			f := &floor{clock: domain.SystemClock{}, busy: func() bool { return time.Since(began) < c.busyFor }}
			f.makeRoom(t.Context(), began.Add(c.dueIn))
			expect.Equal(t, name, time.Since(began), c.want)
		})
	}
}

// TestMakingRoomEndsWithTheProcess: a process that stops does not wait for its customers first.
func TestMakingRoomEndsWithTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		began := time.Now()
		f := &floor{clock: domain.SystemClock{}, busy: func() bool { stop(); return true }}
		f.makeRoom(ctx, began)
		expect.Equal(t, "waited", time.Since(began), 0)
	})
}

// TestAMailServerThatHangsHoldsUpNothingElse: as many mails as there are workers wait for it, and an order is read.
func TestAMailServerThatHangsHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		const workers = 2
		let, hang := make(chan struct{}), make(chan struct{}, workers)
		h := &hands{script: func(_ context.Context, call string, _ int) error {
			if strings.HasPrefix(call, "mail") {
				hang <- struct{}{}
				<-let
			}
			return nil
		}}
		c := newClient(t, db, h, func(cfg *Config) { cfg.AdvanceWorkers, cfg.ProjectWorkers = workers, workers })
		for i := range workers {
			put(t, db, c, domain.Job{Kind: domain.JobMail, CouponID: int64(i + 1), Mail: domain.MailIssued})
		}
		events := start(t, c)
		t.Cleanup(func() { close(let) })
		for range workers {
			signal(t, hang, "a mail")
		}
		put(t, db, c, domain.Job{Kind: domain.JobOrder, Ref: "gid://shopify/Order/1"})
		await(t, events, river.EventKindJobCompleted, domain.JobOrder)
	})
}

// TestMailsAreWhatMakesRoom: while customers wait, what finishes coupons and reads orders goes on.
func TestMailsAreWhatMakesRoom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		asked := make(chan struct{}, 1)
		c := newClient(t, db, &hands{}, func(cfg *Config) {
			cfg.Busy = func() bool {
				select {
				case asked <- struct{}{}:
					return true
				default:
					return false
				}
			}
		})
		put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 1}, domain.Job{Kind: domain.JobOrder, Ref: "gid://shopify/Order/1"})
		events := start(t, c)
		await(t, events, river.EventKindJobCompleted, domain.JobAdvance)
		expect.Equal(t, "asked about room", len(asked), 0)
		put(t, db, c, domain.Job{Kind: domain.JobMail, CouponID: 1, Mail: domain.MailIssued})
		signal(t, asked, "a mail that asks for room")
	})
}
