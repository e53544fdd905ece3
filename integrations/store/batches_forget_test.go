package store_test

import (
	"strings"
	"testing"
	"time"

	"pointbridge/domain/campaigns"
	batches "pointbridge/domain/campaigns/codes"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity/learn"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// noIssuer gives nothing out: the batch is never worked on.
type noIssuer struct{ batches.Issuer }

// waiting makes a batch with recipients to whom nothing was given yet.
func (w *deciding) waiting(key string, list ...batches.Recipient) batches.Batch {
	w.t.Helper()
	o := campaigns.Offer{Codes: campaigns.Personal, Value: campaigns.Value{Kind: campaigns.Amount, Currency: "JPY",
		Range: campaigns.One(500)}, StartsAt: noon.Add(-day), EndsAt: noon.Add(10 * day), LivePerPerson: 1,
		Validity: campaigns.One(86400)}
	_, err := w.campaign.Make(w.t.Context(), boss, campaigns.Campaign{Key: key, Prefix: strings.ToUpper(key) + "-",
		Policy: decisions.NewPolicy(decisions.Medium), Offer: o, Names: []campaigns.Name{{Language: "en", Text: key}}})
	expect.MustEqual(w.t, "err", err, nil)
	_, err = w.campaign.SetStatus(w.t.Context(), boss, key, campaigns.Live, "")
	expect.MustEqual(w.t, "err", err, nil)
	var csv strings.Builder
	csv.WriteString("email,customer_id,shopify_customer_id\n")
	for _, r := range list {
		csv.WriteString(r.Email + "," + r.CustomerID + "," + r.ShopifyCustomerGID + "\n")
	}
	s := batches.Service{Batches: w.store.Batches, Shelf: w.store.Batches, Library: w.store.Batches,
		Campaigns: w.store.Campaigns, Clock: couponstest.NewClock(), Currency: "JPY", Issuer: noIssuer{}}
	b, _, err := s.Make(w.t.Context(), batches.Asked{Caller: boss, Key: "k", Campaign: key,
		CSV: csv.String()})
	expect.MustEqual(w.t, "err", err, nil)
	return b
}

// TestWhoIsForgottenWaitsForNoCode: in whatever way somebody stands in a list of recipients, and however their e-mail is
// written there, nothing of them is left in the database; the others still wait, and the batch counts what was refused. A
// row does not say that somebody asked for that.
func TestWhoIsForgottenWaitsForNoCode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		const gid, former = "gid://shopify/Customer/77", "gid://shopify/Customer/78"
		for _, statement := range []string{
			`INSERT INTO customers (id, created_at, updated_at) VALUES ('8812370934', '2026-12-01', '2026-12-01')`,
			`INSERT INTO former_links (customer_gid, customer_id) VALUES ('` + former + `', '8812370934')`,
		} {
			_, err := w.store.DB().ExecContext(t.Context(), statement)
			expect.MustEqual(t, "err", err, nil)
		}
		b := w.waiting("rest", batches.Recipient{Email: "Rest.Taro@example.com"}, batches.Recipient{Email: "other@example.com"},
			batches.Recipient{CustomerID: "8812370934"}, batches.Recipient{ShopifyCustomerGID: gid},
			batches.Recipient{ShopifyCustomerGID: former})
		traces := learn.Traces{Archive: w.store.Identity, Canonical: asWritten{}, Keys: ring(2), Members: w.store.Members,
			Recipients: w.store.Batches, Now: func() time.Time { return w.now }}
		rows := func() string {
			var text strings.Builder
			w.dump(&text, "campaign_batch_rows", "")
			return strings.ToLower(text.String())
		}
		mark, err := traces.MarkOf("rest.taro@EXAMPLE.com", "")
		expect.MustEqual(t, "err", err, nil)
		for _, c := range []struct {
			member, mark, gid, raw string
		}{
			{"", mark, "", "rest.taro"}, {"8812370934", "", "", "8812370934"}, {"", "", gid, strings.ToLower(gid)},
		} {
			expect.That(t, "before", strings.Contains(rows(), c.raw), rows())
			found, err := traces.Forget(t.Context(), c.member, c.mark, c.gid)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "found", found, true, c.raw)
			expect.That(t, "after", !strings.Contains(rows(), c.raw), rows())
		}
		got, err := w.store.Batches.BatchOf(t.Context(), "rest", b.PublicID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "refused", got.Refused, 4)
		expect.That(t, "the number that a member had before", !strings.Contains(rows(), strings.ToLower(former)), rows())
		refused, err := w.store.Batches.RowsOf(t.Context(), batches.RowQuery{BatchID: b.ID, Limit: 1})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "reason", refused[0].Reason, "stopped")
		left, err := w.store.Batches.Waiting(t.Context(), b.ID, 10)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "waiting", len(left), 1)
		// Whoever has the row of somebody in the hand does not write them back.
		row := batches.Row{Row: 1, To: batches.Recipient{Email: "Rest.Taro@example.com"}, State: batches.RowWaiting}
		_, err = w.store.Batches.Commit(t.Context(), batches.Change{Was: got, Batch: got, Rows: []batches.Row{row}})
		expect.That(t, "after a late commit", !strings.Contains(rows(), "rest.taro"), rows(), err)
		expect.MustEqual(t, "err", traces.ForgetEverybody(t.Context()), nil)
		expect.That(t, "after everybody was forgotten", !strings.Contains(rows(), "other@"), rows())
	})
}
