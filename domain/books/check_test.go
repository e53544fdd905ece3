package books_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/test/expect"
)

func TestLooksTwice(t *testing.T) {
	t.Parallel()
	w := sound(t)
	taken := w.of(domain.Active).Movements[0].Reference
	w.unbook(taken)
	looks := 0
	w.onLook = func() {
		if looks++; looks == 2 { // the POS catches up
			w.book("1", -500, taken, "")
		}
	}
	began := w.clock.Now()
	w.finds(all)
	if looks != 2 || w.clock.Now().Sub(began) < w.timing.Pause {
		t.Fatalf("%d looks in %s", looks, w.clock.Now().Sub(began))
	}
	w.onLook = func() { // a new difference at the second look is the next comparison's
		if looks++; looks == 4 {
			w.discount(w.of(domain.Active)).Amount.Minor = 1
		}
	}
	w.members["1"].Wanted++
	w.finds(all, books.MetafieldStale)
}

func TestMovingIsCounted(t *testing.T) {
	t.Parallel()
	w := sound(t)
	w.onTheWay(time.Second)
	w.ordered(domain.Active, time.Second)
	_, sum := w.run(all)
	expect.MustEqual(t, "sum.Moving", sum.Moving, 2)
	expect.MustEqual(t, "sum.Coupons", sum.Coupons, 8)
	expect.MustEqual(t, "sum.Customers", sum.Customers, 1)
}

func TestSomebodyElsesCodeIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := sound(t)
	d := w.discount(w.of(domain.Cancelled))
	d.ID, d.CustomerGID, d.Status = "another", gid("2"), "ACTIVE"
	got := w.finds(books.Options{Repair: true}, books.CodeAliveThoughEnded)[0]
	expect.MustEqual(t, "got.Repaired", got.Repaired, false)
	expect.MustEqual(t, "got.Safe()", got.Safe(), false)
	expect.MustEqual(t, `w.asked["deactivate"]`, w.asked["deactivate"], 0)
	expect.MustThat(t, `got.Repair() to begin with "None by itself"`, strings.HasPrefix(got.Repair(), "None by itself"),
		got.Repair)
}

func TestRepairThatFails(t *testing.T) {
	t.Parallel()
	w := sound(t)
	w.ordered(domain.Active, time.Hour)
	w.refuse["use"] = domain.ErrConflict
	got := w.finds(books.Options{Repair: true}, books.UsedButActive)[0]
	expect.MustEqual(t, "got.Repaired", got.Repaired, false)
	expect.MustThat(t, "got.Fault to be domain.ErrConflict", errors.Is(got.Fault, domain.ErrConflict), got.Fault)
	expect.MustEqual(t, "len(w.fixes)", len(w.fixes), 0, w.fixes)
	w.refuse = map[string]error{}
	got = w.finds(books.Options{Repair: true}, books.UsedButActive)[0]
	expect.MustEqual(t, "got.Repaired", got.Repaired, true)
	expect.MustEqual(t, "len(w.used)", len(w.used), 1, w.used)
	expect.MustEqual(t, "w.used[0].OrderName", w.used[0].OrderName, "#1001")
	expect.MustThat(t, `w.used[0].OrderID != ""`, w.used[0].OrderID != "")
}

func TestStuckIsAskedForAgainOnce(t *testing.T) {
	t.Parallel()
	w := sound(t)
	st := w.onTheWay(-time.Hour)
	for range 3 {
		w.finds(books.Options{Repair: true}, books.Stuck)
	}
	expect.MustEqual(t, "len(w.fixes)", len(w.fixes), 3, w.fixes)
	expect.MustEqual(t, "w.fixes[2].Entry.Action", w.fixes[2].Entry.Action, "")
	expect.MustEqual(t, "w.fixes[2].Jobs[0].CouponID", w.fixes[2].Jobs[0].CouponID, st.Coupon.ID)
	expect.MustEqual(t, "w.fixes[2].Jobs[0].Kind", w.fixes[2].Jobs[0].Kind, domain.JobAdvance)
	w.clock.Advance(time.Hour)
	st.Coupon.LeaseUntil = w.clock.Now() // somebody tried meanwhile, and let go
	w.clock.Advance(time.Hour)
	w.finds(books.Options{Repair: true}, books.Stuck)
	if w.fixes[3].Entry.Action == "" {
		t.Fatal("a second time of being stuck is not in the audit")
	}
}

func upstream(kind domain.Kind, wait time.Duration) error {
	return &domain.UpstreamError{Kind: kind, Upstream: "x", Act: "x", RetryAfter: wait}
}

// covers: 004-37
func TestIncomplete(t *testing.T) {
	t.Parallel()
	for _, act := range []string{"pos", "find", "usage", "field_read"} {
		for _, kind := range []domain.Kind{domain.KindUnknown, domain.KindUnavailable, domain.KindThrottled,
			domain.KindAuth, domain.KindRefused} {
			t.Run(fmt.Sprintf("%s is %s", act, kind), func(t *testing.T) {
				t.Parallel()
				w := sound(t)
				w.refuse[act] = upstream(kind, 0)
				var gaps []books.Gap
				sum, err := w.checker().Run(t.Context(), all,
					books.Sink{Gap: func(g books.Gap) { gaps = append(gaps, g) }})
				expect.MustEqual(t, "err", err, nil)
				expect.MustEqual(t, "sum.Incomplete()", sum.Incomplete(), true)
				expect.MustEqual(t, "sum.Gaps", sum.Gaps, len(gaps))
				expect.MustThat(t, "len(gaps) != 0", len(gaps) != 0, gaps)
				expect.MustThat(t, "gaps[0].Cause to contain string(kind)",
					strings.Contains(gaps[0].Cause, string(kind)), string(kind), gaps[0].Cause)
				expect.MustEqual(t, "sum.Differences()", sum.Differences(), 0)
			})
		}
	}
}

func TestOneUpstreamDownDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	w := sound(t)
	w.refuse["pos"] = upstream(domain.KindUnavailable, 0)
	w.discount(w.of(domain.Active)).Status = "EXPIRED"
	found, sum := w.run(all)
	expect.MustEqual(t, "len(found)", len(found), 1, found)
	expect.MustEqual(t, "found[0].Kind", found[0].Kind, books.CodeDeactivatedThoughActive)
	expect.MustEqual(t, "sum.Incomplete()", sum.Incomplete(), true)
}

func TestGivesAnUpstreamUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 500 {
		member := fmt.Sprintf("m%03d", i)
		w.members[member] = &books.Field{}
	}
	w.refuse["pos"] = upstream(domain.KindThrottled, time.Hour)
	began := w.clock.Now()
	_, sum := w.run(all)
	if sum.Gaps != 500 || sum.Customers != 500 || w.asked["pos"] != 9 || w.clock.Now().Sub(began) > 5*time.Minute {
		t.Fatalf("%+v, asked %d times in %s", sum, w.asked["pos"], w.clock.Now().Sub(began))
	}
}

func TestPOSWithoutTheCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.members["1"] = &books.Field{}
	w.refuse["pos"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "history",
		Reason: domain.ReasonCustomerNotFound}
	w.finds(all)
	w.coupon("1", domain.Used)
	w.finds(all, books.MovementMissing)
}

func TestEndlessHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.members["1"] = &books.Field{}
	c := w.checker()
	c.POS = endless{}
	sum, err := c.Run(t.Context(), all, books.Sink{})
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "sum.Incomplete()", sum.Incomplete(), true)
}

type endless struct{}

func (endless) History(context.Context, books.HistoryQuery) (books.HistoryPage, error) {
	return books.HistoryPage{Entries: []books.Entry{{Points: 1}}, Next: "more"}, nil
}

func TestFaultsOfTheDatabaseEndIt(t *testing.T) {
	t.Parallel()
	for _, act := range []string{"members", "field", "coupons"} {
		w := sound(t)
		w.refuse[act] = errors.New("no database")
		sum, err := w.checker().Run(t.Context(), all, books.Sink{})
		expect.MustThat(t, "err != nil", err != nil, act)
		expect.MustEqual(t, "sum.Incomplete()", sum.Incomplete(), true, act, err)
		expect.MustEqual(t, "len(w.runs)", len(w.runs), 1, act, err)
		expect.MustEqual(t, "w.runs[0].Broken", w.runs[0].Broken, true, act, err)
	}
	w := sound(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sum, err := w.checker().Run(ctx, all, books.Sink{})
	expect.MustThat(t, "err to be context.Canceled", errors.Is(err, context.Canceled), err)
	expect.MustEqual(t, "sum.Incomplete()", sum.Incomplete(), true)
	if _, err := w.checker().Run(t.Context(), books.Options{CustomerID: "nobody"},
		books.Sink{}); domain.CodeOf(err) != domain.CodeCustomerNotFound {
		t.Fatal(err)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	seen := map[string]books.Kind{}
	for _, kind := range books.Kinds() {
		for _, line := range []string{kind.Sentence(), kind.Repair()} {
			if line == "" || !strings.HasSuffix(line, ".") || strings.Contains(line, "\n") {
				t.Errorf("%s says %q", kind, line)
			}
		}
		if other, twice := seen[kind.Sentence()]; twice {
			t.Errorf("%s and %s say the same", kind, other)
		}
		seen[kind.Sentence()] = kind
		if kind.Safe() == strings.HasPrefix(kind.Repair(), "None by itself") {
			t.Errorf("%s does not say whether its repair is safe", kind)
		}
	}
	if books.Kind("nothing").Sentence() != "" {
		t.Error("a kind that is none has a sentence")
	}
}

// TestACodeIsNotEndedByAClockThatMayBeWrong: where both books have the same end and Shopify says that it is not over,
// the clocks differ.
func TestACodeIsNotEndedByAClockThatMayBeWrong(t *testing.T) {
	t.Parallel()
	w := sound(t)
	st := w.of(domain.Expired)
	st.Coupon.ExpiresAt = w.clock.Now().Add(-time.Hour)
	d := w.discount(st)
	d.Status, d.EndsAt = "ACTIVE", st.Coupon.ExpiresAt
	w.written("1")
	got := w.finds(books.Options{Repair: true}, books.CodeAliveThoughExpired)[0]
	expect.Equal(t, "got.Repaired", got.Repaired, false)
	expect.Equal(t, "got.Safe()", got.Safe(), false)
	expect.Equal(t, `w.asked["deactivate"]`, w.asked["deactivate"], 0)
}

func TestACodeOfWhoWasForgottenIsNoDifference(t *testing.T) {
	t.Parallel()
	w := sound(t)
	w.of(domain.Active).Coupon.ShopifyCustomerGID = domain.ErasedCustomer
	found, _ := w.run(all)
	expect.Equal(t, "len(found)", len(found), 0, found)
	w.discount(w.of(domain.Active)).CustomerCount = 2
	if found, _ := w.run(all); len(found) != 1 || found[0].Kind != books.CodeWrongCustomer {
		t.Errorf("a code that is for two customers: %+v", found)
	}
}
