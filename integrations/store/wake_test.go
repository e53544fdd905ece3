package store_test

import (
	"context"
	"database/sql"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestJobsOfAnInnerTransactionAreToldOfAfterTheOuter: the queue hears of a job that an order's turn inserts when another
// connection can see it, and of none where the turn comes to nothing although its inner transaction was complete.
func TestJobsOfAnInnerTransactionAreToldOfAfterTheOuter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		d := w.ask(hanako())
		print, err := ring(1).Print(asWritten{}.Forms(taro()))
		expect.MustEqual(t, "err of the print", err, nil)
		var told []domain.Job
		inside := false
		w.store.SetWake(func(jobs []domain.Job) {
			expect.That(t, "the queue hears of it after the turn", !inside)
			told = append(told, jobs...)
		})
		turn := func(id string, fails error) error {
			return w.store.Identity.InTurn(t.Context(), d.CampaignID, func(turn decisions.Turn) error {
				inside = true
				defer func() { inside = false }()
				d.PublicID, d.Request.Stage, d.Request.OrderID = id, decisions.StageOrder, "gid://shopify/Order/"+id
				_, fresh, err := turn.Keep(t.Context(), d, print, []domain.Job{{Kind: domain.JobTag, Ref: id}})
				expect.That(t, "it is kept", err == nil && fresh, err)
				expect.Equal(t, "told of within the turn", len(told), 0)
				return fails
			})
		}
		expect.That(t, "a turn fails as it was told to", turn("1", errCrash) != nil)
		expect.Equal(t, "told of when the turn failed", len(told), 0)
		expect.MustEqual(t, "err of the turn", turn("2", nil), nil)
		expect.MustEqual(t, "told of", len(told), 1)
		expect.Equal(t, "the job is of", told[0].Ref, "2")
	})
}

// wholeQueue counts what a store asks of its queue.
type wholeQueue struct{ inserted, once, inline, woken int }

func (q *wholeQueue) Enqueue(context.Context, *sql.Tx, []domain.Job) error { q.inserted++; return nil }

func (q *wholeQueue) EnqueueOnce(context.Context, *sql.Tx, []domain.Job) error { q.once++; return nil }

func (q *wholeQueue) Inline(from string, _ []domain.Job) (string, []any, bool) {
	q.inline++
	return "SELECT 1 FROM " + from, nil, true
}

func (q *wholeQueue) Wake(jobs []domain.Job) { q.woken += len(jobs) }

// TestAQueueIsConnectedWhole: whoever connects a queue connects all of its ways in, and its bell.
func TestAQueueIsConnectedWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		q := &wholeQueue{}
		s.SetQueue(q)
		customer(t, s, "1")
		c := open(t, s, pending("1", 100)).Coupon
		before := *q
		jobs := []domain.Job{{Kind: domain.JobTag, CouponID: 1}}
		_, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: c, Jobs: jobs, Audit: []domain.AuditEntry{{At: noon,
			Actor: "system", Action: "coupon.issued", Code: c.Code, Outcome: domain.OutcomeDone}}})
		expect.MustEqual(t, "err of the commit", err, nil)
		expect.Equal(t, "inserted with the commit", q.inserted+q.inline-before.inserted-before.inline, 1)
		expect.Equal(t, "inserted within a statement", q.inline > before.inline, db.Dialect == "postgres")
		expect.Equal(t, "err of a sweep", s.Backlog.Enqueue(t.Context(), jobs), nil)
		expect.Equal(t, "inserted once", q.once-before.once, 1)
		expect.Equal(t, "told of", q.woken-before.woken, 2)
	})
}
