package pos_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/sim"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule    sim.Rule
		applied bool
		status  int // 0: no answer
		code    string
	}{
		{sim.Rule{Mode: sim.Refuse, Reason: "insufficient_points"}, false, 422, "insufficient_points"},
		{sim.Rule{Mode: sim.Refuse, Reason: "customer_not_found"}, false, 404, "customer_not_found"},
		{sim.Rule{Mode: sim.Refuse}, false, 422, "request_refused"},
		{sim.Rule{Mode: sim.Throttle, RetryAfter: "7"}, false, 429, "rate_limited"},
		{sim.Rule{Mode: sim.Internal}, false, 500, "internal_error"},
		{sim.Rule{Mode: sim.InternalAfter}, true, 500, "internal_error"},
		{sim.Rule{Mode: sim.Status, Code: 503, RetryAfter: "7"}, false, 503, ""},
		{sim.Rule{Mode: sim.Status, Code: 429, RetryAfter: "7"}, false, 429, ""},
		{sim.Rule{Mode: sim.StatusAfter, Code: 502}, true, 502, ""},
		{sim.Rule{Mode: sim.BrokenAnswer}, true, 200, ""},
		{sim.Rule{Mode: sim.DropBefore}, false, 0, ""},
		{sim.Rule{Mode: sim.LoseAnswer}, true, 0, ""},
	} {
		t.Run(fmt.Sprint(c.rule.Mode, " ", c.rule.Reason, c.rule.Code), func(t *testing.T) {
			t.Parallel()
			p := open(t)
			c.rule.Act = "pos.deduct"
			p.faults.Add(c.rule)
			got, err := p.send("POST", points+"/deduct", moving(500, "Coupon conversion", take, ""), "Idempotency-Key",
				"k")
			if got.status != c.status || got.code() != c.code || (err == nil) != (c.status != 0) ||
				got.header.Get("Retry-After") != c.rule.RetryAfter {
				t.Errorf("answered %d %q %v %v", got.status, got.code(), got.header, err)
			}
			if c.applied {
				p.rests(750, 1)
			} else {
				p.rests(1250, 0)
			}
			p.wants(p.deduct("k", take, 500), map[bool]int{true: 200, false: 201}[c.applied], "")
			p.rests(750, 1)
		})
	}
}

func TestRefusedAsTold(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.Refuse, Reason: "insufficient_points"})
	r := p.deduct("k", take, 500)
	if r.body["balance"] != 1250.0 || r.body["required"] != 500.0 || r.body["reference"] != take {
		t.Errorf("the figures are %s", r.raw)
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	for mode, want := range map[sim.Mode]int64{sim.Hang: 1250, sim.HangAfter: 750} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			p := open(t)
			ctx, giveUp := context.WithCancel(t.Context())
			p.faults.OnAct(func(_ string, phase sim.Phase) {
				if (phase == sim.After) == (mode == sim.HangAfter) {
					giveUp()
				}
			})
			p.faults.Add(sim.Rule{Act: "pos.deduct", Mode: mode})
			req, err := http.NewRequestWithContext(ctx, "POST", p.http.URL+points+"/deduct",
				strings.NewReader(moving(500, "Coupon conversion", take, "")))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("Idempotency-Key", "k")
			if res, err := p.http.Client().Do(req); err == nil {
				_ = res.Body.Close()
				t.Errorf("answered %d", res.StatusCode)
			}
			p.http.Close() // waits for the POS to be done with the request
			if got, _ := p.Balance(taro); got != want {
				t.Errorf("balance %d, want %d", got, want)
			}
		})
	}
}

func TestFaultsOfReading(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.faults.Add(sim.Rule{Act: "pos.balance", Mode: sim.Status, Code: 503,
		Match: func(id string) bool { return id == taro }})
	p.faults.Add(sim.Rule{Act: "pos.history", Mode: sim.BrokenAnswer,
		Match: func(ref string) bool { return ref == give }})
	p.AddCustomer("12345", "Suzuki Hanako", 0)
	p.wants(p.call("GET", "/customers/12345/points", ""), 200, "")
	p.wants(p.call("GET", points, ""), 503, "")
	p.wants(p.call("GET", points, ""), 200, "")
	if r := p.call("GET", points+"/history?reference="+take, ""); r.body == nil {
		t.Errorf("answered %s", r.raw)
	}
	if r := p.call("GET", points+"/history?reference="+give, ""); r.body != nil {
		t.Errorf("answered %s", r.raw)
	}
}

func TestFaultsFromOutside(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.wants(p.call("POST", "/_sim/faults", `{"act":"pos.deduct","mode":"status","status":503,"count":2}`), 204, "")
	p.wants(p.deduct("k", take, 500), 503, "")
	p.wants(p.deduct("k", take, 500), 503, "")
	p.wants(p.deduct("k", take, 500), 201, "")
	p.wants(p.call("POST", "/_sim/faults", `{"act":"pos.balance","mode":"throttle","count":-1}`), 204, "")
	p.wants(p.call("GET", points, ""), 429, "rate_limited")
	p.wants(p.call("DELETE", "/_sim/faults", ""), 204, "")
	p.wants(p.call("GET", points, ""), 200, "")
}

func TestHooksSeeBothSides(t *testing.T) {
	t.Parallel()
	p := open(t)
	var balances []int64
	p.faults.OnAct(func(act string, _ sim.Phase) {
		if act == "pos.deduct" {
			points, _ := p.Balance(taro)
			balances = append(balances, points)
		}
	})
	p.deduct("k", take, 500)
	if fmt.Sprint(balances) != "[1250 750]" {
		t.Fatal(balances)
	}
}

func TestDelayEndsWhenTheCallerGivesUp(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.faults.SetDelay("pos.deduct", time.Hour)
	ctx, giveUp := context.WithCancel(t.Context())
	p.faults.OnAct(func(string, sim.Phase) { giveUp() })
	req, err := http.NewRequestWithContext(ctx, "POST", p.http.URL+points+"/deduct",
		strings.NewReader(moving(500, "r", take, "")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Idempotency-Key", "k")
	if res, err := p.http.Client().Do(req); err == nil {
		_ = res.Body.Close()
		t.Error("answered")
	}
	p.http.Close() // would wait for an hour
}
