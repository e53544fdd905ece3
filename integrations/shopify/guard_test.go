package shopify_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/shopify"
	"pointbridge/test/expect"
)

// TestTheGuardInASimulatedStore: made once deployed, found by its metafield, told, and removed; each removal may be
// repeated.
func TestTheGuardInASimulatedStore(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	ctx := t.Context()
	plus, err := c.ReadPlus(ctx)
	expect.That(t, "a plan below Plus", err == nil && !plus, plus, err)
	_, err = c.CreateGuard(ctx, "pointbridge-guard", "Guard", []byte(`{"v":1}`), time.Now())
	wantReason(t, err, domain.KindRefused, shopify.ReasonNoFunction)
	store.ChangePlan(true)
	plus, err = c.ReadPlus(ctx)
	expect.That(t, "Plus", err == nil && plus, plus, err)
	_, err = c.CreateGuard(ctx, "another", "Guard", []byte(`{"v":1}`), time.Now())
	wantReason(t, err, domain.KindRefused, shopify.ReasonNoFunction)

	if _, err := c.CreateDiscount(ctx, discount("70934-AB72CD-500")); err != nil { // which is no guard
		t.Fatal(err)
	}
	var made [2]string
	for i := range made {
		made[i], err = c.CreateGuard(ctx, "pointbridge-guard", "Guard", []byte(`{"v":1}`), time.Now())
		expect.MustEqual(t, "err", err, nil)
	}
	found, err := c.FindGuards(ctx)
	expect.MustThat(t, "both are found", err == nil && len(found) == 2, found, err)
	expect.Equal(t, "the oldest first", [2]string(found), made)

	for _, owner := range []string{made[0], member} {
		value, digest, err := c.ReadGuard(ctx, owner)
		expect.MustEqual(t, "err", err, nil, owner)
		expect.Equal(t, "there is one", len(value) > 0, owner == made[0], owner)
		if digest, err = c.WriteGuard(ctx, owner, []byte(`{"v":2}`), digest); err != nil {
			t.Fatal(owner, err)
		}
		_, err = c.WriteGuard(ctx, owner, []byte(`{"v":3}`), "another")
		wantReason(t, err, domain.KindRefused, domain.ReasonStale)
		value, again, err := c.ReadGuard(ctx, owner)
		expect.That(t, "what was written is read", err == nil && string(value) == `{"v":2}` && again == digest, owner, err)
	}
	for _, owner := range []string{"gid://shopify/DiscountAutomaticNode/1", "gid://shopify/Customer/404"} {
		_, _, err = c.ReadGuard(ctx, owner)
		expect.Equal(t, "reading of nobody", domain.KindOf(err), domain.KindNotFound, owner, err)
		_, err = c.WriteGuard(ctx, owner, []byte(`{}`), "")
		expect.Equal(t, "writing to nobody", domain.KindOf(err), domain.KindNotFound, owner, err)
	}
	for range 2 {
		for _, err := range []error{c.DefineGuard(ctx), c.DeleteGuard(ctx, made[0]), c.DeleteGuard(ctx, made[1])} {
			expect.Equal(t, "err", err, nil)
		}
	}
	for range 2 {
		expect.Equal(t, "err", c.UndefineGuard(ctx), nil)
	}
	value, _, err := c.ReadGuard(ctx, member)
	expect.That(t, "the customer's value went with the definition", err == nil && value == nil, err)
	found, err = c.FindGuards(ctx)
	expect.That(t, "none is left", err == nil && len(found) == 0, found, err)
}
