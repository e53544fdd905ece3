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
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		active(t, s, pending("1", 100))
		ctx := t.Context()
		written(t, s, "d1")
		var heard []domain.Job
		s.SetWake(func(jobs []domain.Job) { heard = append(heard, jobs...) })
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
		expect.Equal(t, "told", heard, []domain.Job{{Kind: domain.JobProject}})
		_, fresh = told("square-1", "1")
		expect.Equal(t, "fresh again", fresh, false)
		_, fresh = told("square-2", "1")
		expect.Equal(t, "another", fresh, true)
		p := claimedOne(t, s, noon)
		expect.Equal(t, "looks that were asked for", p.Wanted, 2)
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
		s := db.Open(t, now, nil)
		customer(t, s, "1")
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
	})
}
