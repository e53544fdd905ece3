package orders

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestAnOrderIsHeldAgainstThoseBeforeIt: somebody with a new account, another e-mail and another spelling of the same
// home is found by the order; it goes on at full value, and the shop's staff see why. What the shop tells twice, late or
// again by the round is one decision.
// covers: 003-08, 003-24, 001-15, 001-20
func TestAnOrderIsHeldAgainstThoseBeforeIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.rules(once)
		first, second, other := w.buyer(), w.buyer(), w.buyer()
		w.orderAs(first, home(1, "taro@example.com"))
		again := home(1, "another.taro@example.net")
		again.Phone, again.Shipping.Address1 = "090-1234-0001", "銀座１丁目２番３号"
		order := w.orderAs(second, again)
		w.orderAs(other, home(2, "hanako@example.com"))
		if got := w.outcomes(); got != "allow, refuse already_used, allow" {
			t.Fatalf("decided: %s", got)
		}
		d := w.decisions("order")[1]
		if d.OrderID == nil || *d.OrderID != order || d.Score < 2 || len(d.Signals) < 2 ||
			d.Signals[0].Matched[0].Order != "#1001" {
			t.Errorf("score %d with %d signals of order %v", d.Score, len(d.Signals), d.OrderID)
		}
		if st := w.state(second.code); st.Coupon.Status != domain.Used {
			t.Errorf("the coupon is %s", st.Coupon.Status)
		}
		asked := w.shop.Calls()["orderShown"]
		w.must(w.App.Orders.RefreshOrder(t.Context(), order, domain.HintNone))
		w.must(w.App.Orders.SweepOrders(t.Context()))
		w.delivered()
		if n, calls := len(w.decisions("order")), w.shop.Calls()["orderShown"]; n != 3 || calls != asked {
			t.Errorf("%d decisions after %d more questions", n, calls-asked)
		}
	})
}

// TestAnOrderThatComesToNothingCountsNoLonger: its use is void, and counts again where the order stands again.
// covers: 003-08
func TestAnOrderThatComesToNothingCountsNoLonger(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.rules(once)
		first, second, third := w.buyer(), w.buyer(), w.buyer()
		order := w.orderAs(first, home(1, "a@example.com"))
		w.must(w.shop.SetPayment(order, "VOIDED"))
		w.delivered()
		w.orderAs(second, home(1, "b@example.com"))
		w.shop.PutAhead(time.Second) // of two states of one second the void one counts
		w.must(w.shop.SetPayment(order, "PAID"))
		w.delivered()
		if n := w.count(`SELECT count(*) FROM identity_uses WHERE void_at IS NOT NULL`); n != 0 {
			t.Errorf("%d uses are void though their orders stand", n)
		}
		w.must(w.shop.CancelOrder(w.orderAs(third, home(3, "c@example.com")), "CUSTOMER"))
		w.delivered()
		if n := w.count(`SELECT count(*) FROM identity_uses WHERE void_at IS NOT NULL AND void_reason = 'cancelled'`); n != 1 {
			t.Errorf("%d uses are void", n)
		}
		if got := w.outcomes(); got != "allow, allow, allow" {
			t.Errorf("decided: %s", got)
		}
	})
}

// TestNobodyIsAskedWhereNoCampaignIsProtected: the shop tells what an order came to, and nothing of who placed it.
// covers: 003-14
func TestNobodyIsAskedWhereNoCampaignIsProtected(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.orderAs(w.buyer(), home(1, "a@example.com"))
		for table, want := range map[string]int{"identity_uses": 1, "identity_uses WHERE customer_gid <> ''": 0,
			"identity_digests": 0, "decisions": 0} {
			expect.Equal(t, "rows of "+table, w.count(`SELECT count(*) FROM `+table), want)
		}
	})
}

// TestWhatFollowsFromADecisionInTheShop: an order in doubt is tagged, assessed and held, each once; either verdict
// lets it go. A shop that only watches does none of it.
// covers: 003-15, 003-16, 003-17, 003-18
func TestWhatFollowsFromADecisionInTheShop(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "IDENTITY_TAG_ORDER=look-at-this", "IDENTITY_TAG_CUSTOMER=seen-before",
			"IDENTITY_RISK=true", "IDENTITY_HOLD=true")
		w.rules(strings.Replace(once, "enforce", "shadow", 1))
		w.orderAs(w.buyer(), home(1, "a@example.com"))
		watched := w.buyer()
		order := w.orderAs(watched, home(1, "b@example.com"))
		if got, held := w.tags(order, watched), w.holds(order); got != "[] []" || held != 0 {
			t.Errorf("a shop that watches: tags %s, %d holds", got, held)
		}
		w.rules(once)
		for _, verdict := range []string{"not_abuse", "abuse"} {
			b := w.buyer()
			order := w.orderAs(b, home(1, b.member+"@example.org"))
			o, _ := w.shop.Order(order)
			if got := w.tags(order, b); got != "[look-at-this] [seen-before]" || w.holds(order) != 1 ||
				len(o.Assessments) != 1 {
				t.Fatalf("%s, %d holds, %d assessments", got, w.holds(order), len(o.Assessments))
			}
			facts := ""
			for _, f := range o.Assessments[0].Facts {
				facts += f.Text + "\n"
			}
			if !strings.Contains(facts, "#1001") || strings.Contains(facts, "@") || strings.Contains(facts, "1234") {
				t.Errorf("the assessment says %s", facts)
			}
			w.must(w.App.Orders.SweepOrders(t.Context()))
			w.judge(w.decisions("order")[0], verdict)
			w.delivered()
			if n := w.holds(order); n != 0 {
				t.Errorf("%s: %d holds are left", verdict, n)
			}
		}
		if n := w.shop.Calls()["tagsAdd"]; n != 4 {
			t.Errorf("%d tags were put", n)
		}
	})
}

// TestAShopThatDoesNotAnswerHoldsNothingUp: lost answers are asked for again, what is refused for good is left, and
// what an order means for its coupon waits for neither.
// covers: 003-15, 003-18
func TestAShopThatDoesNotAnswerHoldsNothingUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "IDENTITY_TAG_ORDER=look-at-this", "IDENTITY_HOLD=true", "IDENTITY_RISK=true")
		w.rules(once)
		w.orderAs(w.buyer(), home(1, "a@example.com"))
		w.Faults.Add(sim.Rule{Act: "shopify.orderShown", Mode: sim.Refuse, Reason: "ACCESS_DENIED", Count: 1})
		hidden := w.buyer()
		w.orderAs(hidden, home(1, "b@example.com"))
		if st := w.state(hidden.code); st.Coupon.Status != domain.Used {
			t.Errorf("the coupon of an order that is not shown is %s", st.Coupon.Status)
		}
		for act, mode := range map[string]sim.Rule{"shopify.tagsAdd": {Mode: sim.InternalAfter, Count: 1},
			"shopify.fulfillmentOrderHold":      {Mode: sim.InternalAfter, Count: 1},
			"shopify.orderRiskAssessmentCreate": {Mode: sim.Refuse, Reason: "ACCESS_DENIED", Count: 1}} {
			mode.Act = act
			w.Faults.Add(mode)
		}
		b := w.buyer()
		order := w.orderAs(b, home(1, "c@example.com"))
		o, _ := w.shop.Order(order)
		if got := w.tags(order, b); got != "[look-at-this] []" || w.holds(order) != 1 || len(o.Assessments) != 0 {
			t.Errorf("%s, %d holds, %d assessments", got, w.holds(order), len(o.Assessments))
		}
		w.agrees()
	})
}

// TestPointsAreNotTakenForWhomTheRulesRefuse: the refusal comes before anything is written, in the campaign's words or
// the standard ones, and a quote says the same beforehand without a trace.
// covers: 003-09, 003-24
func TestPointsAreNotTakenForWhomTheRulesRefuse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		b := w.buyer()
		w.orderAs(b, home(1, "a@example.com"))
		w.rules(once)
		order := w.orderAs(buyer{b.member, b.gid, w.Coupon(b)}, home(1, "a@example.com"))
		if got := w.outcomes(); got != "allow" {
			t.Fatalf("decided: %s", got)
		}
		before := w.count(`SELECT (SELECT count(*) FROM coupons) + (SELECT count(*) FROM movements)`)
		path := "/v1/customers/" + b.member
		status, text := w.ask("pos", http.MethodGet, path+"/quote?points=200", "", "")
		if issued := w.decisions("issue"); status != http.StatusConflict || !strings.Contains(text, "already_used") ||
			len(issued) != 1 {
			t.Errorf("a quote: %d %s, %d decisions", status, text, len(issued))
		}
		for range 2 {
			status, text = w.ask("pos", http.MethodPost, path+"/conversions", "k1", `{"points": 200}`)
			expect.Equal(t, "status", status, http.StatusConflict)
			expect.That(t, "text to contain `\"conversion_not_offered\"`",
				strings.Contains(text, `"conversion_not_offered"`), text)
			expect.That(t, "strings.Contains(…) || strings.Contains(…) || strings.Contains(…)",
				strings.Contains(text, "already used this promotion") ||
					strings.Contains(text, "すでに") ||
					strings.Contains(text, "ご利用"))
		}
		w.rules(`{"messages": [{"reason": "already_used", "language": "ja", "text": "おひとり様一回です。"},
			{"reason": "already_used", "language": "en", "text": "Once each."}]}`)
		_, text = w.ask("pos", http.MethodPost, path+"/conversions", "k2", `{"points": 200}`)
		if !strings.Contains(text, "おひとり様一回です。") && !strings.Contains(text, "Once each.") ||
			strings.Contains(text, "own_words") {
			t.Errorf("in own words: %s", text)
		}
		if n := w.count(`SELECT (SELECT count(*) FROM coupons) + (SELECT count(*) FROM movements)`); n != before {
			t.Errorf("%d rows were written", n-before)
		}
		w.must(w.shop.CancelOrder(order, "CUSTOMER"))
		w.delivered()
		if status, text = w.ask("pos", http.MethodPost, path+"/conversions", "k3", `{"points": 200}`); status != 201 {
			t.Errorf("after the order came to nothing: %d %s", status, text)
		}
		w.rules(`{"mode": "shadow"}`)
		w.agrees()
	})
}
