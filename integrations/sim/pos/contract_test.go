package pos_test

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/integrations/sim/pos"
)

func TestRequestsAreReadStrictly(t *testing.T) {
	t.Parallel()
	p := open(t)
	for name, body := range map[string]string{
		"nothing":              ``,
		"null":                 `null`,
		"a list":               `[]`,
		"zero points":          moving(0, "r", take, ""),
		"negative points":      moving(-5, "r", take, ""),
		"far too many points":  `{"amount":1000000001,"reason":"r","reference":"A-B-C-1"}`,
		"half a point":         `{"amount":0.5,"reason":"r","reference":"A-B-C-1"}`,
		"points as text":       `{"amount":"5","reason":"r","reference":"A-B-C-1"}`,
		"no reason":            moving(5, "", take, ""),
		"a reason too long":    moving(5, strings.Repeat("あ", 201), take, ""),
		"no reference":         moving(5, "r", "", ""),
		"a reference too long": moving(5, "r", strings.Repeat("A", 41), ""),
		"a space in it":        moving(5, "r", "A B", ""),
		"another script in it": moving(5, "r", "クーポン", ""),
		"a bad related one":    moving(5, "r", take, "A B"),
		"an unknown field":     `{"amount":5,"reason":"r","reference":"A-B-C-1","note":""}`,
		"two values":           moving(5, "r", take, "") + `{}`,
		"a stray bracket":      moving(5, "r", take, "") + `}`,
		"far too many bytes":   moving(5, strings.Repeat("r", 1<<16), take, ""),
	} {
		p.t.Run(name, func(t *testing.T) {
			r := p.call("POST", points+"/deduct", body, "Idempotency-Key", "k")
			if r.status != 400 || r.code() != "invalid_request" {
				t.Errorf("answered %d %s", r.status, r.raw)
			}
		})
	}
	p.wants(p.deduct(strings.Repeat("k", 256), take, 500), 400, "invalid_request")
	p.rests(1250, 0)
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	p := open(t)
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Bearer " + token + "x", "Basic " + token,
		token} {
		for _, path := range []string{points, points + "/history", "/_sim/customers", "/_sim/faults", "/nowhere"} {
			p.wants(p.call("GET", path, "", "Authorization", header), 401, "unauthorized")
		}
	}
	p.wants(p.call("GET", points, "", "Authorization", "bearer "+token), 200, "")
	if _, err := pos.New(pos.Config{}); err == nil {
		t.Error("opened without a token")
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.wants(p.call("GET", "/nowhere", ""), 404, "")
	p.wants(p.call("DELETE", points, ""), 405, "")
	p.wants(p.call("GET", points+"/deduct", ""), 405, "")
	p.AddCustomer("a_b-C/9", "Escaped", 7)
	if r := p.call("GET", "/customers/a_b-C%2F9/points", ""); r.body["balance"] != 7.0 {
		t.Errorf("a percent-encoded id is answered %s", r.raw)
	}
	for _, path := range []string{"/points", "/points/history"} {
		p.wants(p.call("GET", "/customers/nobody"+path, ""), 404, "customer_not_found")
	}
	for _, path := range []string{"/points/deduct", "/points/add"} {
		r := p.call("POST", "/customers/nobody"+path, moving(5, "r", take, ""), "Idempotency-Key", "k")
		p.wants(r, 404, "customer_not_found")
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	t.Run("the same key and body give the first answer, whatever happened since", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		first := p.deduct("k", take, 500)
		p.SellAtPOS(taro, -100)
		second := p.deduct("k", take, 500)
		p.wants(first, 201, "")
		p.wants(second, 200, "")
		if string(first.raw) != string(second.raw) || second.header.Get("Idempotent-Replayed") != "true" ||
			first.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("%s %v, then %s %v", first.raw, first.header, second.raw, second.header)
		}
		p.rests(650, 2)
	})
	t.Run("the same key with anything else is refused", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		p.AddCustomer("12345", "Suzuki Hanako", 1000)
		p.deduct("k", take, 500)
		body := moving(500, "Coupon conversion", take, "")
		p.wants(p.deduct("k", take, 400), 422, "idempotency_key_reused")
		p.wants(p.deduct("k", give, 500), 422, "idempotency_key_reused")
		p.wants(p.call("POST", points+"/add", body, "Idempotency-Key", "k"), 422, "idempotency_key_reused")
		p.wants(p.call("POST", "/customers/12345/points/deduct", body, "Idempotency-Key", "k"), 422,
			"idempotency_key_reused")
		p.rests(750, 1)
	})
	t.Run("a reference moves points once per customer, under any key", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		p.AddCustomer("12345", "Suzuki Hanako", 1000)
		p.deduct("k1", take, 500)
		p.wants(p.deduct("k2", take, 500), 200, "")
		p.wants(p.deduct("k3", take, 600), 422, "reference_reused")
		p.wants(p.giveBack("k4", take, 500), 422, "reference_reused")
		other := p.call("POST", "/customers/12345/points/deduct", moving(500, "Coupon conversion", take, ""),
			"Idempotency-Key", "k5")
		p.wants(other, 201, "")
		p.rests(750, 1)
	})
	t.Run("a refusal is not remembered", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		p.wants(p.deduct("k", take, 2000), 422, "insufficient_points")
		p.SellAtPOS(taro, 1000)
		p.wants(p.deduct("k", take, 2000), 201, "")
		p.rests(250, 2)
	})
}

func TestUnsafePOS(t *testing.T) {
	t.Parallel()
	unsafe := func(c *pos.Config) { c.IgnoreKeys, c.IgnoreReferences = true, true }
	t.Run("the same request twice applies twice", func(t *testing.T) {
		t.Parallel()
		p := open(t, unsafe)
		p.wants(p.deduct("k", take, 500), 201, "")
		p.wants(p.deduct("k", take, 500), 201, "")
		p.wants(p.deduct("", take, 500), 422, "insufficient_points")
		p.rests(250, 2)
		r := p.call("GET", points+"/history?reference="+take, "")
		if entries, _ := r.body["entries"].([]any); len(entries) != 2 {
			t.Errorf("the reference stands for %s", r.raw)
		}
	})
	t.Run("references alone make it safe, and so do keys", func(t *testing.T) {
		t.Parallel()
		for _, change := range []func(*pos.Config){
			func(c *pos.Config) { c.IgnoreKeys = true },
			func(c *pos.Config) { c.IgnoreReferences = true },
		} {
			p := open(t, change)
			p.wants(p.deduct("k", take, 500), 201, "")
			p.wants(p.deduct("k", take, 500), 200, "")
			p.rests(750, 1)
		}
	})
	t.Run("without look-up a reference cannot be asked for", func(t *testing.T) {
		t.Parallel()
		p := open(t, func(c *pos.Config) { c.NoLookup = true })
		p.wants(p.call("GET", points+"/history?reference="+take, ""), 400, "invalid_request")
		p.wants(p.call("GET", points+"/history", ""), 200, "")
	})
}

func TestCounts(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.deduct("k", take, 5000)
	p.deduct("k", take, 500)
	p.giveBack("", give, 500)
	p.call("GET", points, "")
	p.call("GET", points+"/history", "")
	p.call("GET", points, "", "Authorization", "")
	for act, want := range map[string]int{"pos.deduct": 2, "pos.add": 1, "pos.balance": 1, "pos.history": 1} {
		if got := p.Requests()[act]; got != want {
			t.Errorf("%s was counted %d times, want %d", act, got, want)
		}
	}
	for code, want := range map[string]int{"insufficient_points": 1, "idempotency_key_missing": 1, "unauthorized": 1} {
		if got := p.Refused()[code]; got != want {
			t.Errorf("%s was counted %d times, want %d", code, got, want)
		}
	}
}

func TestLookingIn(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.AddCustomer("12345", "Suzuki Hanako", 3400)
	p.AddCustomer(taro, "Somebody else", 9)
	if r := p.call("GET", "/_sim/entries", ""); r.status != http.StatusOK || strings.TrimSpace(string(r.raw)) != "[]" {
		t.Errorf("no entries are %s", r.raw)
	}
	p.deduct("k", take, 500)
	want := `[{"id":"12345","name":"Suzuki Hanako","points":3400},{"id":"` + taro +
		`","name":"Yamada Taro","points":750}]`
	if r := p.call("GET", "/_sim/customers", ""); strings.TrimSpace(string(r.raw)) != want {
		t.Errorf("customers are %s", r.raw)
	}
	if list := p.AllEntries(); len(list) != 1 || list[0].Reference != take || list[0].Amount != -500 {
		t.Errorf("entries are %+v", list)
	}
	if p.SellAtPOS(taro, -751) || p.SellAtPOS("nobody", 1) {
		t.Error("a sale nobody can pay for")
	}
}
