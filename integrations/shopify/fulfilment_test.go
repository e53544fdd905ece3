package shopify

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
)

const twoParts = `{"data": {"order": {"fulfillmentOrders": {"pageInfo": {"hasNextPage": false}, "nodes": [
	{"id": "gid://shopify/FulfillmentOrder/1", "status": "OPEN", "supportedActions": [{"action": "HOLD"}], "fulfillmentHolds": []},
	{"id": "gid://shopify/FulfillmentOrder/2", "status": "OPEN", "supportedActions": [{"action": "HOLD"}], "fulfillmentHolds": [
		{"id": "gid://shopify/FulfillmentHold/5", "handle": "pointbridge-identity", "heldByRequestingApp": false},
		{"id": "gid://shopify/FulfillmentHold/6", "handle": null, "heldByRequestingApp": true}]}]}}}}`

// holding answers the question with parts, and the mutations one after the other.
func holding(parts string, answers ...string) *stub {
	n := 0
	return &stub{answer: func(_ *http.Request, body string) (*http.Response, error) {
		if !strings.Contains(body, "mutation") {
			return reply(200, parts), nil
		}
		n++
		return reply(200, answers[min(n, len(answers))-1]), nil
	}}
}

const (
	holdDone    = `{"data": {"fulfillmentOrderHold": {"fulfillmentHold": {"id": "gid://shopify/FulfillmentHold/1"}, "userErrors": []}}}`
	holdRefused = `{"data": {"fulfillmentOrderHold": {"fulfillmentHold": null, "userErrors": [{"field": ["id"], "message": "x", "code": null}]}}}`
	holdBroken  = `{"data": {"fulfillmentOrderHold": null}, "errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}`
	holdGone    = `{"data": {"fulfillmentOrderHold": {"fulfillmentHold": null, "userErrors": [{"field": ["id"], "message": "x", "code": "FULFILLMENT_ORDER_NOT_FOUND"}]}}}`
	holdNothing = `{"data": {"fulfillmentOrderHold": {"fulfillmentHold": null, "userErrors": []}}}`
)

// TestOutcomesOfAHold: one part that is held is a held order unless nobody knows what became of another. A handle counts
// as ours only in a hold of ours.
// covers: 003-18
func TestOutcomesOfAHold(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		parts   string
		answers []string
		sent    int
		kind    domain.Kind
		reason  string
	}{
		"both are held":                    {twoParts, []string{holdDone}, 3, "", ""},
		"one is refused, the other held":   {twoParts, []string{holdRefused, holdDone}, 3, "", ""},
		"both are refused":                 {twoParts, []string{holdRefused}, 3, domain.KindRefused, "uncoded"},
		"nobody knows of the second":       {twoParts, []string{holdDone, holdBroken}, 3, domain.KindUnknown, "internal_server_error"},
		"an answer that says nothing":      {twoParts, []string{holdNothing}, 2, domain.KindUnknown, "broken_answer"},
		"a part that is gone is read anew": {twoParts, []string{holdDone, holdGone, holdDone, holdDone}, 6, "", ""},
		"parts that are gone each time":    {twoParts, []string{holdGone}, 6, domain.KindRefused, "fulfillment_order_not_found"},
		"no part that the app sees":        {`{"data": {"order": {"fulfillmentOrders": {"nodes": []}}}}`, nil, 1, domain.KindRefused, ReasonNothingToHold},
		"more parts than one page":         {`{"data": {"order": {"fulfillmentOrders": {"nodes": [], "pageInfo": {"hasNextPage": true}}}}}`, nil, 1, domain.KindRefused, "too_many_parts"},
		"an order that is gone":            {`{"data": {"order": null}}`, nil, 1, domain.KindNotFound, ""},
		"no right to see how it is sent":   {`{"data": {"order": null}, "errors": [` + denial(`["order","fulfillmentOrders"]`) + `]}`, nil, 1, domain.KindAuth, domain.ReasonAccessDenied},
		"the shop does not know right now": {holdBroken, nil, 1, domain.KindUnknown, "internal_server_error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rt := holding(tc.parts, tc.answers...)
			err := newTestClient(t, testConfig(), rt).HoldFulfilment(t.Context(), shownID, ourHandle, "a note")
			wantOutcome(t, err, tc.kind, tc.reason)
			if got := len(rt.sent()); got != tc.sent {
				t.Errorf("%d calls, want %d", got, tc.sent)
			}
			for _, body := range rt.sent() {
				if !strings.Contains(body, "mutation") {
					continue
				}
				if !strings.Contains(body, `"reason":"OTHER"`) || !strings.Contains(body, `"notifyMerchant":false`) {
					t.Errorf("asked for %s", body)
				}
			}
		})
	}
}

// TestOutcomesOfARelease: only holds of ours are named, and holds are always named, for without names all would go.
// covers: 003-18
func TestOutcomesOfARelease(t *testing.T) {
	t.Parallel()
	held := strings.NewReplacer(`"heldByRequestingApp": false`, `"heldByRequestingApp": true`).Replace(twoParts)
	problem := func(code string) string {
		return `{"data": {"fulfillmentOrderReleaseHold": {"fulfillmentOrder": null, "userErrors": [{"field": ["id"], "message": "x", "code": ` + code + `}]}}}`
	}
	for name, tc := range map[string]struct {
		parts, answer string
		sent          int
		kind          domain.Kind
		reason        string
	}{
		"ours is released":           {held, `{"data": {"fulfillmentOrderReleaseHold": {"fulfillmentOrder": {"id": "x"}, "userErrors": []}}}`, 2, "", ""},
		"nothing of ours is there":   {twoParts, "", 1, "", ""},
		"the part is gone":           {held, problem(`"FULFILLMENT_ORDER_NOT_FOUND"`), 2, "", ""},
		"somebody took the right":    {held, problem(`"INVALID_ACCESS"`), 2, domain.KindAuth, domain.ReasonAccessDenied},
		"another refusal":            {held, problem("null"), 2, domain.KindRefused, "uncoded"},
		"an answer of nothing":       {held, `{"data": {"fulfillmentOrderReleaseHold": {"fulfillmentOrder": null, "userErrors": []}}}`, 2, domain.KindUnknown, "broken_answer"},
		"an order that is gone":      {`{"data": {"order": null}}`, "", 1, domain.KindNotFound, ""},
		"nobody knows what happened": {held, `{"data": null, "errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}`, 2, domain.KindUnknown, "internal_server_error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rt := holding(tc.parts, tc.answer)
			err := newTestClient(t, testConfig(), rt).ReleaseFulfilment(t.Context(), shownID, ourHandle)
			wantOutcome(t, err, tc.kind, tc.reason)
			if got := len(rt.sent()); got != tc.sent {
				t.Errorf("%d calls, want %d", got, tc.sent)
			}
			for _, body := range rt.sent()[1:] {
				if !strings.Contains(body, `"holds":["gid://shopify/FulfillmentHold/5"]`) {
					t.Errorf("asked for %s", body)
				}
			}
		})
	}
}

// TestAPartThatIsNotReleasedKeepsNoOtherHeld: what the shop refuses for one part is said at the end.
// covers: 003-18
func TestAPartThatIsNotReleasedKeepsNoOtherHeld(t *testing.T) {
	t.Parallel()
	held := strings.NewReplacer(`"heldByRequestingApp": false`, `"heldByRequestingApp": true`, `"fulfillmentHolds": []`,
		`"fulfillmentHolds": [{"id": "gid://shopify/FulfillmentHold/4", "handle": "pointbridge-identity",
			"heldByRequestingApp": true}]`).Replace(twoParts)
	rt := holding(held, `{"data": {"fulfillmentOrderReleaseHold": {"fulfillmentOrder": null, "userErrors": [{"field": ["id"],
		"message": "x", "code": null}]}}}`, `{"data": {"fulfillmentOrderReleaseHold": {"fulfillmentOrder": {"id": "x"},
		"userErrors": []}}}`)
	err := newTestClient(t, testConfig(), rt).ReleaseFulfilment(t.Context(), shownID, ourHandle)
	wantOutcome(t, err, domain.KindRefused, "uncoded")
	if sent := rt.sent(); len(sent) != 3 || !strings.Contains(sent[2], "FulfillmentHold/5") {
		t.Errorf("%d calls, want 3 of which the last releases the second part", len(sent))
	}
}
