package shopify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"pointbridge/integrations/sim"
	shop "pointbridge/integrations/sim/shopify"
)

const createAct = "shopify.discountCodeBasicCreate"

// faulty is a store with rules, behind a real listener so that connections can break.
func faulty(t *testing.T) (store, *sim.Faults, *httptest.Server) {
	t.Helper()
	faults := &sim.Faults{}
	s := newStore(t, func(c *shop.Config) { c.Faults = faults })
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	return s, faults, listener
}

// send posts the creation of a code over the wire.
func (s store) send(ctx context.Context, listener *httptest.Server, code string) (status int, body string, err error) {
	s.t.Helper()
	raw, _ := json.Marshal(map[string]any{"query": createText, "variables": s.coupon(code, nil)})
	request, err := http.NewRequestWithContext(ctx, "POST", listener.URL+"/admin/api/2026-10/graphql.json",
		bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("X-Shopify-Access-Token", fixedToken)
	response, err := listener.Client().Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

func TestFaultsOverTheWire(t *testing.T) {
	t.Parallel()
	cases := []struct {
		rule    sim.Rule
		applied bool
		status  int // 0: no answer at all
		code    string
	}{
		{sim.Rule{Mode: sim.Internal}, false, 200, "INTERNAL_SERVER_ERROR"},
		{sim.Rule{Mode: sim.InternalAfter}, true, 200, "INTERNAL_SERVER_ERROR"},
		{sim.Rule{Mode: sim.Throttle}, false, 200, "THROTTLED"},
		{sim.Rule{Mode: sim.Status, Code: 503, RetryAfter: "1.5"}, false, 503, ""},
		{sim.Rule{Mode: sim.StatusAfter, Code: 502}, true, 502, ""},
		{sim.Rule{Mode: sim.DropBefore}, false, 0, ""},
		{sim.Rule{Mode: sim.LoseAnswer}, true, 0, ""},
		{sim.Rule{Mode: sim.BrokenAnswer}, true, 200, ""},
		{sim.Rule{Mode: sim.Refuse, Reason: "ACCESS_DENIED"}, false, 200, "ACCESS_DENIED"},
	}
	for _, c := range cases {
		t.Run(string(c.rule.Mode)+" "+c.rule.Reason, func(t *testing.T) {
			t.Parallel()
			s, faults, listener := faulty(t)
			c.rule.Act = createAct
			faults.Add(c.rule)
			status, body, _ := s.send(t.Context(), listener, "FAULT")
			equal(t, "status", status, c.status)
			var answer reply
			_ = json.Unmarshal([]byte(body), &answer)
			equal(t, "code", answer.code(), c.code)
			equal(t, "usable", s.Usable("FAULT"), c.applied)
			equal(t, "discounts", len(s.Discounts()) == 1, c.applied)
			retry := s.run(createText, s.coupon("FAULT", nil))
			refused := slices.Equal(retry.userErrors("discountCodeBasicCreate"),
				[]string{"TAKEN basicCodeDiscount code"})
			equal(t, "the second try is TAKEN", refused, c.applied)
			equal(t, "made once", len(s.Discounts()), 1)
		})
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	for mode, applied := range map[sim.Mode]bool{sim.Hang: false, sim.HangAfter: true} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s, faults, listener := faulty(t)
			reached := make(chan struct{})
			faults.OnAct(func(act string, phase sim.Phase) {
				if act == createAct && (phase == sim.After) == applied {
					close(reached)
				}
			})
			faults.Add(sim.Rule{Act: createAct, Mode: mode})
			ctx, giveUp := context.WithCancel(t.Context())
			go func() {
				<-reached
				giveUp()
			}()
			_, _, err := s.send(ctx, listener, "HANG")
			equal(t, "no answer", err != nil, true)
			equal(t, "usable", s.Usable("HANG"), applied)
		})
	}
}

func TestOrderedRefusals(t *testing.T) {
	t.Parallel()
	s, faults, _ := faulty(t)
	id := s.create("FINE", nil)
	faults.Add(sim.Rule{Act: createAct, Mode: sim.Refuse, Reason: "TAKEN"})
	answer := s.run(createText, s.coupon("NEW", nil))
	if got := answer.userErrors("discountCodeBasicCreate"); !slices.Equal(got,
		[]string{"TAKEN basicCodeDiscount code"}) {
		t.Errorf("create: %q", got)
	}
	faults.Add(sim.Rule{Act: "shopify.metafieldsSet", Mode: sim.Refuse, Reason: "STALE_OBJECT"})
	if got, _ := s.set(coupons(taro, "[]")); !slices.Equal(got, []string{"STALE_OBJECT metafields 0"}) {
		t.Errorf("metafieldsSet: %q", got)
	}
	faults.Add(sim.Rule{Act: "shopify.discountCodeDelete", Mode: sim.Refuse})
	if got := s.byID("discountCodeDelete", id).userErrors("discountCodeDelete"); !slices.Equal(got,
		[]string{"INVALID id"}) {
		t.Errorf("delete: %q", got)
	}
	faults.Add(sim.Rule{Act: "shopify.shop", Mode: sim.Refuse})
	equal(t, "query", s.run("{ shop { name } }", nil).code(), "ACCESS_DENIED")
	faults.Add(sim.Rule{Act: "shopify.token", Mode: sim.Refuse})
	status, _ := s.token("secret")
	equal(t, "token", status, 400)
	equal(t, "nothing was deleted or made", len(s.Discounts()), 1)
}

func TestFaultsBySubject(t *testing.T) {
	t.Parallel()
	s, faults, _ := faulty(t)
	only := func(wanted string) func(string) bool { return func(subject string) bool { return subject == wanted } }
	faults.Add(sim.Rule{Act: createAct, Mode: sim.Internal, Match: only("BAD")})
	faults.Add(sim.Rule{Act: "shopify.metafieldsSet", Mode: sim.Internal, Match: only(hanako)})
	faults.Add(sim.Rule{Act: "shopify.codeDiscountNodeByCode", Mode: sim.Internal, Match: only("LITERAL")})
	equal(t, "other code", s.run(createText, s.coupon("GOOD", nil)).code(), "")
	equal(t, "the code", s.run(createText, s.coupon("BAD", nil)).code(), "INTERNAL_SERVER_ERROR")
	equal(t, "other owner", s.run(setText, map[string]any{"m": []any{coupons(taro, "[]")}}).code(), "")
	equal(t, "the owner", s.run(setText, map[string]any{"m": []any{coupons(hanako, "[]")}}).code(),
		"INTERNAL_SERVER_ERROR")
	equal(t, "a literal", s.run(`{ codeDiscountNodeByCode(code: "LITERAL") { id } }`, nil).code(),
		"INTERNAL_SERVER_ERROR")
}

func TestDelay(t *testing.T) {
	t.Parallel()
	s, faults, listener := faulty(t)
	faults.SetDelay(createAct, time.Hour)
	ctx, giveUp := context.WithCancel(t.Context())
	reached := make(chan struct{}, 1)
	applied := make(chan struct{})
	faults.OnAct(func(act string, phase sim.Phase) {
		if phase == sim.Before {
			reached <- struct{}{}
			return
		}
		close(applied)
	})
	go func() {
		<-reached
		giveUp()
	}()
	if _, _, err := s.send(ctx, listener, "SLOW"); err == nil {
		t.Error("an answer came before the delay was over")
	}
	<-applied
	equal(t, "what arrived takes effect though the caller left", s.Usable("SLOW"), true)
}

func TestFaultsOverAdmin(t *testing.T) {
	t.Parallel()
	s, _, _ := faulty(t)
	rule := map[string]any{"act": createAct, "mode": "internal"}
	equal(t, "without a token", s.request("POST", "/_sim/faults", "", rule).Code, 401)
	equal(t, "with one", s.request("POST", "/_sim/faults", fixedToken, rule).Code, 204)
	equal(t, "code", s.run(createText, s.coupon("ADMIN", nil)).code(), "INTERNAL_SERVER_ERROR")
}
