package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/events"
	"pointbridge/domain/notifications"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// telling is a database in which events are told.
type telling struct {
	t   *testing.T
	s   *store.Store
	now time.Time
	// jobs are the deliveries that the queue was asked for.
	jobs *atomic.Int64
}

func newTelling(t *testing.T, db storetest.Database) *telling {
	w := &telling{t: t, now: noon, jobs: &atomic.Int64{}}
	w.s = db.Open(t, func() time.Time { return w.now }, func(_ context.Context, _ *sql.Tx, jobs []domain.Job) error {
		w.jobs.Add(int64(len(jobs)))
		return nil
	})
	return w
}

func (w *telling) endpoint(url string, kinds ...events.Kind) events.Endpoint {
	w.t.Helper()
	e, err := w.s.Events.AddEndpoint(w.t.Context(), domain.System(), events.Endpoint{PublicID: fmt.Sprint("whe_", len(url)), URL: url,
		Kinds: kinds, On: true, CreatedAt: w.now, CreatedBy: "x"}, func(int64) (string, error) { return "sealed", nil })
	expect.MustEqual(w.t, "err", err, nil)
	return e
}

// happens writes entries down, and seals them.
func (w *telling) happens(actions ...string) {
	w.t.Helper()
	w.wrote(w.now, actions...)
	w.seal()
}

func (w *telling) wrote(at time.Time, actions ...string) {
	w.t.Helper()
	for _, action := range actions {
		expect.MustEqual(w.t, "err", w.s.Audit.Record(w.t.Context(), domain.AuditEntry{At: at, Actor: "system",
			Action: action, From: domain.Pending, To: toOf[action], Outcome: domain.OutcomeDone, Detail: map[string]any{"points": 500, "review": 7}}), nil)
	}
}

func (w *telling) seal() {
	w.t.Helper()
	_, _, err := w.s.Audit.Seal(w.t.Context(), 0, 1000)
	expect.MustEqual(w.t, "err", err, nil)
}

// fan passes on what there is, in steps of so many.
func (w *telling) fan(limit int) {
	w.t.Helper()
	for {
		more, err := w.s.Events.FanOut(w.t.Context(), limit)
		expect.MustEqual(w.t, "err", err, nil)
		if !more {
			return
		}
	}
}

// told are the kinds and states of what an endpoint is told, oldest first.
func (w *telling) told(e events.Endpoint) (list []string) {
	w.t.Helper()
	got, err := w.s.Events.Deliveries(w.t.Context(), e.ID, 0, 1000)
	expect.MustEqual(w.t, "err", err, nil)
	for i := range got {
		d := got[len(got)-1-i]
		list = append(list, fmt.Sprint(d.Kind, " ", d.State))
	}
	return list
}

const (
	issued, used, cancelled = domain.ActionCouponActivated, domain.ActionCouponUsed, domain.ActionCouponCancelled
)

// toOf is the status that a coupon comes to.
var toOf = map[string]domain.Status{issued: domain.Active, used: domain.Used, cancelled: domain.Cancelled,
	domain.ActionCustomerRead: domain.Pending}

// TestWhatHappensIsToldOnce: to each address that wants it, however often and by how many processes it is looked at, and
// never what happened before the address was there.
func TestWhatHappensIsToldOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newTelling(t, db)
		w.happens(issued)
		w.now = w.now.Add(time.Hour)
		all := w.endpoint("https://a.example.com")
		some := w.endpoint("https://bb.example.com", events.CouponUsed)
		w.happens(issued, domain.ActionCustomerRead, used, cancelled)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() { _, _ = w.s.Events.FanOut(t.Context(), 2) })
		}
		wait.Wait()
		w.fan(1)
		w.fan(500)
		expect.Equal(t, "all that happened", w.told(all), []string{"coupon.issued waiting", "coupon.used waiting",
			"coupon.cancelled waiting"})
		expect.Equal(t, "what was asked for", w.told(some), []string{"coupon.used waiting"})
		expect.Equal(t, "jobs", w.jobs.Load(), int64(4))

		// An entry whose transaction took long has a smaller number and an earlier time, and is sealed later.
		w.wrote(w.now, used)
		w.now = w.now.Add(time.Minute)
		w.happens(cancelled)
		w.fan(500)
		expect.Equal(t, "deliveries", len(w.told(all)), 5)
		expect.Equal(t, "jobs", w.jobs.Load(), int64(7))
	})
}

// TestWhatIsMissedCanBeReplayed: an address that is off is told of nothing; the events of that time are sent when they
// are asked for, those that were told under the same ids, and what waits is not sent twice.
func TestWhatIsMissedCanBeReplayed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w, ctx := newTelling(t, db), t.Context()
		e := w.endpoint("https://a.example.com")
		w.happens(issued)
		w.fan(500)
		d, _, f, err := w.s.Events.Load(ctx, w.first(e).ID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the kind", f.Kind, events.CouponIssued)
		expect.Equal(t, "the review", f.Review, int64(7))
		d.State, d.Attempts, d.Status, d.TriedAt = events.Delivered, 1, 200, &w.now
		expect.MustEqual(t, "err", w.s.Events.Tried(ctx, d, false), nil)
		e.On = false
		e, err = w.s.Events.ChangeEndpoint(ctx, domain.System(), e, domain.ActionEventEndpointChanged)
		expect.MustEqual(t, "err", err, nil)
		w.happens(used)
		w.fan(500)
		expect.Equal(t, "told while it is off", w.told(e), []string{"coupon.issued delivered"})
		e.On = true
		e, err = w.s.Events.ChangeEndpoint(ctx, domain.System(), e, domain.ActionEventEndpointChanged)
		expect.MustEqual(t, "err", err, nil)
		w.fan(500)
		before := w.jobs.Load()
		for round, want := range []int{2, 0} {
			n, err := w.s.Events.Replay(ctx, domain.System(), e, w.now.Add(-time.Hour), w.now.Add(time.Hour), 10)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, fmt.Sprint("asked for in round ", round), n, want)
		}
		expect.Equal(t, "jobs", w.jobs.Load()-before, int64(2))
		expect.Equal(t, "told", w.told(e), []string{"coupon.issued waiting", "coupon.used waiting"})
		expect.Equal(t, "the id", w.first(e).EventID, d.EventID)
		_, err = w.s.Events.Replay(ctx, domain.System(), e, w.now.Add(-time.Hour), w.now.Add(time.Hour), 1)
		expect.Equal(t, "more than may be", domain.CodeOf(err), domain.CodeValidation)
		n, err := w.s.Events.Replay(ctx, domain.System(), e, w.now.Add(time.Hour), w.now.Add(2*time.Hour), 1)
		expect.That(t, "a time in which nothing happened", err == nil && n == 0, n, err)
		expect.Equal(t, "entries", len(entriesOf(t, w.s, domain.ActionEventsReplayed)), 3)
	})
}

func (w *telling) first(e events.Endpoint) events.Delivery {
	w.t.Helper()
	got, err := w.s.Events.Deliveries(w.t.Context(), e.ID, 0, 1000)
	expect.MustEqual(w.t, "err", err, nil)
	expect.MustThat(w.t, "there to be deliveries", len(got) > 0)
	return got[len(got)-1]
}

func entriesOf(t *testing.T, s *store.Store, action string) []string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), `SELECT detail FROM audit WHERE action = '`+action+`' ORDER BY id`)
	expect.MustEqual(t, "err", err, nil)
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var text string
		expect.MustEqual(t, "err", rows.Scan(&text), nil)
		list = append(list, text)
	}
	expect.MustEqual(t, "err", rows.Err(), nil)
	return list
}

// TestAnAddressThatIsGoneOrRemovedIsToldNothing: one that says it is gone is switched off, one that is removed takes its
// log along; both stand in the audit, without their addresses.
func TestAnAddressThatIsGoneOrRemovedIsToldNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w, ctx := newTelling(t, db), t.Context()
		e := w.endpoint("https://a.example.com/secret")
		_, err := w.s.Events.AddEndpoint(ctx, domain.System(), events.Endpoint{PublicID: "whe_2", URL: e.URL, On: true,
			CreatedAt: w.now}, func(int64) (string, error) { return "", nil })
		expect.Equal(t, "the same address", domain.CodeOf(err), domain.CodeValidation)
		w.happens(issued)
		w.fan(500)
		d := w.first(e)
		d.State, d.Status = events.GivenUp, 410
		for range 2 {
			expect.MustEqual(t, "err", w.s.Events.Tried(ctx, d, true), nil)
		}
		e, err = w.s.Events.Endpoint(ctx, e.PublicID)
		expect.MustEqual(t, "err", err, nil)
		expect.That(t, "it is off and gone", !e.On && e.Gone)
		w.happens(used)
		w.fan(500)
		expect.Equal(t, "told", w.told(e), []string{"coupon.issued given_up"})
		stale := e
		stale.Version--
		_, err = w.s.Events.ChangeEndpoint(ctx, domain.System(), stale, domain.ActionEventEndpointChanged)
		expect.Equal(t, "somebody who was overtaken", err, domain.ErrConflict)

		w.now = w.now.Add(24 * time.Hour)
		n, err := w.s.Events.Forget(ctx, w.now.Add(-time.Hour))
		expect.That(t, "the old log is forgotten", err == nil && n == 1, n, err)
		for range 2 {
			expect.MustEqual(t, "err", w.s.Events.RemoveEndpoint(ctx, domain.System(), e), nil)
		}
		_, err = w.s.Events.Endpoint(ctx, e.PublicID)
		expect.Equal(t, "what was removed", domain.CodeOf(err), domain.CodeNotFound)
		_, _, _, err = w.s.Events.Load(ctx, d.ID)
		expect.Equal(t, "its delivery", domain.CodeOf(err), domain.CodeNotFound)
		for action, times := range map[string]int{domain.ActionEventEndpointAdded: 1, domain.ActionEventEndpointChanged: 1,
			domain.ActionEventEndpointRemoved: 1} {
			expect.Equal(t, action, len(entriesOf(t, w.s, action)), times)
		}
		var named int
		expect.MustEqual(t, "err", w.s.DB().QueryRowContext(ctx, `SELECT count(*) FROM audit WHERE detail LIKE '%a.example.com%'`).
			Scan(&named), nil)
		expect.Equal(t, "entries that hold the address", named, 0)
	})
}

// TestWhatWaitsForPeopleIsAnEvent: systems of the merchant are told of requests, jobs that wait, mails that failed and
// differences once, and of a review by itself alone.
func TestWhatWaitsForPeopleIsAnEvent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newTelling(t, db)
		e := w.endpoint("https://a.example.com")
		for _, kind := range notifications.Kinds() {
			expect.MustEqual(t, "err", w.s.Notifications.Tell(t.Context(), notifications.Fact{Kind: kind, Ref: "7", At: w.now}), nil)
		}
		w.fan(2)
		w.fan(100)
		expect.Equal(t, "told", w.told(e), []string{"request.opened waiting", "bulk_job.waiting waiting",
			"mail.failed waiting", "books.differ waiting", "request.decided waiting"})
		got, err := w.s.Events.Deliveries(t.Context(), e.ID, 0, 1)
		expect.MustEqual(t, "err", err, nil)
		_, _, f, err := w.s.Events.Load(t.Context(), got[0].ID)
		expect.MustEqual(t, "err", err, nil)
		body, err := f.Body()
		expect.Equal(t, "err", err, nil)
		expect.That(t, "the number of the request is told", strings.Contains(string(body), `"details":{"request":"7"}`),
			string(body))
	})
}
