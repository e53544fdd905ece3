package generic_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/generic"
	"pointbridge/integrations/pos/postest"
	simpos "pointbridge/integrations/sim/pos"
)

// till opens a simulated POS of the contract, and the client with the promises that it keeps.
func till(cfg simpos.Config, replay bool, lookup coupons.Lookup) postest.Open {
	cfg.Token, cfg.Clock = "token", clock
	return func(t *testing.T, front postest.Front) postest.Till {
		server, err := simpos.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		server.AddCustomer("8812370934", "Taro", 50)
		server.AddCustomer("9900112233", "Hanako", 500)
		s := httptest.NewServer(front(server))
		t.Cleanup(s.Close)
		posClient, err := generic.New(generic.Config{URL: s.URL, Token: "token", Timeout: patience, Clock: clock,
			Replay: replay, Lookup: lookup}, s.Client())
		if err != nil {
			t.Fatal(err)
		}
		points := func(member string) int64 {
			n, _ := server.Balance(member)
			return n
		}
		return postest.Till{Ledger: posClient, Capabilities: posClient.Capabilities(), Member: "8812370934",
			Other: "9900112233", Nobody: "0000000000", Points: points, Now: clock, Twists: twists(lookup),
			Moves: func(r *http.Request) bool { return r.Method == http.MethodPost },
			Finds: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/history") },
			Reads: func(r *http.Request) bool {
				return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/points")
			}}
	}
}

func instead(old, by string) func([]byte) []byte {
	return func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(old), []byte(by)) }
}

func twists(lookup coupons.Lookup) []postest.Twist {
	list := []postest.Twist{
		{Name: "another member's balance", Of: postest.Read, Change: instead("8812370934", "9900112233")},
		{Name: "a balance with a fraction", Of: postest.Read, Change: instead(`"balance":49`, `"balance":49.5`)},
		{Name: "a balance as text", Of: postest.Read, Change: instead(`"balance":49`, `"balance":"49"`)},
	}
	of := map[string]postest.Of{"a movement": postest.Move}
	if lookup == coupons.LookupExact {
		of["a look-up"] = postest.Look
	}
	for name, of := range of {
		list = append(list, []postest.Twist{
			{Name: "another member's entry, in " + name, Of: of, Change: instead("8812370934", "9900112233")},
			{Name: "another entry, in " + name, Of: of, Change: instead("COUPON-70934-AB72CD-1", "COUPON-70934-ZZ22ZZ-1")},
			{Name: "a fraction, in " + name, Of: of, Change: instead(`"amount":-1`, `"amount":-1.5`)},
			{Name: "points given, not taken, in " + name, Of: of, Change: instead(`"amount":-1`, `"amount":1`)},
			{Name: "more points, in " + name, Of: of, Change: instead(`"amount":-1`, `"amount":-10`)},
			{Name: "no points, in " + name, Of: of, Change: instead(`"amount":-1`, `"amount":0`)},
			{Name: "points as text, in " + name, Of: of, Change: instead(`"amount":-1`, `"amount":"-1"`)},
			{Name: "yesterday's date, in " + name, Of: of, Change: instead("2026-11-21T", "2026-11-20T")},
			{Name: "a date that is none, in " + name, Of: of, Change: instead(`"created_at":"20`, `"created_at":"XX`)},
		}...)
	}
	return list
}

// covers: H-09
func TestTheContractIsKept(t *testing.T) {
	t.Parallel()
	t.Run("a POS with keys and look-ups", func(t *testing.T) {
		t.Parallel()
		postest.Run(t, till(simpos.Config{}, true, coupons.LookupExact))
	})
	t.Run("a POS that knows references and no keys", func(t *testing.T) {
		t.Parallel()
		postest.Run(t, till(simpos.Config{IgnoreKeys: true}, true, coupons.LookupExact))
	})
	t.Run("a POS without keys, whose history can be asked", func(t *testing.T) {
		t.Parallel()
		postest.Run(t, till(simpos.Config{IgnoreKeys: true, IgnoreReferences: true}, false, coupons.LookupExact))
	})
	t.Run("a POS with keys, whose history cannot be asked", func(t *testing.T) {
		t.Parallel()
		postest.Run(t, till(simpos.Config{NoLookup: true}, true, coupons.LookupNone))
	})
	t.Run("a POS with neither", func(t *testing.T) {
		t.Parallel()
		postest.Run(t, till(simpos.Config{IgnoreKeys: true, IgnoreReferences: true, NoLookup: true}, false,
			coupons.LookupNone))
	})
}
