package generic_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/generic"
	"pointbridge/test/expect"
)

// said is a POS without a network, which says one thing.
type said string

func (s said) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(string(s))), Request: r}, nil
}

func hears(t *testing.T, body string) *generic.Client {
	t.Helper()
	c, err := generic.New(generic.Config{URL: "https://till.example", Token: "t", Lookup: coupons.LookupExact,
		Clock: clock},
		&http.Client{Transport: said(body)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// FuzzAnswers: whatever a POS says, the readers do not panic, and what they believe is the movement that was asked
// for.
func FuzzAnswers(f *testing.F) {
	f.Add(whole)
	f.Add(`{"success":true,"deducted_amount":500,"previous_balance":1,"new_balance":2}`)
	f.Add(`{"entries":[` + whole + `],"next_cursor":null}`)
	f.Add(`{"success":false,"code":"insufficient_points","balance":3}`)
	f.Add(`[null,{"entries":[null]}]`)
	f.Fuzz(func(t *testing.T, body string) {
		posClient := hears(t, body)
		took, err := posClient.Deduct(t.Context(), oddTake())
		if err == nil && (took.Points != -500 || !strings.Contains(body, "500")) {
			t.Fatalf("applied as %+v", took)
		}
		found, err := posClient.Find(t.Context(), oddTake())
		if err == nil && (found.Points != -500 || !strings.Contains(body, "500")) {
			t.Fatalf("found as %+v", found)
		}
		if _, err := posClient.Balance(t.Context(), "1"); err == nil && !json.Valid([]byte(body)) {
			t.Fatal("a balance came from nonsense")
		}
	})
}

// FuzzFigures: an answer is believed only if its amount, reference and customer are the movement's, where it has them.
func FuzzFigures(f *testing.F) {
	m := oddTake()
	f.Add(int64(-500), int64(0), m.Reference, "1", true)
	f.Add(int64(0), int64(500), "", "", true)
	f.Add(int64(-500), int64(400), m.Reference, "1", true)
	f.Add(int64(-500), int64(500), m.Reference, "1", false)
	f.Fuzz(func(t *testing.T, amount, deducted int64, reference, customer string, success bool) {
		answer := map[string]any{"success": success}
		for name, figure := range map[string]int64{"amount": amount, "deducted_amount": deducted} {
			if figure != 0 {
				answer[name] = figure
			}
		}
		answer["reference"], answer["customer_id"] = reference, customer
		body, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		_, err = hears(t, string(body)).Deduct(t.Context(), m)
		honest := success && (amount != 0 || deducted != 0) && (amount == 0 || amount == -500) &&
			(deducted == 0 || deducted == 500) &&
			(reference == "" || reference == m.Reference) && (customer == "" || customer == "1")
		expect.MustEqual(t, "honest", honest, err == nil, body, err)
		if refused := domain.KindOf(err) == domain.KindRefused; refused && (amount != 0 || deducted != 0) {
			t.Fatalf("%s counts as not applied", body)
		}
	})
}
