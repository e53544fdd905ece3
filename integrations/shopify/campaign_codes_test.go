package shopify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/test/expect"
)

// TestCodesOfCampaignsInASimulatedStore: a discount that anybody can use, further codes with what became of each, other
// times, and its end.
func TestCodesOfCampaignsInASimulatedStore(t *testing.T) {
	t.Parallel()
	store, client := newStore(t)
	now := time.Now().UTC().Truncate(time.Second)
	d := codes.Discount{Code: "SALE-1", Title: "Sale", Tags: []string{"pb-batch-x"}, StartsAt: now, EndsAt: now.Add(time.Hour),
		UsageLimit: 1, OncePerCustomer: true, BasisPoints: 1250, Minimum: domain.Money{Minor: 3000, Currency: "JPY"},
		Combines: campaigns.Combines{Product: true}}
	id, err := client.CreateCampaignDiscount(t.Context(), d)
	expect.MustEqual(t, "err", err, nil)
	other := d
	other.Code, other.BasisPoints, other.Amount = "OTHER-1", 0, domain.Money{Minor: 500, Currency: "JPY"}
	otherID, err := client.CreateCampaignDiscount(t.Context(), other)
	expect.MustEqual(t, "err", err, nil)
	_, err = client.CreateCampaignDiscount(t.Context(), d)
	wantReason(t, err, domain.KindRefused, domain.ReasonCodeTaken)

	bulk, err := client.AddCodes(t.Context(), id, []string{"SALE-2", "other-1", "SALE-2", strings.Repeat("X", 256), "SALE-3"})
	expect.MustEqual(t, "err", err, nil)
	state, err := client.ReadBulk(t.Context(), bulk)
	expect.MustEqual(t, "err", err, nil)
	want := codes.BulkState{Done: true, Imported: 2, Failed: 3, Failures: []codes.Failure{{Code: "other-1",
		Reason: domain.ReasonCodeTaken}, {Code: "SALE-2", Reason: domain.ReasonCodeTaken},
		{Code: strings.Repeat("X", 256), Reason: "too_long"}}}
	expect.Equal(t, "the state", cmp.Diff(want, state), "")
	list, next, err := client.NewestCodes(t.Context(), id, "")
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "codes", strings.Join(list, " ")+next, "SALE-3 SALE-2 SALE-1")

	expect.Equal(t, "another period", client.SetDiscountPeriod(t.Context(), id, now, now.Add(2*time.Hour)), nil)
	found, err := client.FindCampaignDiscount(t.Context(), "sale-3")
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "found", cmp.Diff(codes.Found{ID: id, Title: "Sale", Status: "ACTIVE", Tags: d.Tags, StartsAt: now,
		Everybody: true, EndsAt: now.Add(2 * time.Hour), UsageLimit: 1, OncePerCustomer: true, BasisPoints: 1250, Minimum: d.Minimum,
		Combines: d.Combines, Codes: 3}, found), "")

	job, err := client.DeleteDiscounts(t.Context(), []string{id})
	expect.MustEqual(t, "err", err, nil)
	done, err := client.JobDone(t.Context(), job)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "done", done, true)
	_, err = client.ReadCampaignDiscount(t.Context(), id)
	expect.Equal(t, "the deleted one", domain.KindOf(err), domain.KindNotFound)
	_, err = client.AddCodes(t.Context(), id, []string{"SALE-4"})
	expect.Equal(t, "codes for the deleted one", domain.KindOf(err), domain.KindNotFound)
	expect.Equal(t, "the other's codes", strings.Join(store.Codes(otherID), " "), "OTHER-1")
}

// TestNoCodeOfACampaignIsWithoutAnEnd: nothing is sent of what has no value or no end.
// covers: 002-26
func TestNoCodeOfACampaignIsWithoutAnEnd(t *testing.T) {
	t.Parallel()
	store, client := newStore(t)
	now := time.Now()
	for _, d := range []codes.Discount{
		{Code: "A-1", Title: "x", StartsAt: now, BasisPoints: 100},
		{Code: "A-1", Title: "x", StartsAt: now, EndsAt: now.Add(time.Hour)},
		{Code: "A-1", Title: "x", StartsAt: now, EndsAt: now.Add(time.Hour), BasisPoints: 10_001},
		{Code: "", Title: "x", StartsAt: now, EndsAt: now.Add(time.Hour), BasisPoints: 100},
	} {
		_, err := client.CreateCampaignDiscount(t.Context(), d)
		wantReason(t, err, domain.KindRefused, "invalid_discount")
	}
	expect.Equal(t, "discounts", len(store.Discounts()), 0)
}
