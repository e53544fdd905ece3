package events

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// TestWhatALineTells: each move of a coupon is one event, and so is each movement of points, also where one line of the
// audit tells of both; whatever moved nothing is none.
func TestWhatALineTells(t *testing.T) {
	t.Parallel()
	const pending, active, cancelling = domain.Pending, domain.Active, domain.Cancelling
	for _, c := range []struct {
		action   string
		from, to domain.Status
		want     string
	}{
		{domain.ActionPointsTaken, pending, pending, "[{evt_a9 points.taken}]"},
		{domain.ActionCouponActivated, pending, active, "[{evt_m9 coupon.issued}]"},
		{domain.ActionConversionFailed, pending, domain.Failed, "[{evt_m9 coupon.failed}]"},
		{domain.ActionConversionRefused, "", "", "[]"},
		{domain.ActionCouponRead, active, active, "[]"},
		{domain.ActionCancellationStarted, active, cancelling, "[{evt_m9 coupon.cancelling}]"},
		{domain.ActionPointsGivenBack, cancelling, domain.Cancelled, "[{evt_a9 points.given_back} {evt_m9 coupon.cancelled}]"},
		{domain.ActionCouponCancelled, cancelling, domain.Cancelled, "[{evt_m9 coupon.cancelled}]"},
		{domain.ActionCouponUsed, cancelling, domain.Used, "[{evt_m9 coupon.used}]"},
		{domain.ActionReviewDecided, domain.Suspended, domain.Forfeited, "[{evt_a9 review.decided} {evt_m9 coupon.forfeited}]"},
	} {
		got := []string{}
		for _, told := range (Line{9, c.action, c.from, c.to}).Events() {
			got = append(got, "{"+told.Ref.ID()+" "+string(told.Kind)+"}")
		}
		expect.Equal(t, c.action, "["+strings.Join(got, " ")+"]", c.want)
	}
	from := map[Kind]bool{ReviewOpened: true} // from the review itself
	for _, k := range done {
		from[k] = true
	}
	for _, k := range moved {
		from[k] = true
	}
	for _, n := range noted {
		from[n.Kind] = true
	}
	for _, k := range Kinds() {
		expect.That(t, string(k)+" to come from something", from[k])
	}
}

func TestAnIDNamesOneEvent(t *testing.T) {
	t.Parallel()
	for _, r := range []Ref{{FromAudit, 1}, {FromReview, 1}, {FromNotice, 2}, {FromMove, 3}, {FromAudit, 9_000_000_000_000}} {
		got, ok := ReadRef(r.ID())
		expect.That(t, r.ID()+" to be read", ok && got == r, got)
	}
	for _, odd := range []string{"", "evt_", "evt_a", "evt_a0", "evt_a-1", "evt_a01", "evt_a+1", "evt_x1", "a1", "evt_a1 "} {
		_, ok := ReadRef(odd)
		expect.That(t, odd+" to be no id", !ok)
	}
}

// TestWhatLeavesTheHouse: an event tells figures and machine words, never what somebody typed, and no code that does not
// stand yet.
func TestWhatLeavesTheHouse(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))
	f := Fact{Ref: Ref{FromAudit, 5}, Kind: PointsTaken, At: at, Status: domain.Pending,
		Coupon: &domain.Coupon{Code: "0934-ABCDEF-500", CustomerID: "8812370934", Points: 500,
			Amount: domain.Money{Minor: 500, Currency: "JPY"}, CreatedAt: at, ExpiresAt: at},
		Detail: map[string]any{"points": 500, "reference": domain.TakeReference("0934-ABCDEF-500"), "note": "she called me at 090-1234-5678", "credential": "key"}}
	got, err := f.Body()
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the body", string(got), `{"type":"points.taken","timestamp":"2026-12-01T03:00:00Z","data":{"coupon":`+
		`{"code":"","status":"pending","campaign":"points","customer_id":"8812370934","points":500,"amount":500,`+
		`"currency":"JPY","percent":0,"created_at":"2026-12-01T03:00:00Z","expires_at":"2026-12-01T03:00:00Z"},`+
		`"details":{"points":500}}}`)
	f.Kind, f.Status = CouponIssued, domain.Active
	got, err = f.Body()
	expect.MustEqual(t, "err", err, nil)
	expect.That(t, "the code to be told once it stands", strings.Contains(string(got), `"0934-ABCDEF-500"`), string(got))
	expect.That(t, "what is named after it, too", strings.Contains(string(got), `"COUPON-0934-ABCDEF-500"`), string(got))
}

// TestAddressesThatLeadInside: they are refused when they are typed, as far as the address itself tells; where a name
// leads is for whoever connects.
func TestAddressesThatLeadInside(t *testing.T) {
	t.Parallel()
	own := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}
	for _, c := range []struct {
		url     string
		allowed []netip.Prefix
		rule    string
	}{
		{"https://erp.example.com/events?a=b", nil, ""},
		{"https://erp.example.com:8443/events", nil, ""},
		{"http://erp.example.com/events", nil, RuleHTTPS},
		{"http://erp.example.com/events", own, ""}, // whoever connects sees where it leads
		{"ftp://erp.example.com/events", own, RuleHTTPS},
		{"https://user:secret@erp.example.com/", nil, RuleNoLogin},
		{"https://127.0.0.1/", nil, RuleOutside},
		{"https://[::1]/", nil, RuleOutside},
		{"https://[::ffff:10.0.0.1]/", nil, RuleOutside},
		{"https://10.20.3.4/", nil, RuleOutside},
		{"https://10.20.3.4/", own, ""},
		{"https://10.21.3.4/", own, RuleOutside},
		{"https://169.254.1.1/", own, RuleOutside},
		{"https://localhost/", nil, RuleOutside},
		{"https://shop.localhost./", nil, RuleOutside},
		{"https:///events", nil, "url"},
		{"erp.example.com", nil, "url"},
		{"https://erp.example.com/ events", nil, "url"},
		{"https://erp.example.com/#part", nil, "url"},
		{"https://erp.example.com/" + strings.Repeat("a", 500), nil, "url"},
		{"", nil, "url"},
	} {
		expect.Equal(t, "the rule that "+c.url+" breaks", wrongURL(c.url, c.allowed), c.rule)
	}
}
