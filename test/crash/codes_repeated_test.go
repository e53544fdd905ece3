package crash

import (
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestARepeatedRequestIsAnsweredWhenItsCampaignIsOver: whoever lost the answer gets it, and nothing is made anew; a new
// request is refused, and so is the key for something else.
func TestARepeatedRequestIsAnsweredWhenItsCampaignIsOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewCampaignCodes(t, db)
		c, shared := w.Campaign(campaigns.Batch), share(w)
		first := makeBatch(w, c.Key, 3)
		w.Rest()
		for _, to := range []campaigns.Status{campaigns.Paused, campaigns.Ended} {
			w.Move(c.Key, to)
			w.Move(shared.Key, to)
			s := w.Process(&world.MortalCodes{})
			asked := codes.Asked{Caller: world.Somebody, Key: "k-" + c.Key, Campaign: c.Key, Count: 3}
			got, replayed, err := s.Make(t.Context(), asked)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the batch", got.PublicID, first.PublicID)
			expect.Equal(t, "replayed", replayed, true)
			sharing := codes.SharedCode{Caller: world.Somebody, Key: "k-" + shared.Key, Campaign: shared.Key,
				Code: shared.Prefix + "SARAH", Owner: "@sarah"}
			code, replayed, err := s.Share(t.Context(), sharing)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the code", code.Code, shared.Prefix+"SARAH")
			expect.Equal(t, "replayed", replayed, true)
			sharing.Owner = "@bo"
			_, _, err = s.Share(t.Context(), sharing)
			expect.Equal(t, "another owner", domain.CodeOf(err), domain.CodeKeyReused)
			asked.Count = 4
			_, _, err = s.Make(t.Context(), asked)
			expect.Equal(t, "the key for something else", domain.CodeOf(err), domain.CodeKeyReused)
			asked.Key = "another"
			_, _, err = s.Make(t.Context(), asked)
			expect.Equal(t, "another request", domain.CodeOf(err), domain.CodeCampaignStatus)
		}
		list, err := w.Store.Batches.BatchesOf(t.Context(), c.Key, 0, 10)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "batches", len(list), 1)
	})
}
