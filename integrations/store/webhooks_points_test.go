package store_test

import (
	"slices"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func pointsChange(id string) webhooks.Delivery {
	d := delivery(id)
	d.Topic, d.Order = webhooks.PointsAccount, ""
	return d
}

func TestWhatATillTellsAsksForOneLookAtTheMetafield(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, q := db.Open(t, now, nil), &asked{}
		customer(t, s, "1")
		active(t, s, pending("1", 100))
		s.SetEnqueue(q.enqueue)
		ctx := t.Context()
		written(t, s, "d1")
		told := func(id string, members ...string) (webhooks.Outcome, bool) {
			outcome, fresh, err := s.Webhooks.KeepPointsChange(ctx, pointsChange(id), members)
			expect.MustEqual(t, "err", err, nil)
			return outcome, fresh
		}
		for _, members := range [][]string{nil, {"nobody"}, {"", "+81"}} {
			outcome, _ := told("square-0", members...)
			expect.Equal(t, "the outcome for nobody", outcome, webhooks.Ignored)
		}
		_, err := s.Webhooks.Delivery(ctx, "square-0")
		expect.Equal(t, "what is nobody's is not kept", domain.CodeOf(err), domain.CodeNotFound)

		outcome, fresh := told("square-1", "nobody", "1")
		expect.Equal(t, "the outcome", outcome, webhooks.Queued)
		expect.Equal(t, "fresh", fresh, true)
		expect.Equal(t, "the jobs", q.jobs, []domain.Job{{Kind: domain.JobMetafield, CustomerID: "1"}})
		_, fresh = told("square-1", "1")
		expect.Equal(t, "fresh again", fresh, false)
		_, fresh = told("square-2", "1")
		expect.Equal(t, "another", fresh, true)
		expect.Equal(t, "jobs while one is still to come", len(q.jobs), 1)
		p, err := s.Metafields.ClaimProjection(ctx, "1", noon, noon.Add(1))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "what is known of the metafield", p.Digest, metafields.DigestUnknown)

		other := pointsChange("square-1")
		other.Digest[0]++
		_, _, err = s.Webhooks.KeepPointsChange(ctx, other, []string{"1"})
		expect.Equal(t, "another body under a known id", err, webhooks.ErrOtherDelivery)
	})
}

func TestTheSameNoticeAtTheSameMomentIsKeptOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, q := db.Open(t, now, nil), &asked{}
		customer(t, s, "1")
		s.SetEnqueue(q.enqueue)
		var fresh [8]bool
		var all sync.WaitGroup
		for i := range fresh {
			all.Go(func() {
				var err error
				_, fresh[i], err = s.Webhooks.KeepPointsChange(t.Context(), pointsChange("square-1"), []string{"1"})
				expect.Equal(t, "err", err, nil)
			})
		}
		all.Wait()
		n := 0
		for _, f := range fresh {
			if f {
				n++
			}
		}
		expect.Equal(t, "fresh ones", n, 1, slices.Clone(fresh[:]))
		expect.That(t, "jobs", len(q.jobs) <= 1, len(q.jobs))
	})
}
