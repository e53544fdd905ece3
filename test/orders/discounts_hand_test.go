package orders

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// compared returns the kinds of what the books differ in about one coupon.
func (w *orderWorld) compared(b buyer) (kinds []books.Kind) {
	w.T.Helper()
	w.quiet()
	checker := *w.App.Books
	checker.Timing, checker.Runs = books.Timing{Pause: time.Millisecond}, nil
	_, err := checker.Run(w.T.Context(), books.Options{CustomerID: b.member}, books.Sink{
		Difference: func(d books.Difference) { kinds = append(kinds, d.Kind) }})
	w.must(err)
	return kinds
}

// Recorded returns what the audit says that somebody did to a coupon's code in the shop.
func (w *orderWorld) Recorded(code string) (actions []string) {
	w.T.Helper()
	history, err := w.Store.Coupons.History(w.T.Context(), w.state(code).Coupon.ID)
	w.must(err)
	for _, e := range history {
		if slices.Contains([]string{"discount.changed", "discount.deleted", "discount.revived", "discount.end_lost"},
			e.Action) {
			actions = append(actions, e.Action)
		}
	}
	return actions
}

func (w *orderWorld) cancel(code, key string) (int, string) {
	w.T.Helper()
	return w.ask("Sato", http.MethodPost, "/v1/coupons/"+code+"/cancellation", key,
		`{"reason": "customer_request", "note": "asked for it"}`)
}

// TestACodeThatIsCalledOtherwise: a merchant gives a code another text, and its customer spends it.
func TestACodeThatIsCalledOtherwise(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		renamed := func(to string) buyer {
			b := w.buyer()
			w.must(w.shop.RenameCode(w.state(b.code).Coupon.DiscountID, to))
			return b
		}
		told := renamed("SORRY-1")
		w.delivered()
		if kinds, actions := w.compared(told), w.Recorded(told.code); !slices.Equal(kinds,
			[]books.Kind{books.CodeRenamed}) ||
			!slices.Equal(actions, []string{"discount.changed"}) {
			t.Errorf("a renamed code: the books say %v, the audit %v", kinds, actions)
		}
		if page := w.console("/admin/coupons/" + told.code); !strings.Contains(page, "the text of the code") {
			t.Error("the coupon's page does not say what was changed")
		}
		w.buy(told.gid, "SORRY-1")
		w.delivered()
		if c := w.state(told.code).Coupon; c.Status != domain.Used || c.UsedOrder == "" {
			t.Errorf("told of the order: %s by %q", c.Status, c.UsedOrder)
		}
		status, text := w.cancel(told.code, "c-1")
		expect.Equal(t, "status", status, http.StatusConflict)
		expect.That(t, `text to contain "coupon_already_used"`, strings.Contains(text, "coupon_already_used"), text)
		// Nothing is told of the second one, and the count is late: the last question finds its order by the text.
		w.must(w.shop.Switch(simshopify.Switches{Lost: true}))
		w.shop.LagUsage(time.Hour)
		late := renamed("SORRY-2")
		w.buy(late.gid, "SORRY-2")
		w.cancel(late.code, "c-2")
		w.idle()
		w.shop.LagUsage(0)
		// Of the third one only the books hear.
		untold := renamed("SORRY-3")
		w.buy(untold.gid, "SORRY-3")
		w.must(w.shop.Switch(simshopify.Switches{}))
		if c := w.state(late.code).Coupon; c.Status != domain.Used ||
			w.Booked(domain.GiveBackReference(late.code)) != 0 {
			t.Errorf("cancelled after it was spent: %s", c.Status)
		}
		if kinds := w.compared(untold); !slices.Equal(kinds, []books.Kind{books.UsedButActive}) {
			t.Errorf("spent under another text: the books say %v", kinds)
		}
		w.must(w.App.Orders.SweepOrders(t.Context()))
		if c := w.state(untold.code).Coupon; c.Status != domain.Used {
			t.Errorf("after the orders were read: %s", c.Status)
		}
		w.agrees()
	})
}

// TestACodeThatIsSwitchedOnAgain: a cancelled code stays deactivated, and a living one keeps its end.
func TestACodeThatIsSwitchedOnAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		dead, living, off := w.buyer(), w.buyer(), w.buyer()
		status, text := w.cancel(dead.code, "c-1")
		expect.MustEqual(t, "status", status, http.StatusAccepted, text)
		w.idle()
		discount := func(b buyer) string { return w.state(b.code).Coupon.DiscountID }
		w.must(w.shop.RenameCode(discount(dead), "AGAIN"))
		w.must(w.shop.ActivateByHand(discount(dead)))
		w.must(w.shop.DeactivateByHand(discount(living)))
		w.must(w.shop.ActivateByHand(discount(living)))
		w.must(w.shop.DeactivateByHand(discount(off)))
		w.delivered()
		w.quiet()
		if w.shop.Usable("AGAIN") || !slices.Equal(w.Recorded(dead.code), []string{"discount.revived"}) {
			t.Errorf("a cancelled code: it can be spent %v, the audit says %v", w.shop.Usable("AGAIN"),
				w.Recorded(dead.code))
		}
		c := w.state(living.code).Coupon
		if d, _ := w.shop.Discount(c.DiscountID); d.EndsAt == nil || !d.EndsAt.Equal(c.ExpiresAt) ||
			c.EndSetUntil != nil {
			t.Errorf("a code that was switched off and on ends at %v, its coupon at %v", d.EndsAt, c.ExpiresAt)
		}
		if actions := w.Recorded(living.code); !slices.Contains(actions, "discount.end_lost") {
			t.Errorf("the audit says %v", actions)
		}
		if !slices.Equal(w.Recorded(off.code), []string{"discount.changed"}) || w.shop.Usable(off.code) {
			t.Errorf("a code that was switched off: the audit says %v", w.Recorded(off.code))
		}
		w.must(w.shop.ActivateByHand(discount(off)))
		w.delivered()
		w.agrees()
	})
}

// TestEditsOfACode: each edit of a code is told of at once, and found by the books.
func TestEditsOfACode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		two := int32(2)
		longer := func(d *simshopify.Discount) { at := d.EndsAt.Add(time.Hour); d.EndsAt = &at }
		for name, edit := range map[string]struct {
			change func(*simshopify.Discount)
			kind   books.Kind
		}{
			"another combination": {func(d *simshopify.Discount) { d.Combines.Shipping = true },
				books.CodeWrongTerms},
			"a minimum": {func(d *simshopify.Discount) { d.MinimumSubtotal = "9000" },
				books.CodeWrongTerms},
			"a number of items": {func(d *simshopify.Discount) { d.MinimumQuantity = "3" },
				books.CodeWrongTerms},
			"good twice":    {func(d *simshopify.Discount) { d.UsageLimit = &two }, books.CodeWrongTerms},
			"a longer life": {longer, books.CodeWrongTerms},
			"for everybody": {func(d *simshopify.Discount) { d.CustomerIDs = nil },
				books.CodeWrongCustomer},
			"worth more": {func(d *simshopify.Discount) { d.Amount = "5000" }, books.CodeWrongAmount},
			"a share": {func(d *simshopify.Discount) { d.Amount, d.Percentage = "", 0.5 },
				books.CodeWrongAmount},
			"the amount off every item": {func(d *simshopify.Discount) { d.AppliesOnEachItem = true },
				books.CodeWrongAmount},
		} {
			b := w.buyer()
			w.must(w.shop.EditDiscount(w.state(b.code).Coupon.DiscountID, edit.change))
			w.delivered()
			if kinds, actions := w.compared(b), w.Recorded(b.code); !slices.Equal(kinds, []books.Kind{edit.kind}) ||
				!slices.Equal(actions, []string{"discount.changed"}) {
				t.Errorf("%s: the books say %v, the audit %v", name, kinds, actions)
			}
		}
	})
}

// TestTagsOfACode: what a lost record is found by again stands on the discount, and took no second call.
func TestTagsOfACode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		b := w.buyer()
		d, _ := w.shop.DiscountByCode(b.code)
		want := []string{"pointbridge", "pb-member-" + b.member, "pb-points-500"}
		expect.Equal(t, "d.Tags", d.Tags, want)
	})
}

// firstCreate lets a merchant be first with the code of the first call.
type firstCreate struct {
	coupons.Shop
	before func(ctx context.Context, d coupons.Discount)
	once   *sync.Once
}

func (f firstCreate) CreateDiscount(ctx context.Context, d coupons.Discount) (string, error) {
	f.once.Do(func() { f.before(ctx, d) })
	return f.Shop.CreateDiscount(ctx, d)
}

// TestMerchantsOwnCodeIsLeftAlone: the text that is drawn is a merchant's own code for the very same customer.
func TestMerchantsOwnCodeIsLeftAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		b := w.buyer()
		theirs := ""
		real := w.App.Service.Shop
		w.App.Service.Shop = firstCreate{Shop: real, once: &sync.Once{}, before: func(ctx context.Context,
			d coupons.Discount) {
			d.Title, d.Tags = "For a good customer", nil
			id, err := real.CreateDiscount(ctx, d)
			if err != nil {
				t.Error(err)
			}
			theirs = id
		}}
		code := w.Coupon(b)
		own, ok := w.shop.Discount(theirs)
		if !ok || own.Status != "ACTIVE" || own.Code == code || w.state(code).Coupon.DiscountID == theirs {
			t.Errorf("theirs is %s %s, ours %s", own.Code, own.Status, code)
		}
		if balance, _ := w.POS.Balance(b.member); balance != 250 {
			t.Errorf("balance %d", balance)
		}
		if kinds := w.compared(b); len(kinds) > 0 {
			t.Errorf("the books say %v", kinds)
		}
	})
}
