package jobs

import (
	"context"
	"testing"

	"github.com/riverqueue/river"

	"pointbridge/domain"
)

// told answers deliveries by the same script as hands.
type told struct{ *hands }

func (d told) WorkDelivery(ctx context.Context, id string) error { return d.take(ctx, "webhook "+id) }

func TestDeliveries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		h := &hands{script: func(_ context.Context, call string, times int) error {
			if call == "webhook w-1" && times == 1 {
				return domain.ErrConflict
			}
			return nil
		}}
		c := newClient(t, db, h, func(cfg *Config) { cfg.Deliveries = told{h} })
		put(t, db, c, domain.Job{Kind: domain.JobOrder, Ref: "gid://shopify/Order/1"},
			domain.Job{Kind: domain.JobOrder, Ref: "gid://shopify/Order/2", Hint: domain.HintRefunded},
			domain.Job{Kind: domain.JobWebhook, Ref: "w-1"})
		events := start(t, c)
		await(t, events, river.EventKindJobSnoozed, domain.JobWebhook)
		await(t, events, river.EventKindJobCompleted, domain.JobWebhook)
		if order, hook := h.times("order gid://shopify/Order/1"), h.times("webhook w-1"); order != 1 || hook != 2 {
			t.Errorf("%d and %d runs", order, hook)
		}
		if refunded := h.times("order gid://shopify/Order/2 refunded"); refunded != 1 {
			t.Errorf("what was told of an order did not reach its work: %v", h.calls)
		}
	})
}
