package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shownDelivery is a line of the log.
type shownDelivery struct {
	Delivery
	At, Next, Body string
}

// mostShown is how many deliveries the page shows.
const mostShown = 40

func (f *front) deliveries(v *view, _ *http.Request) (string, int) {
	w := f.s.Switches()
	v.Switches, v.LateFor = bodyOf(w), int64(w.LateFor/time.Second)
	v.Customers, v.Subscribed, v.Compliance = f.s.Customers(), f.s.Subscriptions(), f.s.cfg.Webhooks.ComplianceURI
	slices.SortStableFunc(v.Customers, func(a, b Customer) int { return int(a.ID - b.ID) })
	list := f.s.Deliveries()
	for _, d := range list {
		if d.owed() {
			v.Owed++
		}
	}
	for _, d := range list[:min(len(list), mostShown)] {
		shown := shownDelivery{Delivery: d, At: f.when(d.TriggeredAt), Body: pretty(d.Body)}
		if d.State == Waiting {
			shown.Next = f.when(d.NotBefore)
		}
		v.Deliveries = append(v.Deliveries, shown)
	}
	return "deliveries", http.StatusOK
}

// pretty breaks a body into lines.
func pretty(body string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(body), "", "  ") != nil {
		return body
	}
	return out.String()
}

func (f *front) switches(_ http.ResponseWriter, r *http.Request) string {
	seconds, err := strconv.ParseInt(strings.TrimSpace(r.PostForm.Get("late_for")), 10, 32)
	if r.PostForm.Get("late_for") == "" {
		seconds, err = 0, nil
	}
	if err != nil || seconds < 0 {
		return "/store/deliveries?problem=bad_seconds"
	}
	on := func(name string) bool { return r.PostForm.Get(name) != "" }
	err = f.s.Switch(Switches{Late: on("late"), LateFor: time.Duration(seconds) * time.Second, Twice: on("twice"),
		Reversed: on("reversed"), Lost: on("lost"), Topics: strings.Fields(r.PostForm.Get("topics"))})
	if err != nil {
		return "/store/deliveries?problem=failed"
	}
	return "/store/deliveries?done=switched"
}

// flush lets everything go and waits a moment, so that the page already shows what came of it.
func (f *front) flush(_ http.ResponseWriter, r *http.Request) string {
	ctx, cancel := context.WithTimeout(r.Context(), controlWait)
	defer cancel()
	if err := f.s.Flush(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return "/store/deliveries?problem=failed"
	}
	return "/store/deliveries?done=flushed"
}

// other is what is told beside orders: privacy requests and changes of customers.
func (f *front) other(_ http.ResponseWriter, r *http.Request) string {
	act := r.PostForm.Get("act")
	switch act {
	case "customers/data_request", "customers/redact", "delete_customer":
	default:
		return "/store/deliveries?problem=failed"
	}
	err := f.s.act(actBody{Act: act, Customer: r.PostForm.Get("customer")})
	switch {
	case errors.Is(err, ErrNoComplianceURI):
		return "/store/deliveries?problem=no_compliance"
	case err != nil:
		return "/store/deliveries?problem=failed"
	}
	return "/store/deliveries?done=sent"
}
