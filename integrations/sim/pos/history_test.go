package pos_test

import (
	"fmt"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/integrations/sim/pos"
)

// ticking is a POS on which each entry is a second later than the one before.
func ticking(t *testing.T) simulated {
	var seconds atomic.Int64
	start := time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)
	return open(t, func(c *pos.Config) {
		c.Clock = func() time.Time { return start.Add(time.Duration(seconds.Add(1)-1) * time.Second) }
	})
}

func (p simulated) page(query string) (ids []string, next string) {
	p.t.Helper()
	r := p.call("GET", points+"/history?"+query, "")
	p.wants(r, 200, "")
	entries, _ := r.body["entries"].([]any)
	for _, e := range entries {
		fields, _ := e.(map[string]any)
		id, _ := fields["entry_id"].(string)
		ids = append(ids, id)
	}
	next, _ = r.body["next_cursor"].(string)
	return ids, next
}

func TestHistory(t *testing.T) {
	t.Parallel()
	t.Run("pages hold every entry once, newest first, while new ones arrive", func(t *testing.T) {
		t.Parallel()
		p := ticking(t)
		for range 7 {
			p.SellAtPOS(taro, 1)
		}
		var seen []string
		ids, next := p.page("limit=3")
		for seen = append(seen, ids...); next != ""; seen = append(seen, ids...) {
			p.SellAtPOS(taro, 1)
			ids, next = p.page("limit=3&cursor=" + next)
		}
		if got := fmt.Sprint(seen); got != "[e7 e6 e5 e4 e3 e2 e1]" {
			t.Fatal(got)
		}
	})
	t.Run("50 entries unless asked, 200 at most", func(t *testing.T) {
		t.Parallel()
		p := ticking(t)
		for range 201 {
			p.SellAtPOS(taro, 1)
		}
		usual, next := p.page("")
		full, _ := p.page("limit=200")
		if len(usual) != 50 || len(full) != 200 || next == "" {
			t.Fatal(len(usual), len(full), next)
		}
	})
	t.Run("from is inclusive, to is exclusive", func(t *testing.T) {
		t.Parallel()
		p := ticking(t)
		for range 4 {
			p.SellAtPOS(taro, 1)
		}
		for query, want := range map[string]string{
			"from=2026-11-21T01:02:04Z":                                  "[e4 e3 e2]",
			"to=2026-11-21T01:02:04Z":                                    "[e1]",
			"from=2026-11-21T01:02:04Z&to=2026-11-21T01:02:06Z":          "[e3 e2]",
			"from=2026-11-21T01:02:04Z&to=2026-11-21T01:02:04Z":          "[]",
			"from=" + url.QueryEscape("2026-11-21T10:02:06+09:00"):       "[e4]",
			"from=2026-11-21T01:02:03Z&limit=1":                          "[e4]",
			"from=2026-11-21T01:02:03Z&limit=1&cursor=3":                 "[e3]",
			"reference=" + take:                                          "[]",
			"reference=" + take + "&from=2026-11-21T01:02:03Z&limit=200": "[]",
		} {
			if ids, _ := p.page(query); fmt.Sprint(ids) != want {
				t.Errorf("%s gives %v, want %s", query, ids, want)
			}
		}
	})
	t.Run("questions that make no sense are refused", func(t *testing.T) {
		t.Parallel()
		p := ticking(t)
		for _, query := range []string{"limit=0", "limit=201", "limit=x", "from=yesterday", "to=2026-11-21",
			"cursor=-1", "cursor=x", "reference="} {
			p.wants(p.call("GET", points+"/history?"+query, ""), 400, "invalid_request")
		}
	})
}
