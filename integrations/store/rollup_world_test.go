package store_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reports"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// happened is one thing that a report counts.
type happened struct {
	at     time.Time
	key    reports.Key
	points int64
}

// rolledUp is a store whose coupons move at random, on a clock that is moved by hand, beside a plain list of what
// happened.
type rolledUp struct {
	t        *testing.T
	s        *store.Store
	now      time.Time
	zone     *time.Location
	coupons  []domain.Coupon
	happened []happened
}

func newRolledUp(t *testing.T, db storetest.Database) *rolledUp {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	// The clocks of this zone are put back on 1 November.
	w := &rolledUp{t: t, now: time.Date(2026, 10, 30, 12, 0, 0, 987654000, time.UTC), zone: zone}
	w.s = db.Open(t, func() time.Time { return w.now }, nil)
	for i := range 3 {
		customer(t, w.s, fmt.Sprint(i))
	}
	return w
}

// act does one thing that can happen.
func (w *rolledUp) act(rt *rapid.T) {
	switch rapid.IntRange(0, 10).Draw(rt, "act") {
	case 0, 1:
		w.open(rt)
	case 2, 3, 4, 5:
		w.move(rt)
	case 6:
		w.refuse(rt)
	case 7:
		w.now = w.now.Add(time.Duration(rapid.Int64Range(1, int64(5*time.Hour)).Draw(rt,
			"later"))).Truncate(time.Microsecond)
	case 8:
		if _, _, err := w.s.Audit.Seal(rt.Context(), 0, rapid.IntRange(1, 6).Draw(rt, "seal")); err != nil {
			rt.Fatal(err)
		}
	case 9:
		w.sealWithoutAdding(rt)
	case 10:
		w.leaveDaysBehind(rt)
	}
}

// leaveDaysBehind is what a program does that adds slots up and does not know of days yet.
func (w *rolledUp) leaveDaysBehind(rt *rapid.T) {
	if _, err := w.s.DB().ExecContext(rt.Context(),
		`UPDATE tally_shifts SET seq = seq - 1; UPDATE tally_days SET coupons = coupons - 1`); err != nil {
		rt.Fatal(err)
	}
}

func (w *rolledUp) open(rt *rapid.T) {
	c := pending(fmt.Sprint(rapid.IntRange(0, 2).Draw(rt, "customer")), rapid.Int64Range(1, 50).Draw(rt, "points")*100)
	c.Coupon.CreatedAt, c.Audit[0].At, c.Movements[0].State = w.now, w.now, domain.MovementApplied
	c.Coupon.ExpiresAt = w.now.Truncate(time.Second).Add(time.Duration(rapid.IntRange(1, 48).Draw(rt,
		"hours")) * time.Hour)
	st, err := w.s.Coupons.Open(rt.Context(), opening(c), func(coupons.Intake) (coupons.Change, error) { return c, nil })
	if err != nil {
		rt.Fatal(err)
	}
	w.coupons = append(w.coupons, st.Coupon)
}

var kindOf = map[domain.Status]reports.Kind{domain.Active: reports.Issued, domain.Used: reports.Used,
	domain.Expired: reports.Expired, domain.Cancelled: reports.Cancelled, domain.Suspended: reports.Suspended,
	domain.Forfeited: reports.Forfeited, domain.Failed: reports.Failed}

// move makes one legal move of one coupon, with the lines that a program writes for it, or wrote before they were
// mended.
func (w *rolledUp) move(rt *rapid.T) {
	if len(w.coupons) == 0 {
		return
	}
	c := &w.coupons[rapid.IntRange(0, len(w.coupons)-1).Draw(rt, "coupon")]
	var nexts []domain.Status
	for _, next := range domain.Statuses() {
		if c.Status.CanBecome(next) {
			nexts = append(nexts, next)
		}
	}
	if len(nexts) == 0 {
		return
	}
	from := c.Status
	c.Status, c.DiscountID = rapid.SampledFrom(nexts).Draw(rt, "next"), "gid"
	if c.Status == domain.Cancelling {
		c.Reason = rapid.SampledFrom(domain.EndingReasons()).Draw(rt, "reason")
	}
	st, err := w.s.Coupons.Commit(rt.Context(), coupons.Change{Coupon: *c, Audit: w.linesOf(rt, *c, from)})
	if err != nil {
		rt.Fatal(err)
	}
	*c = st.Coupon
	if kind := kindOf[c.Status]; kind != "" {
		detail := ""
		if kind == reports.Cancelled {
			detail = c.Reason
		}
		w.tell(kind, detail, c.Points)
	}
}

func (w *rolledUp) tell(kind reports.Kind, detail string, points int64) {
	w.happened = append(w.happened, happened{w.now, reports.Key{Kind: kind, Detail: detail}, points})
}

func (w *rolledUp) linesOf(rt *rapid.T, c domain.Coupon, from domain.Status) []domain.AuditEntry {
	line := func(action string, from domain.Status) domain.AuditEntry {
		return domain.AuditEntry{At: w.now, Actor: "test", Action: action, Code: c.Code, From: from, To: c.Status,
			Outcome: domain.OutcomeDone}
	}
	old := rapid.Bool().Draw(rt, "old")
	switch c.Status {
	case domain.Cancelled:
		w.tell(reports.GivenBack, "", c.Points)
		list := []domain.AuditEntry{line("points.given_back", from)}
		if old { // settled by hand, by an old program
			list = append(list, line("review.decided", from))
		}
		return list
	case domain.Failed:
		w.tell(reports.GivenBack, "", c.Points)
		w.tell(reports.Refused, "conversion.failed", c.Points)
		back, failed := line("points.given_back", from), line("conversion.failed", from)
		if failed.Outcome = domain.OutcomeRefused; !old {
			back.To = from
		}
		return []domain.AuditEntry{back, failed}
	case domain.Forfeited:
		if old {
			from = domain.Forfeited
		}
		return []domain.AuditEntry{line("review.decided", from)}
	default:
		return []domain.AuditEntry{line("coupon."+string(c.Status), from)}
	}
}

func (w *rolledUp) refuse(rt *rapid.T) {
	action := rapid.SampledFrom([]string{"cancellation.refused", "access.refused"}).Draw(rt, "refused")
	if err := w.s.Audit.Record(rt.Context(), domain.AuditEntry{At: w.now, Actor: "test", Action: action,
		Outcome: domain.OutcomeRefused}); err != nil {
		rt.Fatal(err)
	}
	w.tell(reports.Refused, action, 0)
}

// sealWithoutAdding is what a program does that does not know of the figures yet.
func (w *rolledUp) sealWithoutAdding(rt *rapid.T) {
	zeros := "zeroblob(32)"
	if w.s.Dialect() == "postgres" {
		zeros = "decode(repeat('00', 32), 'hex')"
	}
	_, err := w.s.DB().ExecContext(rt.Context(), `INSERT INTO audit_seals (seq, audit_id, hash, sealed_at)
		SELECT (SELECT coalesce(max(seq), 0) + 1 FROM audit_seals), id, `+zeros+`, at FROM audit a
		WHERE NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.audit_id = a.id) ORDER BY id LIMIT 1`)
	if err != nil {
		rt.Fatal(err)
	}
}

// counted asks the coupons themselves.
func (w *rolledUp) counted(rt *rapid.T) map[domain.Status]reports.Count {
	rows, err := w.s.DB().QueryContext(rt.Context(), `SELECT status, expires_at, points FROM coupons`)
	if err != nil {
		rt.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	list := map[domain.Status]reports.Count{}
	for _, status := range domain.Statuses() {
		list[status] = reports.Count{}
	}
	for rows.Next() {
		var c domain.Coupon
		if err := rows.Scan(&c.Status, &c.ExpiresAt, &c.Points); err != nil {
			rt.Fatal(err)
		}
		status := c.StatusAt(w.now)
		list[status] = list[status].Plus(reports.Count{Coupons: 1, Points: c.Points})
	}
	if err := rows.Err(); err != nil {
		rt.Fatal(err)
	}
	return list
}

// agrees holds the figures against the coupons and against what happened.
// covers: 004-13
func (w *rolledUp) agrees(rt *rapid.T) {
	rt.Helper()
	desk := &reports.Desk{Store: w.s.Reports, Clock: stopped{w.now}, Zone: w.zone}
	first := time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC)
	got, err := desk.Summary(rt.Context(), first, first.AddDate(0, 0, 60))
	if err != nil {
		rt.Fatal(err)
	}
	want := w.counted(rt)
	if !maps.Equal(got.Standing.ByStatus, want) {
		rt.Fatalf("counted %v, the figures say %v", want, got.Standing.ByStatus)
	}
	if all := got.Standing.Of(); all.Coupons != int64(len(w.coupons)) {
		rt.Fatalf("%d of %d", all.Coupons, len(w.coupons))
	}
	days := map[string]reports.Totals{}
	for _, h := range w.happened {
		day := h.at.In(w.zone).Format(time.DateOnly)
		if days[day] == nil {
			days[day] = reports.Totals{}
		}
		days[day][h.key] = days[day][h.key].Plus(reports.Count{Coupons: 1, Points: h.points})
	}
	for _, d := range got.Days {
		if day := d.Date.Format(time.DateOnly); !maps.Equal(d.Totals, days[day]) {
			rt.Fatalf("%s: figures %v, happened %v", day, d.Totals, days[day])
		}
	}
}

type stopped struct{ at time.Time }

func (c stopped) Now() time.Time                       { return c.at }
func (c stopped) After(time.Duration) <-chan time.Time { return nil }
