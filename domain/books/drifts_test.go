package books_test

import (
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
	"pointbridge/domain/orders"
	"pointbridge/test/expect"
)

var all = books.Options{}

// sound is a member with a coupon in every state of rest.
func sound(t *testing.T) *world {
	w := newWorld(t)
	for _, status := range []domain.Status{domain.Active, domain.Used, domain.Expired, domain.Cancelled,
		domain.Suspended, domain.Forfeited, domain.Failed} {
		w.coupon("1", status)
	}
	w.book("1", 30, "", "")
	w.book("1", 30, "RECEIPT-7", "")
	w.written("1")
	return w
}

func (w *world) of(status domain.Status) *coupons.State {
	w.t.Helper()
	for i := range w.states["1"] {
		if st := &w.states["1"][i]; st.Coupon.Status == status {
			return st
		}
	}
	w.t.Fatalf("no coupon is %s", status)
	return nil
}

func (w *world) discount(st *coupons.State) *coupons.FoundDiscount { return w.codes[st.Coupon.Code] }

// unbook removes the POS's entry.
func (w *world) unbook(reference string) {
	list := w.entries["1"]
	for i, e := range list {
		if e.Reference == reference {
			w.entries["1"] = append(list[:i:i], list[i+1:]...)
			return
		}
	}
	w.t.Fatalf("%s is not booked", reference)
}

// covers: 004-37
func TestDrifts(t *testing.T) {
	t.Parallel()
	ago := func(w *world, d time.Duration) *time.Time { at := w.clock.Now().Add(-d); return &at }
	for _, c := range []struct {
		name  string
		kind  books.Kind // empty: nothing is wrong
		plant func(w *world)
	}{
		{"nothing", "", func(*world) {}},
		{"a conversion is not in the POS", books.MovementMissing,
			func(w *world) { w.unbook(domain.TakeReference(w.of(domain.Active).Coupon.Code)) }},
		{"a refund is not in the POS", books.MovementMissing,
			func(w *world) { w.unbook(domain.GiveBackReference(w.of(domain.Cancelled).Coupon.Code)) }},
		{"a refund is in the POS twice", books.MovementDoubled, func(w *world) {
			w.book("1", 500, domain.GiveBackReference(w.of(domain.Cancelled).Coupon.Code), "")
		}},
		{"the POS took fewer points", books.MovementAmount,
			func(w *world) { w.entries["1"][len(w.entries["1"])-1].Points = -400 }},
		{"the POS gave where it should have taken", books.MovementAmount,
			func(w *world) { w.entries["1"][len(w.entries["1"])-1].Points = 500 }},
		{"somebody's conversion", books.MovementUnknown, func(w *world) { w.book("1", -500, "COUPON-1-ZZZZZZ-500", "") }},
		{"somebody's grant for a conversion of ours", books.MovementUnknown, func(w *world) {
			used := w.of(domain.Used).Coupon.Code
			w.book("1", 500, domain.GrantReference(used), domain.TakeReference(used))
		}},
		{"points taken again without us", books.MovementUnknown,
			func(w *world) { w.book("1", -500, "RETAKE-1-ZZZZZZ-500", "") }},
		{"the POS made what we hold for refused", books.MovementUnknown, func(w *world) {
			st := w.of(domain.Failed)
			st.Movements[0].State, st.Movements = domain.MovementRefused, st.Movements[:1]
			w.unbook(domain.GiveBackReference(st.Coupon.Code))
		}},
		{"somebody's refund", books.RefundWithoutConversion, func(w *world) { w.book("1", 500, "CANCEL-1-ZZZZZZ-500", "") }},
		{"somebody's grant", books.RefundWithoutConversion, func(w *world) { w.book("1", 500, "GRANT-1-ZZZZZZ-500", "COUPON-1-ZZZZZZ-500") }},
		{"our refund of what was never taken", books.RefundWithoutConversion, func(w *world) {
			st := w.of(domain.Failed)
			st.Movements[0].State = domain.MovementRefused
			w.unbook(domain.TakeReference(st.Coupon.Code))
		}},
		{"a cancelled code is alive", books.CodeAliveThoughEnded,
			func(w *world) { w.discount(w.of(domain.Cancelled)).Status = "ACTIVE" }},
		{"a suspended code is alive", books.CodeAliveThoughEnded,
			func(w *world) { w.discount(w.of(domain.Suspended)).Status = "ACTIVE" }},
		{"a forfeited code is alive", books.CodeAliveThoughEnded,
			func(w *world) { w.discount(w.of(domain.Forfeited)).Status = "ACTIVE" }},
		{"the code of a failed conversion is alive", books.CodeAliveThoughEnded,
			func(w *world) { w.discount(w.of(domain.Failed)).Status = "ACTIVE" }},
		{"an expired code is alive", books.CodeAliveThoughExpired, func(w *world) {
			st := w.of(domain.Expired)
			st.Coupon.ExpiresAt, w.discount(st).Status = *ago(w, time.Hour), "ACTIVE"
			w.written("1")
		}},
		{"a code that has just expired", "", func(w *world) {
			st := w.of(domain.Expired)
			st.Coupon.ExpiresAt, w.discount(st).Status = *ago(w, time.Second), "ACTIVE"
			w.written("1")
		}},
		{"an active code is ended in Shopify", books.CodeDeactivatedThoughActive,
			func(w *world) { w.discount(w.of(domain.Active)).Status = "EXPIRED" }},
		{"an active code is not in Shopify", books.CodeDeactivatedThoughActive,
			func(w *world) { delete(w.codes, w.of(domain.Active).Coupon.Code) }},
		{"an active code is a discount of another kind", books.CodeDeactivatedThoughActive, func(w *world) {
			*w.discount(w.of(domain.Active)) = coupons.FoundDiscount{ID: "x"}
		}},
		{"old codes are not in Shopify", "", func(w *world) {
			for _, status := range []domain.Status{domain.Used, domain.Expired, domain.Cancelled, domain.Failed,
				domain.Forfeited, domain.Suspended} {
				delete(w.codes, w.of(status).Coupon.Code)
			}
		}},
		{"the code is bound to somebody else", books.CodeWrongCustomer,
			func(w *world) { w.discount(w.of(domain.Active)).CustomerGID = gid("2") }},
		{"the code is bound to one more", books.CodeWrongCustomer,
			func(w *world) { w.discount(w.of(domain.Active)).CustomerCount = 2 }},
		{"the code is for everybody", books.CodeWrongCustomer, func(w *world) {
			d := w.discount(w.of(domain.Active))
			d.CustomerGID, d.CustomerCount = "", 0
		}},
		{"the code is worth more", books.CodeWrongAmount,
			func(w *world) { w.discount(w.of(domain.Active)).Amount.Minor = 5000 }},
		{"the code is in another currency", books.CodeWrongAmount,
			func(w *world) { w.discount(w.of(domain.Active)).Amount.Currency = "USD" }},
		{"the code is good twice", books.CodeWrongTerms,
			func(w *world) { w.discount(w.of(domain.Active)).UsageLimit = 2 }},
		{"the code lasts longer", books.CodeWrongTerms,
			func(w *world) { w.discount(w.of(domain.Active)).EndsAt = w.clock.Now().Add(9999 * time.Hour) }},
		{"an order holds an active code", books.UsedButActive, func(w *world) { w.ordered(domain.Active, time.Hour) }},
		{"an order holds an expired code", books.UsedButActive,
			func(w *world) { w.ordered(domain.Expired, time.Hour) }},
		{"an order holds a suspended code", books.UsedButActive, func(w *world) { w.ordered(domain.Suspended, time.Hour) }},
		{"only the count knows of a use", books.UsedButActive,
			func(w *world) { w.discount(w.of(domain.Active)).Usage = 1 }},
		{"an order of this minute", "", func(w *world) { w.ordered(domain.Active, time.Second) }},
		{"an order holds a cancelled code", books.UsedAfterRefund, func(w *world) { w.ordered(domain.Cancelled, time.Hour) }},
		{"an order holds the code of a failed conversion", books.UsedAfterRefund,
			func(w *world) { w.ordered(domain.Failed, time.Hour) }},
		{"an order after a refund that a person knows of", "", func(w *world) {
			w.ordered(domain.Cancelled, time.Hour)
			w.of(domain.Cancelled).Coupon.UsedAt = ago(w, time.Hour)
		}},
		{"a code that was somebody else's from the start", "", func(w *world) {
			w.ordered(domain.Failed, time.Hour)
			w.of(domain.Failed).Coupon.Failure = &domain.Failure{Code: domain.CodeConversionFailed,
				Detail: domain.ReasonCodeTaken}
		}},
		{"used here only", books.UsedWithoutOrder, func(w *world) { w.discount(w.of(domain.Used)).Usage = 0 }},
		{"a used code is good once more", books.CodeWrongTerms,
			func(w *world) { w.discount(w.of(domain.Used)).UsageLimit = 2 }},
		{"a used code is good for ever", books.CodeWrongTerms,
			func(w *world) { w.discount(w.of(domain.Used)).UsageLimit = 0 }},
		{"a used code was used twice", books.CodeWrongTerms, func(w *world) {
			d := w.discount(w.of(domain.Used))
			d.UsageLimit, d.Usage, d.Status = 2, 2, "EXPIRED"
		}},
		{"a used code was made good for more, and ended", "", func(w *world) {
			d := w.discount(w.of(domain.Used))
			d.UsageLimit, d.Status = 2, "EXPIRED"
		}},
		{"used here, and the count is late", "", func(w *world) {
			w.discount(w.of(domain.Used)).Usage = 0
			w.of(domain.Used).Coupon.UsedAt = ago(w, time.Minute)
			w.written("1")
		}},
		{"removed from Shopify long ago", "", func(w *world) {
			st := w.of(domain.Cancelled)
			st.Coupon.DiscountDeletedAt, w.discount(st).Status = ago(w, time.Hour), "ACTIVE"
		}},
		{"the metafield is behind", books.MetafieldStale,
			func(w *world) { w.members["1"].Wanted++; w.members["1"].ChangedAt = ago(w, time.Hour) }},
		{"the metafield is being written", "",
			func(w *world) { w.members["1"].Wanted++; w.members["1"].ChangedAt = ago(w, time.Second) }},
		{"the metafield was edited", books.MetafieldEdited,
			func(w *world) { w.fields[gid("1")] = strings.Replace(w.fields[gid("1")], "500", "900", 1) }},
		{"the metafield was removed", books.MetafieldEdited, func(w *world) { w.fields[gid("1")] = "" }},
		{"the metafield is no list", books.MetafieldEdited, func(w *world) { w.fields[gid("1")] = "{" }},
		{"the metafield has other spaces", "",
			func(w *world) { w.fields[gid("1")] = strings.ReplaceAll(w.fields[gid("1")], ",", " ,\n") }},
		{"an end that has just passed is not written down yet", "", func(w *world) {
			st := w.of(domain.Active)
			st.Coupon.ExpiresAt = *ago(w, time.Second)
			w.discount(st).Status = "EXPIRED"
			value, _ := metafields.Value(w.listed("1"), time.Time{})
			w.fields[gid("1")] = string(value)
		}},
		{"the store has no such customer", books.CustomerGone, func(w *world) { w.fields[gid("1")] = "gone" }},
		{"a member who is not linked", "", func(w *world) { w.members["1"].CustomerGID = ""; w.members["1"].Wanted++ }},
		{"left on the way", books.Stuck, func(w *world) { w.onTheWay(-time.Hour) }},
		{"failing again and again", books.Stuck, func(w *world) { w.onTheWay(time.Second).Coupon.Attempts = 15 }},
		{"failing", "", func(w *world) { w.onTheWay(time.Second).Coupon.Attempts = 14 }},
		{"on the way", "", func(w *world) { w.onTheWay(time.Second) }},
		{"on the way, between two tries", "", func(w *world) { w.onTheWay(-time.Minute) }},
		{"parked", books.Parked, func(w *world) { w.onTheWay(-time.Hour).Coupon.ParkedAt = ago(w, time.Hour) }},
		{"a reissue without its successor", books.SumMismatch,
			func(w *world) { w.of(domain.Used).Coupon.SupersededBy = "X" }},
		{"a whole chain", "", func(w *world) {
			w.of(domain.Used).Coupon.SupersededBy = "X"
			last := w.coupon("1", domain.Active)
			last.Coupon.ReissuedFrom = w.of(domain.Used).Coupon.Code
			w.unbook(last.Movements[0].Reference)
			last.Movements = nil
			w.written("1")
		}},
		{"a used coupon whose points were granted again", "", func(w *world) {
			st := w.of(domain.Used)
			w.moves(st, domain.Grant, domain.GrantReference(st.Coupon.Code), domain.TakeReference(st.Coupon.Code))
		}},
		{"a cancelled coupon whose points were taken again", "", func(w *world) {
			st := w.of(domain.Cancelled)
			st.Coupon.UsedAt = ago(w, time.Hour)
			w.moves(st, domain.TakeBack, domain.TakeBackReference(st.Coupon.Code), "")
		}},
		{"a status that was changed behind our back", books.SumMismatch, func(w *world) {
			w.of(domain.Expired).Coupon.Status = domain.Failed
			w.written("1")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := sound(t)
			w.finds(all)
			c.plant(w)
			if c.kind == "" {
				w.finds(all)
				return
			}
			d := w.finds(all, c.kind)[0]
			if d.CustomerID != "1" || len(w.fixes) != 0 || len(w.used) != 0 || w.asked["deactivate"] != 0 {
				t.Fatalf("looking changed something: %+v", d)
			}
			w.mended(c.kind)
		})
	}
}

// mended repairs twice: what is safe is gone or being done the second time, and nothing else was touched.
func (w *world) mended(kind books.Kind) {
	w.t.Helper()
	d := w.finds(books.Options{Repair: true}, kind)[0]
	expect.MustEqual(w.t, "d.Repaired", d.Repaired, kind.Safe())
	expect.MustEqual(w.t, "d.Fault", d.Fault, nil)
	expect.MustThat(w.t, "len(w.fixes) <= 1", len(w.fixes) <= 1, len(w.fixes))
	if !kind.Safe() {
		return
	}
	f := w.fixes[0]
	if f.Entry.Action != "books.repaired" || f.Entry.Detail["kind"] != string(kind) || f.Entry.CustomerID != "1" ||
		f.Entry.From != f.Entry.To {
		w.t.Fatalf("recorded as %+v", f.Entry)
	}
	used, ended := len(w.used), w.asked["deactivate"]
	w.run(books.Options{Repair: true})
	for _, again := range w.fixes[1:] {
		if again.Entry.Action != "" || again.Renew != "" {
			w.t.Fatalf("the second repair recorded %+v", again)
		}
	}
	if len(w.used) != used || w.asked["deactivate"] != ended {
		w.t.Fatal("the second repair acted again")
	}
}

// ordered places an order that holds a coupon's code.
func (w *world) ordered(status domain.Status, ago time.Duration) {
	st := w.of(status)
	w.orders[st.Coupon.Code] = &orders.Order{ID: "gid://shopify/Order/1", Name: "#1001",
		CreatedAt: w.clock.Now().Add(-ago), Codes: []string{st.Coupon.Code}}
}

// onTheWay is a conversion whose points may or may not be taken; its lease ends in the given time.
func (w *world) onTheWay(lease time.Duration) *coupons.State {
	st := w.coupon("1", domain.Pending)
	st.Movements[0].State = domain.MovementOpen
	st.Coupon.LeaseUntil = w.clock.Now().Add(lease)
	return st
}
