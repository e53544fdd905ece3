package process

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// endBed is a real process that serves, beside a real process of the outside, with the keys of everybody who ends
// coupons.
type endBed struct {
	*killBed
	manager string
}

func startEndBed(t *testing.T, db storetest.Database, settings ...string) *endBed {
	t.Helper()
	b := &endBed{killBed: startKillBed(t, db, settings...)}
	b.manager = hiredAt(t, db, "Sato", domain.RoleStoreManager)
	return b
}

// told is what came of a request to a process that may die meanwhile; status 0 is no answer.
type told struct {
	status int
	body   map[string]any
}

func (a told) Text(field string) string {
	s, _ := a.body[field].(string)
	return s
}

// ask makes one request; any goroutine may.
func (b *endBed) ask(ctx context.Context, token, method, path, key, body string) told {
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, strings.NewReader(body))
	if err != nil {
		return told{}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := b.client.Do(req)
	if err != nil {
		unanswered(ctx)
		return told{}
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	a := told{status: res.StatusCode}
	if err != nil || json.Unmarshal(raw, &a.body) != nil {
		return told{}
	}
	return a
}

const endBody = `{"reason": "customer_request", "note": "bought twice"}`

func (b *endBed) Convert(ctx context.Context, member, key string) told {
	return b.ask(ctx, b.pos.Key, http.MethodPost, "/v1/customers/"+member+"/conversions", key, `{"points": 100}`)
}

func (b *endBed) cancel(ctx context.Context, token, code, key string) told {
	return b.ask(ctx, token, http.MethodPost, "/v1/coupons/"+code+"/cancellation", key, endBody)
}

func (b *endBed) suspend(ctx context.Context, code, key string) told {
	return b.ask(ctx, b.manager, http.MethodPost, "/v1/coupons/"+code+"/suspension", key, endBody)
}

func (b *endBed) refund(ctx context.Context, code, reference, key string) told {
	return b.ask(ctx, b.pos.Key, http.MethodPost, "/v1/refunds", key,
		fmt.Sprintf(`{"coupon_code": %q, "reference": %q, "reason": "order_cancelled"}`, code, reference))
}

// decide closes the newest open review, if there is one.
func (b *endBed) decide(ctx context.Context, outcome, key string) told {
	list := b.ask(ctx, b.manager, http.MethodGet, "/v1/reviews?status=open&limit=20", "", "")
	items, _ := list.body["items"].([]any)
	for _, item := range items {
		r, _ := item.(map[string]any)
		outcomes, _ := r["outcomes"].([]any)
		if slices.Contains(outcomes, any(outcome)) {
			return b.ask(ctx, b.manager, http.MethodPost, fmt.Sprintf("/v1/reviews/%.0f/decision", r["id"]), key,
				fmt.Sprintf(`{"outcome": %q, "note": "looked into"}`, outcome))
		}
	}
	return told{}
}

// issue converts until there is a coupon, and gives its code.
func (b *endBed) issue(member, key string) string {
	b.T.Helper()
	var got told
	world.Eventually(b.T, "a coupon is issued", func() bool {
		got = b.Convert(b.T.Context(), member, key)
		return got.status == http.StatusCreated
	})
	return got.Text("code")
}

// outsideBooks is the POS's history and the store's codes.
type outsideBooks struct {
	taken, back, related map[string]int // by code
	alive                map[string]bool
}

func (b *endBed) outsideBooks() outsideBooks {
	b.T.Helper()
	o := outsideBooks{map[string]int{}, map[string]int{}, map[string]int{}, map[string]bool{}}
	for _, e := range b.POS.AllEntries() {
		if code, ok := strings.CutPrefix(e.Reference, domain.TakeReference("")); ok {
			o.taken[code]++
		} else if code, ok := strings.CutPrefix(e.Reference, domain.GiveBackReference("")); ok {
			o.back[code]++
			if e.RelatedReference == domain.TakeReference(code) {
				o.related[code]++
			}
		}
	}
	for _, d := range b.Shopify.Discounts() {
		o.alive[d.Code] = d.Status == "ACTIVE"
	}
	return o
}

// balanceEndings compares every coupon with the POS's history and the store's codes.
// covers: 004-57, T-10
func (b *endBed) balanceEndings() (count map[domain.Status]int) {
	b.T.Helper()
	o, count, seen := b.outsideBooks(), map[domain.Status]int{}, map[string]bool{}
	for _, status := range domain.Statuses() {
		for _, code := range b.coupons(string(status)) {
			count[status]++
			seen[code] = true
			taken, back, alive := o.taken[code], o.back[code], o.alive[code]
			ok := false
			switch status {
			case domain.Active:
				ok = taken == 1 && back == 0 && alive
			case domain.Suspended, domain.Forfeited:
				ok = taken == 1 && back == 0 && !alive
			case domain.Cancelled:
				ok = taken == 1 && back == 1 && o.related[code] == 1 && !alive
			case domain.Failed:
				ok = taken == back && taken <= 1 && !alive
			case domain.Pending, domain.Cancelling, domain.Used, domain.Expired:
			}
			if !ok {
				b.T.Errorf("%s %s: taken %d, given back %d, alive %v", status, code, taken, back, alive)
			}
		}
	}
	for code := range o.taken {
		if !seen[code] {
			b.T.Errorf("points of %s, which is no coupon, were taken", code)
		}
	}
	for code := range o.alive {
		if !seen[code] {
			b.T.Errorf("%s is a code nobody has", code)
		}
	}
	return count
}
