package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

const orderID = "gid://shopify/Order/1"

// usedBy makes a coupon of 100 points that an order holds.
func usedBy(t *testing.T, s *store.Store, member, order string) domain.Coupon {
	t.Helper()
	c := active(t, s, pending(member, 100)).Coupon
	c.Status, c.UsedAt, c.UsedOrder, c.UsedOrderID = domain.Used, &noon, "#1001", order
	st, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: c,
		Audit: []domain.AuditEntry{{At: noon, Actor: "system", Action: "coupon.used", Code: c.Code,
			Outcome: domain.OutcomeDone}}})
	if err != nil {
		t.Fatal(err)
	}
	return st.Coupon
}

func voidedOrder(c domain.Coupon, kind reviews.Kind, reason string) reviews.VoidedOrder {
	part := ""
	if reason == reviews.ReasonPartiallyRefunded {
		part = reviews.PartRefund
	}
	return reviews.VoidedOrder{CouponID: c.ID, OrderID: orderID, OrderName: "#1001", Kind: kind, Reason: reason,
		Part: part, At: noon, Entry: domain.AuditEntry{At: noon, Actor: "system", Action: "order.voided", Code: c.Code,
			Outcome: domain.OutcomeDone, Detail: map[string]any{"reason": reason}}}
}

func (b bed) open(v reviews.VoidedOrder) reviews.Review {
	b.t.Helper()
	r, err := b.s.Coupons.OpenVoidedOrder(b.t.Context(), v)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

type bed struct {
	t *testing.T
	s *store.Store
}

// close decides a review without doing anything.
func (b bed) close(c domain.Coupon, id int64, outcome reviews.Outcome) coupons.State {
	b.t.Helper()
	st, err := b.s.Coupons.Load(b.t.Context(), c.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	st, err = b.s.Coupons.Commit(b.t.Context(), coupons.Change{Coupon: st.Coupon,
		Verdict: &reviews.Verdict{ReviewID: id, Outcome: outcome, Note: "n", By: "佐藤", Actor: "staff:1", At: noon}})
	if err != nil {
		b.t.Fatal(err)
	}
	return st
}

// covers: 000-09, 000-10, T-05
func TestVoidedOrders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		b := bed{t, s}
		c := usedBy(t, s, "1", orderID)
		part := b.open(voidedOrder(c, reviews.OrderRefunded, reviews.ReasonPartiallyRefunded))
		expect.MustEqual(t, "part.Kind", part.Kind, reviews.OrderRefunded)
		expect.MustEqual(t, "part.Reason", part.Reason, reviews.ReasonPartiallyRefunded)
		expect.MustEqual(t, "part.Open", part.Open, true)
		expect.MustEqual(t, "part.OrderID", part.OrderID, orderID)
		expect.MustEqual(t, "part.OrderName", part.OrderName, "#1001")
		expect.MustEqual(t, "part.Coupon.CustomerID", part.Coupon.CustomerID, "1")
		expect.MustEqual(t, "part.Coupon.Status", part.Coupon.Status, domain.Used)
		expect.MustEqual(t, "part.Coupon.Points", part.Coupon.Points, 100)
		expect.MustEqual(t, "part.RecentReviews", part.RecentReviews, 1)
		expect.MustEqual(t, "part.Outcomes(noon)", part.Outcomes(noon),
			[]reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeGrant, reviews.OutcomeRefuse})
		if _, err := s.Coupons.VoidedOrderOf(t.Context(), c.ID,
			orderID); domain.CodeOf(err) != domain.CodeReviewNotFound {
			t.Errorf("a part is taken for the whole: %v", err)
		}
		whole := b.open(voidedOrder(c, reviews.OrderRefunded, reviews.ReasonRefunded))
		expect.Equal(t, "whole.ID", whole.ID, part.ID)
		expect.Equal(t, "whole.Reason", whole.Reason, reviews.ReasonRefunded)
		for _, v := range []reviews.VoidedOrder{voidedOrder(c, reviews.OrderCancelled, "declined"),
			voidedOrder(c, reviews.OrderRefunded, reviews.ReasonRefunded),
			voidedOrder(c, reviews.OrderRefunded, reviews.ReasonPartiallyRefunded)} {
			if got := b.open(v); got.ID != part.ID || got.Kind != reviews.OrderCancelled ||
				got.Reason != "declined" {
				t.Errorf("after %s: %+v", v.Reason, got)
			}
		}
		{
			got, err := s.Coupons.VoidedOrderOf(t.Context(), c.ID, orderID)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "got.ID", got.ID, part.ID)
		}
		b.close(c, part.ID, reviews.OutcomeRefuse)
		if got := b.open(voidedOrder(c, reviews.OrderCancelled, "declined")); got.ID != part.ID || got.Open {
			t.Errorf("a closed review is opened again: %+v", got)
		}
		history, err := s.Coupons.History(t.Context(), c.ID)
		voided := slices.DeleteFunc(history, func(e domain.AuditEntry) bool { return e.Action != "order.voided" })
		if err != nil || len(voided) != 3 {
			t.Errorf("%d lines for three things that happened, %v", len(voided), err)
		}
		other := usedBy(t, s, "1", "gid://shopify/Order/2")
		part = b.open(voidedOrder(other, reviews.OrderRefunded, reviews.ReasonPartiallyRefunded))
		b.close(other, part.ID, reviews.OutcomeRefuse)
		if got := b.open(voidedOrder(other, reviews.OrderCancelled, "staff")); got.ID == part.ID || !got.Open ||
			got.RecentReviews != 3 {
			t.Errorf("a refused part hides the whole: %+v", got)
		}
		got, err := s.Coupons.UsedBy(t.Context(), orderID)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(got)", len(got), 1, got)
		expect.Equal(t, "got[0].ID", got[0].ID, c.ID)
		good := active(t, s, pending("1", 100)).Coupon
		got, err = s.Coupons.ActiveOf(t.Context(), "gid://shopify/Customer/1")
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(got)", len(got), 1, got)
		expect.Equal(t, "got[0].ID", got[0].ID, good.ID)
		for _, none := range []string{"", "gid://shopify/Order/9"} {
			got, err := s.Coupons.UsedBy(t.Context(), none)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "len(got)", len(got), 0, got)
		}
	})
}

// TestPartsOfAnOrder: each refund, the payment and a code in another order have reviews of their own, which hide
// nothing; the newest state of the order's money stands in those that are open.
func TestPartsOfAnOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		b := bed{t, s}
		c := usedBy(t, s, "1", orderID)
		part := func(kind reviews.Kind, part, reason string) reviews.VoidedOrder {
			v := voidedOrder(c, kind, reason)
			v.Part, v.Payment, v.SeenAt = part, domain.PaymentExpired, noon
			return v
		}
		refund := func(id string, minor int64) reviews.VoidedOrder {
			v := part(reviews.OrderRefunded, id, reviews.ReasonPartiallyRefunded)
			v.Refund = domain.OrderRefund{ID: id, Amount: domain.Money{Minor: minor, Currency: "JPY"}, At: noon}
			return v
		}
		first := b.open(refund("gid://shopify/Refund/1", 300))
		b.close(c, first.ID, reviews.OutcomeRefuse)
		second, unpaid := b.open(refund("gid://shopify/Refund/2", 900)),
			b.open(part(reviews.OrderUnpaid, reviews.PartUnpaid, reviews.ReasonPaymentExpired))
		elsewhere := b.open(part(reviews.CodeElsewhere, reviews.PartCode, reviews.LookSecondOrder))
		if first.ID == second.ID || second.RefundID != "gid://shopify/Refund/2" ||
			second.Refunded != (domain.Money{Minor: 900, Currency: "JPY"}) ||
			second.Payment != domain.PaymentExpired || unpaid.Kind != reviews.OrderUnpaid ||
			elsewhere.Kind != reviews.CodeElsewhere {
			t.Fatalf("the second refund is review %d with %v and payment %s", second.ID, second.Refunded,
				second.Payment)
		}
		if again := b.open(refund("gid://shopify/Refund/1", 300)); again.ID != first.ID || again.Open {
			t.Error("a refund that was decided is open again")
		}
		whole := voidedOrder(c, reviews.OrderCancelled, "staff")
		whole.Payment, whole.SeenAt = domain.PaymentPaid, noon.Add(time.Minute)
		if got := b.open(whole); got.ID != unpaid.ID || got.Kind != reviews.OrderCancelled ||
			got.Payment != domain.PaymentPaid {
			t.Errorf("the whole order is review %d, %s, payment %s", got.ID, got.Kind, got.Payment)
		}
		if err := errors.Join(s.Coupons.NotePayment(t.Context(), c.ID, orderID, domain.PaymentRefunded,
			noon.Add(2*time.Minute)),
			s.Coupons.NotePayment(t.Context(), c.ID, orderID, domain.PaymentPaid, noon)); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[int64]domain.Payment{first.ID: domain.PaymentExpired,
			second.ID: domain.PaymentRefunded,
			unpaid.ID: domain.PaymentRefunded, elsewhere.ID: domain.PaymentRefunded} {
			if got, err := s.Reviews.Review(t.Context(), id); err != nil || got.Payment != want {
				t.Errorf("review %d says payment %s, %v", id, got.Payment, err)
			}
		}
	})
}

// TestVoidedOrdersAtOnce tells of the same order from many places at once.
// covers: 000-07
func TestVoidedOrdersAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		c := usedBy(t, s, "1", orderID)
		var wg sync.WaitGroup
		for n := range 30 {
			wg.Go(func() {
				v := voidedOrder(c, reviews.OrderCancelled, "customer")
				if n%2 == 0 {
					v = voidedOrder(c, reviews.OrderRefunded, reviews.ReasonRefunded)
				}
				if _, err := s.Coupons.OpenVoidedOrder(t.Context(), v); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list, err := s.Reviews.Reviews(t.Context(), reviews.Filter{Limit: 10})
		if err != nil || len(list) != 1 || list[0].Kind != reviews.OrderCancelled {
			t.Errorf("the reviews are %+v, %v", list, err)
		}
	})
}

// reissued is the change that replaces a coupon.
func reissued(old domain.Coupon, code string) coupons.Change {
	next := domain.Coupon{Code: code, Status: domain.Pending, CustomerID: old.CustomerID,
		ShopifyCustomerGID: old.ShopifyCustomerGID, Points: old.Points, Amount: old.Amount, Rate: old.Rate,
		CreatedAt: noon, ExpiresAt: noon.Add(time.Hour), LeaseUntil: noon, ReissuedFrom: old.Code,
		FirstCode: old.TakenAs()}
	line := []domain.AuditEntry{{At: noon, Actor: "staff:1", Action: "reissue.started", Code: code,
		Outcome: domain.OutcomeDone}}
	old.SupersededBy = code
	return coupons.Change{Coupon: old, Audit: line, Also: []coupons.Change{{Coupon: next, Audit: line}}}
}

func granted(old domain.Coupon) coupons.Change {
	old.Unfinished = true
	return coupons.Change{Coupon: old, Movements: []domain.Movement{{CouponID: old.ID, CustomerID: old.CustomerID,
		Kind: domain.Grant, State: domain.MovementOpen, Points: old.Points, Reference: domain.GrantReference(old.Code),
		RelatedReference: domain.TakeReference(old.Code), Key: "grant-" + old.Code, Reason: domain.ReasonGrant,
		CreatedAt: noon}}}
}

// TestOneWayToItsValue holds what the database itself refuses, whatever a program may ask for.
// covers: 000-02, 004-33, T-05
func TestOneWayToItsValue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		for _, id := range []string{"1", "2", "3", "4"} {
			customer(t, s, id)
		}
		commit := func(ch coupons.Change) (coupons.State, error) { return s.Coupons.Commit(t.Context(), ch) }
		one := usedBy(t, s, "1", orderID)
		st, err := commit(reissued(one, "1-AAAAAA-100"))
		if err != nil {
			t.Fatal(err)
		}
		next, err := s.Coupons.ByCode(t.Context(), "1-AAAAAA-100")
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "next.Coupon.Status", next.Coupon.Status, domain.Pending)
		expect.MustEqual(t, "next.Coupon.ReissuedFrom", next.Coupon.ReissuedFrom, one.Code)
		expect.MustEqual(t, "next.Coupon.FirstCode", next.Coupon.FirstCode, one.Code)
		expect.MustEqual(t, "len(next.Movements)", len(next.Movements), 0)
		if _, err := commit(granted(st.Coupon)); err == nil {
			t.Error("points were granted for a coupon that was replaced")
		}
		if _, err := commit(reissued(st.Coupon, "1-BBBBBB-100")); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("a coupon was replaced twice: %v", err)
		}
		failed, old := next.Coupon, st.Coupon
		failed.Status, old.SupersededBy = domain.Failed, ""
		if _, err := commit(coupons.Change{Coupon: failed,
			Also: []coupons.Change{{Coupon: old, Reopened: &reviews.Reopened{Outcome: reviews.OutcomeReissue,
				Problem: "p"}}}}); err != nil {
			t.Fatal(err)
		}
		old.Version++
		if _, err := commit(reissued(old, "1-CCCCCC-100")); err != nil {
			t.Errorf("after a failed replacement: %v", err)
		}
		two := usedBy(t, s, "2", orderID)
		if st, err = commit(granted(two)); err != nil {
			t.Fatal(err)
		}
		if _, err := commit(reissued(st.Coupon, "2-AAAAAA-100")); err == nil {
			t.Error("a coupon was replaced whose points were granted")
		}
		if got, err := s.Coupons.ByCode(t.Context(), "2-AAAAAA-100"); domain.CodeOf(err) != domain.CodeCouponNotFound {
			t.Errorf("half a change was written: %+v", got)
		}
		if _, err := commit(granted(active(t, s, pending("3", 100)).Coupon)); err == nil {
			t.Error("points were granted for a code that is good")
		}
		stale := usedBy(t, s, "4", orderID)
		stale.Version--
		_, err = commit(reissued(stale, "4-AAAAAA-100"))
		expect.That(t, "err to be domain.ErrConflict", errors.Is(err, domain.ErrConflict), err)
	})
}

// TestRemediesInParallel lets many people decide about the same review at once, and keeps a cap over several.
// covers: 004-56, T-05
func TestRemediesInParallel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		b := bed{t, s}
		var found []reviews.Review
		for n := range 6 {
			id := fmt.Sprint(n)
			customer(t, s, id)
			found = append(found, b.open(voidedOrder(usedBy(t, s, id, orderID), reviews.OrderCancelled,
				"customer")))
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won, within := 0, 0
		decide := func(r reviews.Review, key string, reissue bool, capped bool, count *int) {
			q := question(r.Code, key)
			q.ReviewID, q.Capped = r.ID, capped
			q.Actor, q.Request.CallerID = map[bool]string{true: "staff:1", false: "staff:" + key}[capped], key
			_, err := retried(t.Context(), s, q, func(k coupons.Locked) (coupons.Change, error) {
				if !k.Review.Open || capped && k.MovedToday+k.State.Coupon.Points > 300 {
					return coupons.Change{}, domain.Refuse(domain.CodeReviewDecided)
				}
				ch, outcome := granted(k.State.Coupon), reviews.OutcomeGrant
				if reissue {
					ch, outcome = reissued(k.State.Coupon, fmt.Sprintf("%s-AAAAAA-%s", r.Coupon.CustomerID,
						key[1:])), reviews.OutcomeReissue
				}
				ch.Verdict = &reviews.Verdict{ReviewID: r.ID, Outcome: outcome, By: "佐藤", Actor: q.Actor, At: noon}
				return ch, nil
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				*count++
			} else if domain.CodeOf(err) != domain.CodeReviewDecided {
				t.Error(err)
			}
		}
		for n := range 20 {
			wg.Go(func() { decide(found[0], fmt.Sprint("a", n), n%2 == 0, false, &won) })
		}
		for n, r := range found[1:] {
			wg.Go(func() { decide(r, fmt.Sprint("b", n), n%2 == 0, true, &within) })
		}
		wg.Wait()
		if won != 1 || within != 3 {
			t.Errorf("%d of twenty won; %d times 100 points were given under a cap of 300", won, within)
		}
	})
}

// TestAReviewOpenAgain shows what stands in a review whose decision could not be carried out, and in one that waits for
// a second person.
// covers: 000-14
func TestAReviewOpenAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		b := bed{t, s}
		c := usedBy(t, s, "1", orderID)
		r := b.open(voidedOrder(c, reviews.OrderCancelled, "customer"))
		st, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: c, Proposal: &reviews.Proposal{ReviewID: r.ID,
			Outcome: reviews.OutcomeReissue, Note: "良い", By: "佐藤", Actor: "staff:1", At: noon}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Reviews.Review(t.Context(), r.ID)
		p := got.Proposal
		expect.MustEqual(t, "err", err, nil)
		expect.MustThat(t, "p != nil", p != nil)
		expect.MustEqual(t, "p.Outcome", p.Outcome, reviews.OutcomeReissue)
		expect.MustEqual(t, "p.Note", p.Note, "良い")
		expect.MustEqual(t, "p.By", p.By, "佐藤")
		expect.MustEqual(t, "p.Actor", p.Actor, "staff:1")
		expect.MustThat(t, "p.At to equal noon", p.At.Equal(noon), noon, p.At)
		expect.MustEqual(t, "got.Open", got.Open, true)
		ch := reissued(st.Coupon, "1-AAAAAA-100")
		ch.Verdict = &reviews.Verdict{ReviewID: r.ID, Outcome: reviews.OutcomeReissue, By: "鈴木", Actor: "staff:2",
			At: noon}
		if st, err = s.Coupons.Commit(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
		got, err = s.Reviews.Review(t.Context(), r.ID)
		if err != nil || got.Open || got.DecidedBy != "鈴木" || !slices.Equal(got.Coupon.Chain,
			[]string{c.Code, "1-AAAAAA-100"}) || got.Coupon.SupersededBy != "1-AAAAAA-100" {
			t.Fatalf("the decided review is %+v, %v", got, err)
		}
		old := st.Coupon
		old.SupersededBy = ""
		if _, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: old,
			Reopened: &reviews.Reopened{Outcome: reviews.OutcomeReissue, Problem: "customer_gone"}}); err != nil {
			t.Fatal(err)
		}
		got, err = s.Reviews.Review(t.Context(), r.ID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.Open", got.Open, true)
		expect.Equal(t, "got.Problem", got.Problem, "customer_gone")
		expect.Equal(t, "got.Outcome", got.Outcome, "")
		expect.Equal(t, "got.DecidedBy", got.DecidedBy, "")
		expect.MustEqual(t, "got.DecidedAt", got.DecidedAt, nil)
		expect.Equal(t, "got.Proposal", got.Proposal, nil)
		spent, err := s.Members.SpentSince(t.Context(), "1", noon.Add(-time.Hour))
		if err != nil || spent != 100 {
			t.Errorf("a reissue counts towards the day: %d, %v", spent, err)
		}
	})
}

// TestTwoVoidedOrders: a code that was never counted can stand in several orders. Each is a review of its
// own; that one is open already must not keep the other, and every order read after it, from being looked at.
// covers: 000-09
func TestTwoVoidedOrders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := bed{t, db.Open(t, now, nil)}
		customer(t, b.s, "1")
		c := active(t, b.s, pending("1", 100)).Coupon
		first := b.open(voidedOrder(c, reviews.OrderRefunded, reviews.ReasonRefunded))
		other := voidedOrder(c, reviews.OrderCancelled, "customer")
		other.OrderID, other.OrderName = "gid://shopify/Order/2", "#1002"
		second := b.open(other)
		again := b.open(voidedOrder(c, reviews.OrderCancelled, "staff"))
		expect.That(t, "second.ID != first.ID", second.ID != first.ID, second.ID)
		expect.Equal(t, "again.ID", again.ID, first.ID)
		expect.Equal(t, "second.Open", second.Open, true)
		expect.Equal(t, "second.OrderName", second.OrderName, "#1002")
		expect.Equal(t, "again.Kind", again.Kind, reviews.OrderCancelled)
		if r := b.open(other); r.ID != second.ID {
			t.Errorf("told again, it is review %d", r.ID)
		}
	})
}
