package pos_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pointbridge/integrations/sim"
)

// golden is a documented answer of the contract.
type golden struct {
	Source  string            `json:"source"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    map[string]any    `json:"body"`
}

// scenarios make the POS give each answer.
func scenarios() map[string]func(simulated) reply {
	taken := func(next func(simulated) reply) func(simulated) reply {
		return func(p simulated) reply { p.deduct("k1", take, 500); return next(p) }
	}
	given := func(next func(simulated) reply) func(simulated) reply {
		return taken(func(p simulated) reply { p.giveBack("k2", give, 500); return next(p) })
	}
	told := func(r sim.Rule) func(simulated) reply {
		return func(p simulated) reply { r.Act = "pos.deduct"; p.faults.Add(r); return p.deduct("k1", take, 500) }
	}
	get := func(path string) func(simulated) reply {
		return func(p simulated) reply { return p.call("GET", path, "") }
	}
	return map[string]func(simulated) reply{
		"balance":                      get(points),
		"deduct":                       func(p simulated) reply { return p.deduct("k1", take, 500) },
		"deduct_replayed":              taken(func(p simulated) reply { return p.deduct("k1", take, 500) }),
		"deduct_replayed_by_reference": taken(func(p simulated) reply { return p.deduct("k2", take, 500) }),
		"add":                          taken(func(p simulated) reply { return p.giveBack("k2", give, 500) }),
		"add_replayed":                 given(func(p simulated) reply { return p.giveBack("k2", give, 500) }),
		"insufficient_points":          func(p simulated) reply { p.SellAtPOS(taro, -930); return p.deduct("k1", take, 500) },
		"idempotency_key_reused":       taken(func(p simulated) reply { return p.deduct("k1", "COUPON-70934-ZZ99ZZ-500", 500) }),
		"reference_reused":             taken(func(p simulated) reply { return p.deduct("k2", take, 600) }),
		"idempotency_key_missing":      func(p simulated) reply { return p.deduct("", take, 500) },
		"invalid_request":              func(p simulated) reply { return p.deduct("k1", take, 0) },
		"unauthorized":                 func(p simulated) reply { return p.call("GET", points, "", "Authorization", "Bearer wrong") },
		"forbidden":                    told(sim.Rule{Mode: sim.Refuse, Reason: "forbidden"}),
		"customer_not_found":           get("/customers/nobody/points"),
		"request_in_progress": told(sim.Rule{Mode: sim.Refuse, Reason: "request_in_progress",
			RetryAfter: "1"}),
		"rate_limited_seconds": told(sim.Rule{Mode: sim.Throttle, RetryAfter: "30"}),
		"rate_limited_date":    told(sim.Rule{Mode: sim.Throttle, RetryAfter: "Sat, 21 Nov 2026 01:02:33 GMT"}),
		"history_by_reference": given(get(points + "/history?reference=" + take)),
		"history":              given(func(p simulated) reply { p.SellAtPOS(taro, -200); return p.call("GET", points+"/history", "") }),
		"history_first_page":   given(func(p simulated) reply { p.SellAtPOS(taro, -200); return p.call("GET", points+"/history?limit=2", "") }),
		"history_empty":        get(points + "/history?reference=" + give),
	}
}

// The answers named *_figures* are another POS's dialect: a client must read them, this POS does not speak it.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/pos/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no documented answers", err)
	}
	known := scenarios()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		want := readGolden(t, file)
		scenario, ok := known[name]
		delete(known, name)
		switch {
		case want.Source == "":
			t.Errorf("%s has no source", name)
		case strings.Contains(name, "_figures"):
			addsUp(t, name, want.Body)
		case !ok:
			t.Errorf("nothing produces %s", name)
		default:
			t.Run(name, func(t *testing.T) { t.Parallel(); same(t, want, scenario(open(t))) })
		}
	}
	for name := range known {
		t.Errorf("%s is documented nowhere", name)
	}
}

func readGolden(t *testing.T, file string) (g golden) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(raw, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func same(t *testing.T, want golden, got reply) {
	t.Helper()
	if diff := cmp.Diff(want.Body, got.body); got.status != want.Status || diff != "" {
		t.Errorf("status %d, want %d; the body (-want +got):\n%s", got.status, want.Status, diff)
	}
	for name, value := range want.Headers {
		if got.header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), value)
		}
	}
	if _, said := want.Headers["Idempotent-Replayed"]; !said && got.header.Get("Idempotent-Replayed") != "" {
		t.Error("says that it was replayed")
	}
}

func addsUp(t *testing.T, name string, body map[string]any) {
	t.Helper()
	figure := func(field string) float64 { n, _ := body[field].(float64); return n }
	if figure("previous_balance")-figure("deducted_amount")+figure("added_amount") != figure("new_balance") {
		t.Errorf("%s does not add up", name)
	}
}
