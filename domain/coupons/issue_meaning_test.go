package coupons_test

import (
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/test/expect"
)

// TestARequestForACodeIsKnownAgain, whether its digest was kept before there was a key for it, under the one of
// before, or since; what it keeps says nothing of the mail address to somebody who guesses.
func TestARequestForACodeIsKnownAgain(t *testing.T) {
	t.Parallel()
	old := domain.Meanings{[]byte("a key of 32 bytes, that was used before")}
	key := domain.Meanings{[]byte("a key of 32 bytes, or thereabouts"), old[0]}
	byMail := func(i *coupons.Issue) { i.To = coupons.Recipient{Email: "jiro@example.com"} }
	var kept []string
	for _, before := range []domain.Meanings{nil, old, key} {
		w := inCampaign(t, 0)
		first := w.Service(nil)
		first.Meanings = before
		got, err := first.Issue(t.Context(), asked("k1", byMail))
		expect.MustEqual(t, "err", err, nil)
		now := w.Service(nil)
		now.Meanings = key
		again, err := now.Issue(t.Context(), asked("k1", byMail))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the same code", again.Replayed && again.Coupon.Code == got.Coupon.Code, true)
		_, err = now.Issue(t.Context(), asked("k1", toShopper))
		expect.Equal(t, "something else", domain.CodeOf(err), domain.CodeKeyReused)
		request, err := w.DB.FindRequest(t.Context(), coupons.RequestKey{CallerID: "staff:1", Operation: "issue", Key: "k1"})
		expect.MustEqual(t, "err", err, nil)
		kept = append(kept, request.Key.Hash)
	}
	expect.That(t, "with each key another digest is kept", kept[0] != kept[1] && kept[1] != kept[2])
}
