package orders

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/privacy"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// voided is a buyer whose order was cancelled, and the review.
func (w *orderWorld) voided(b buyer, reason string) (order string, id int64) {
	w.T.Helper()
	order = w.buy(b.gid, b.code)
	w.delivered()
	w.must(w.shop.CancelOrder(order, reason))
	w.delivered()
	list := w.reviews(b.code)
	expect.MustEqual(w.T, "len(list)", len(list), 1, list)
	expect.MustEqual(w.T, "list[0].OrderID", list[0].OrderID, order)
	return order, list[0].ID
}

// TestDecidedAtOnce lets two people and a crowd of repeats decide one review over HTTP: one thing is done, once.
// covers: 000-07, T-05
func TestDecidedAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		remedies := []reviews.Outcome{reviews.OutcomeReissue, reviews.OutcomeGrant, reviews.OutcomeRefuse}
		for round := range 3 {
			b := w.buyer()
			order, id := w.voided(b, "CUSTOMER")
			answers := map[int]int{}
			var mu sync.Mutex
			var crowd sync.WaitGroup
			for n := range 18 {
				crowd.Go(func() {
					who := []string{"Sato", "Suzuki"}[n%2]
					status, text := w.decide(who, id, remedies[(n+round)%3], fmt.Sprint("d-", id, "-", n))
					mu.Lock()
					defer mu.Unlock()
					answers[status]++
					expect.That(t, "status == http.StatusOK || strings.Contains(…) || strings.Contains(…)",
						status == http.StatusOK ||
							strings.Contains(text, "review_already_decided") ||
							strings.Contains(text, "request_in_progress"), status, text)
				})
			}
			crowd.Wait()
			w.delivered()
			w.must(w.App.Orders.RefreshOrder(t.Context(), order, domain.HintNone))
			w.idle()
			r, list := w.reviews(b.code)[0], 0
			all, err := w.Store.Listing.List(t.Context(), listing.Filter{CustomerID: b.member, Limit: 10})
			w.must(err)
			for _, c := range all {
				if c.ReissuedFrom == b.code && c.Status == domain.Active {
					list++
				}
			}
			granted := w.Booked(domain.GrantReference(b.code))
			if answers[http.StatusOK] != 1 || r.Open ||
				list != map[bool]int{true: 1}[r.Outcome == reviews.OutcomeReissue] ||
				granted != map[bool]int{true: 1}[r.Outcome == reviews.OutcomeGrant] {
				t.Errorf("%v: %s, %d new codes, %d grants", answers, r.Outcome, list, granted)
			}
		}
		w.agrees()
	})
}

// TestTwoPeople shows four eyes over HTTP, and that the first pair is not the second.
func TestTwoPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "FOUR_EYES_POINTS=499", "AUTO_REISSUE_BELOW=100000")
		b := w.buyer()
		_, id := w.voided(b, "DECLINED")
		for n, step := range []struct {
			who      string
			outcome  reviews.Outcome
			status   int
			contains string
		}{
			{"Sato", reviews.OutcomeGrant, http.StatusOK, `"proposed":{"outcome":"grant_points"`},
			{"Sato", reviews.OutcomeGrant, http.StatusConflict, "second_person_required"},
			{"Suzuki", reviews.OutcomeReissue, http.StatusOK, `"proposed":{"outcome":"reissue"`},
			{"Suzuki", reviews.OutcomeReissue, http.StatusConflict, "second_person_required"},
			{"Sato", reviews.OutcomeReissue, http.StatusOK, `"status":"closed"`},
			{"Suzuki", reviews.OutcomeGrant, http.StatusConflict, "review_already_decided"},
		} {
			if c := w.state(b.code).Coupon; n < 5 && (c.SupersededBy != "" || c.Unfinished ||
				w.Booked(domain.GrantReference(b.code)) != 0) {
				t.Error("it was made good on one person's word")
			}
			status, text := w.decide(step.who, id, step.outcome, fmt.Sprint("d-", n))
			if status != step.status || !strings.Contains(strings.ReplaceAll(text, `": `, `":`), step.contains) {
				t.Errorf("step %d: %d %s", n, status, text)
			}
		}
		w.delivered()
		st := w.state(w.state(b.code).Coupon.SupersededBy)
		expect.Equal(t, "st.Coupon.Status", st.Coupon.Status, domain.Active)
		expect.Equal(t, "w.Booked(domain.GrantReference(b.code))", w.Booked(domain.GrantReference(b.code)), 0)
		w.agrees()
	})
}

// TestAutoAndChain: below the limit the service decides, once per order however often it is told; what was reissued
// already, a third review in the month and what lies above the limit are a person's.
// covers: 000-07, 004-07
func TestAutoAndChain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		for _, rule := range []string{"AUTO_REISSUE_BELOW", "AUTO_GRANT_BELOW"} {
			w := newOrderWorld(t, db, rule+"=501")
			b := w.buyer()
			w.voided(b, "INVENTORY")
			r := w.reviews(b.code)[0]
			if r.Open || r.DecidedBy == "" {
				t.Fatalf("%s left the review open: %+v", rule, r)
			}
			if rule == "AUTO_REISSUE_BELOW" {
				w.chain(b)
			} else if w.Booked(domain.GrantReference(b.code)) != 1 {
				t.Error("nothing was granted")
			}
			w.agrees()
			w.must(w.App.Queue.Stop(t.Context()))
			if db.Dialect == "postgres" {
				db = storetest.Postgres(t)
			} else {
				db = storetest.SQLite(t)
			}
		}
	})
}

// chain buys with a reissued code, and again with its successor: each link takes a person.
// covers: 000-11, 000-14
func (w *orderWorld) chain(b buyer) {
	w.T.Helper()
	first, codes := b.code, []string{b.code}
	for link := range 2 {
		b.code = w.state(b.code).Coupon.SupersededBy
		codes = append(codes, b.code)
		_, id := w.voided(b, "CUSTOMER")
		if r := w.reviews(b.code)[0]; !r.Open || strings.Join(r.Coupon.Chain, " ") != strings.Join(codes, " ") ||
			r.RecentReviews != link+2 {
			w.T.Fatalf("the review of the chain is %+v", r)
		}
		status, text := w.decide("Sato", id, reviews.OutcomeReissue, fmt.Sprint("chain-", link))
		expect.MustEqual(w.T, "status", status, http.StatusOK, text)
		w.delivered()
	}
	last := w.state(w.state(b.code).Coupon.SupersededBy).Coupon
	expect.Equal(w.T, "last.Status", last.Status, domain.Active)
	expect.Equal(w.T, "last.FirstCode", last.FirstCode, first)
	status, text := w.ask("Sato", http.MethodPost, "/v1/coupons/"+last.Code+"/cancellation", "end",
		`{"reason": "customer_request", "note": "enough"}`)
	expect.MustEqual(w.T, "status", status, http.StatusAccepted, text)
	w.idle()
	if balance, _ := w.POS.Balance(b.member); balance != 1250 ||
		w.Booked(domain.GiveBackReference(last.Code)) != 1 {
		w.T.Errorf("the chain's points came back as %d", balance)
	}
}

// TestForgottenByTheStore: customers/redact and shop/redact as the simulated store sends them, and the ledger
// afterwards.
func TestForgottenByTheStore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "FOUR_EYES_POINTS=1")
		b, other := w.buyer(), w.buyer()
		_, id := w.voided(b, "CUSTOMER")
		{
			status, text := w.decide("Sato", id, reviews.OutcomeGrant, "p")
			expect.MustEqual(t, "status", status, http.StatusOK, text)
		}
		w.must(w.shop.RequestData(b.gid))
		w.delivered()
		export := w.Command("privacy", "export", "1")
		for _, part := range []string{b.member + "@example.com", "Member " + b.member, b.code,
			domain.TakeReference(b.code), "order_cancelled", "looked into", "grant_points"} {
			if !strings.Contains(export, part) {
				t.Errorf("the export lacks %s:\n%s", part, export)
			}
		}
		for _, part := range []string{other.member, other.code, other.gid} {
			if strings.Contains(export, part) {
				t.Errorf("the export holds somebody else's %s", part)
			}
		}
		w.must(w.shop.RedactCustomer(b.gid))
		w.must(w.shop.RedactCustomer(b.gid))
		w.delivered()
		text := storetest.Texts(t, w.Store)
		for _, part := range []string{b.member + "@example.com", "Member " + b.member, "looked into"} {
			if strings.Contains(text, part) {
				t.Errorf("%q is still held", part)
			}
		}
		if !strings.Contains(text, other.member+"@example.com") {
			t.Error("somebody else was forgotten too")
		}
		// What is owed is still owed: the second person decides, and nobody is written to.
		status, text := w.decide("Suzuki", id, reviews.OutcomeGrant, "q")
		expect.Equal(t, "status", status, http.StatusOK, text)
		w.idle()
		if w.Booked(domain.GrantReference(b.code)) != 1 {
			t.Error("the points were not granted")
		}
		w.agrees()
		t.Run("the app goes, the shop is forgotten, the app is back", func(t *testing.T) { w.On(t).gone(other) })
	})
}

func (w *orderWorld) gone(other buyer) {
	w.T.Helper()
	ready := func() (int, string) {
		res := httptest.NewRecorder()
		w.App.Handler.ServeHTTP(res, httptest.NewRequestWithContext(w.T.Context(), http.MethodGet, "/readyz", nil))
		return res.Code, res.Body.String()
	}
	w.redactShop() // sent by mistake: the app is there
	w.delivered()
	if !strings.Contains(storetest.Texts(w.T, w.Store), other.member+"@example.com") {
		w.T.Fatal("everybody was forgotten while the app is installed")
	}
	w.must(w.shop.Uninstall())
	w.delivered()
	world.Eventually(w.T, "without the app it is not ready", func() bool {
		status, text := ready()
		return status == http.StatusServiceUnavailable && strings.Contains(text, `"shop"`)
	})
	w.redactShop()
	w.delivered()
	if !strings.Contains(storetest.Texts(w.T, w.Store), other.member+"@example.com") {
		w.T.Error("everybody was forgotten minutes after the app was removed")
	}
	open, err := w.Store.Privacy.Requests(w.T.Context(), true, 1)
	expect.MustEqual(w.T, "err", err, nil)
	expect.MustEqual(w.T, "len(open)", len(open), 1, open)
	expect.MustEqual(w.T, "open[0].Reason", open[0].Reason, privacy.ReasonUnproved)
	w.Command("privacy", "erase", strconv.FormatInt(open[0].ID, 10))
	if strings.Contains(storetest.Texts(w.T, w.Store), other.member+"@example.com") {
		w.T.Error("an operator had everybody forgotten, and they are still held")
	}
	w.shop.Install()
	world.Eventually(w.T, "the app is back", func() bool {
		w.must(w.App.Webhooks.LookForInstallation(w.T.Context()))
		status, _ := ready()
		return status == http.StatusOK
	})
	w.must(w.App.Sealer.Seal(w.T.Context()))
	w.Command("audit", "verify")
}
