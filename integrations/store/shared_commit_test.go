package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notices"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// crowd is a store with a commit under way, so that those of its coupons wait and go together.
type crowd struct {
	t      *testing.T
	s      *store.Store
	others []coupons.State
	free   func()
}

func newCrowd(t *testing.T, db storetest.Database, n int) *crowd {
	s := db.Open(t, now, nil)
	c := &crowd{t: t, s: s}
	for i := range n {
		id := strconv.Itoa(i + 1)
		customer(t, s, id)
		c.others = append(c.others, open(t, s, pending(id, 100)))
	}
	c.free = s.HoldCommits()
	t.Cleanup(c.free)
	return c
}

// commits starts the commit of each change, one after the other.
func (c *crowd) commits(ctx context.Context, changes ...coupons.Change) (ends []<-chan error) {
	for _, change := range changes {
		before := c.s.CommitsWaiting()
		ends = append(ends, c.commit(ctx, change))
		for c.s.CommitsWaiting() == before {
			runtime.Gosched()
		}
	}
	return ends
}

func (c *crowd) commit(ctx context.Context, change coupons.Change) <-chan error {
	end := make(chan error, 1)
	go func() {
		st, err := c.s.Coupons.Commit(ctx, change)
		if err == nil && st.Coupon.Version != change.Coupon.Version+1 {
			err = fmt.Errorf("version %d became %d", change.Coupon.Version, st.Coupon.Version)
		}
		end <- err
	}()
	return end
}

// ended lets everybody go, and returns how those who waited ended.
func (c *crowd) ended(ends []<-chan error) (errs []error) {
	c.t.Helper()
	c.free()
	for _, end := range ends {
		errs = append(errs, <-end)
	}
	return errs
}

// transactions counts by how many the others' rows were written, and how many were.
func (c *crowd) transactions() (by, written int) {
	c.t.Helper()
	expect.MustEqual(c.t, "err", c.s.DB().QueryRowContext(c.t.Context(), `SELECT count(DISTINCT xmin::text), count(*) FROM coupons
		WHERE version = 1`).Scan(&by, &written), nil)
	return by, written
}

// taken is the commit after the points were taken.
func taken(st coupons.State) coupons.Change {
	m := st.Movements[0]
	m.State, m.SettledAt = domain.MovementApplied, &noon
	return coupons.Change{Coupon: st.Coupon, Movements: []domain.Movement{m}, Audit: []domain.AuditEntry{{At: noon, Actor: "a",
		Action: domain.ActionPointsTaken, Code: st.Coupon.Code, CustomerID: st.Coupon.CustomerID, Outcome: domain.OutcomeDone}}}
}

// asked is another kind of commit: it ends a request, and wants the customer's metafield.
func asked(st coupons.State) coupons.Change {
	return coupons.Change{Coupon: st.Coupon, Answer: coupons.AnswerDone, Project: true, Audit: []domain.AuditEntry{{At: noon,
		Actor: "a", Action: domain.ActionCouponActivated, Code: st.Coupon.Code, CustomerID: st.Coupon.CustomerID,
		Outcome: domain.OutcomeDone}}}
}

// TestCommitsThatAreReadyShareOne: what each of several changes says is written, by one transaction.
func TestCommitsThatAreReadyShareOne(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 5)
	o := c.others
	for _, err := range c.ended(c.commits(t.Context(), taken(o[0]), asked(o[1]), taken(o[2]), asked(o[3]), taken(o[4]))) {
		expect.Equal(t, "an end", err, nil)
	}
	by, written := c.transactions()
	expect.Equal(t, "written", written, 5)
	expect.Equal(t, "transactions", by, 1)
	for i, st := range o {
		got, err := c.s.Coupons.Load(t.Context(), st.Coupon.ID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "points are taken", got.Movements[0].State == domain.MovementApplied, i%2 == 0)
		request, err := c.s.Coupons.FindRequest(t.Context(), coupons.RequestKey{CallerID: "key:1", Operation: "conversion", Key: st.Coupon.Code,
			Hash: "h"})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "answered", request.Answer == coupons.AnswerDone, i%2 == 1)
	}
	var lines, wanted int
	expect.MustEqual(t, "err", c.s.DB().QueryRowContext(t.Context(), `SELECT (SELECT count(DISTINCT coupon_id) FROM audit
		WHERE actor = 'a'), (SELECT count(*) FROM customers WHERE projection_wanted > 0)`).Scan(&lines, &wanted), nil)
	expect.Equal(t, "lines of the audit", lines, 5)
	expect.Equal(t, "metafields", wanted, 2)
}

// TestTwoOfASharedCommitChangeOneCoupon: one of them has done so, and the other one knows.
func TestTwoOfASharedCommitChangeOneCoupon(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 2)
	o := c.others
	errs := c.ended(c.commits(t.Context(), taken(o[0]), taken(o[0]), asked(o[1])))
	expect.Equal(t, "one has done it", (errs[0] == nil) != (errs[1] == nil), true, errs)
	expect.That(t, "the other one knows", errors.Is(errors.Join(errs...), domain.ErrConflict), errs)
	expect.Equal(t, "the third one's end", errs[2], nil)
}

// TestASharedCommitInsertsEachOnesJobs: as many of each coupon as its change has, with their own values, and none of one
// that came too late.
func TestASharedCommitInsertsEachOnesJobs(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 4)
	_, err := c.s.DB().ExecContext(t.Context(), `CREATE TABLE made (coupon bigint, job jsonb)`)
	expect.MustEqual(t, "err", err, nil)
	c.s.SetInline(func(from string, list []domain.Job) (string, []any, bool) {
		var args []any
		for _, job := range list {
			args = append(args, fmt.Sprintf(`{"of": %d}`, job.CouponID), job.CouponID)
		}
		return "INSERT INTO made (job, coupon) SELECT v.job, v.coupon FROM " + from + ", LATERAL (VALUES " +
			strings.Join(slices.Repeat([]string{"(?::jsonb, ?)"}, len(list)), ", ") + ") AS v (job, coupon)", args, true
	})
	var changes []coupons.Change
	for i, st := range c.others {
		change := taken(st)
		for n := range 1 + i%2 {
			change.Jobs = append(change.Jobs, domain.Job{Kind: domain.JobTag, CouponID: 10*st.Coupon.ID + int64(n)})
		}
		changes = append(changes, change)
	}
	changes[3].Coupon.Version++
	for i, err := range c.ended(c.commits(t.Context(), changes...)) {
		expect.Equal(t, "it came too late", errors.Is(err, domain.ErrConflict), i == 3, err)
	}
	var of, at string
	expect.MustEqual(t, "err", c.s.DB().QueryRowContext(t.Context(), `SELECT string_agg(coupon::text, ' ' ORDER BY coupon),
		string_agg(job->>'of', ' ' ORDER BY coupon) FROM made`).Scan(&of, &at), nil)
	ids := [3]int64{c.others[0].Coupon.ID, c.others[1].Coupon.ID, c.others[2].Coupon.ID}
	expect.Equal(t, "jobs", of, fmt.Sprintf("%d0 %d0 %d1 %d0", ids[0], ids[1], ids[1], ids[2]))
	expect.Equal(t, "their values", at, of)
	by, _ := c.transactions()
	expect.Equal(t, "transactions", by, 1)
}

// TestWhoGivesUpHasChangedNothing: while it waits for others, its coupon stays as it is.
func TestWhoGivesUpHasChangedNothing(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 1)
	ctx, giveUp := context.WithCancel(t.Context())
	ends := c.commits(ctx, taken(c.others[0]))
	expect.Equal(t, "commits now", c.s.CommitsNow(), 1)
	giveUp()
	expect.Equal(t, "its end", errors.Is(<-ends[0], context.Canceled), true)
	expect.Equal(t, "commits now", c.s.CommitsNow(), 0)
	c.ended(nil)
	_, written := c.transactions()
	expect.Equal(t, "written", written, 0)
}

// TestNotesOfMailsShareACommit: each is kept, and two about the same mail are one.
func TestNotesOfMailsShareACommit(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 3)
	free := c.s.HoldNotes()
	t.Cleanup(free)
	note := func(st coupons.State) <-chan error {
		end := make(chan error, 1)
		go func() {
			_, err := c.s.Mails.Note(t.Context(), notices.Entry{Event: "issued:" + st.Coupon.Code, CouponID: st.Coupon.ID, Kind: domain.MailIssued,
				Address: "a@example.com", State: notices.Sending, ChangedAt: noon})
			end <- err
		}()
		return end
	}
	var ends []<-chan error
	for i, st := range []coupons.State{c.others[0], c.others[1], c.others[2], c.others[2]} {
		ends = append(ends, note(st))
		for c.s.NotesWaiting() != i+1 {
			runtime.Gosched()
		}
	}
	free()
	for _, end := range ends {
		expect.Equal(t, "an end", <-end, nil)
	}
	for i, st := range c.others {
		list, err := c.s.Mails.OfCoupon(t.Context(), st.Coupon.ID)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "notes", len(list), 1)
		expect.Equal(t, "attempts", list[0].Attempts, 1+i/2)
	}
}

// TestASharedCommitHasTheAddressesParameters also behind a pooler that keeps them from the start of a connection; its own
// bound on a wait goes before theirs, and nothing is left for whoever has the connection next.
func TestASharedCommitHasTheAddressesParameters(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	c := newCrowd(t, db, 1)
	c.free()
	for _, statement := range []string{`CREATE TABLE seen (what text)`, `CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN INSERT INTO seen SELECT string_agg(current_setting(name), ' ') FROM unnest(ARRAY['synchronous_commit',
		'statement_timeout', 'lock_timeout']) AS name; RETURN NEW; END $$`,
		`CREATE TRIGGER see BEFORE UPDATE ON coupons FOR EACH ROW EXECUTE FUNCTION see()`} {
		_, err := c.s.DB().ExecContext(t.Context(), statement)
		expect.MustEqual(t, "err", err, nil)
	}
	s, err := store.Open(t.Context(), store.Config{URL: db.URL + "&synchronous_commit=remote_write", Transaction: true, Direct: db.URL,
		MaxConns: 1, Now: now})
	expect.MustEqual(t, "err", err, nil)
	t.Cleanup(func() { _ = s.Close() })
	_, err = s.Coupons.Commit(t.Context(), taken(c.others[0]))
	expect.MustEqual(t, "err", err, nil)
	var seen, left string
	expect.MustEqual(t, "err", s.DB().QueryRowContext(t.Context(), `SELECT what, current_setting('lock_timeout') FROM seen`).Scan(&seen,
		&left), nil)
	expect.Equal(t, "seen", seen, "remote_write 5min 50ms")
	expect.Equal(t, "left", left, "0")
}

// TestASharedCommitFindsRowsByTheirKeys, also where it was planned while there were next to none.
func TestASharedCommitFindsRowsByTheirKeys(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 1)
	c.free()
	conn, err := c.s.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	defer func() { _ = conn.Rollback() }()
	for i, change := range []coupons.Change{taken(c.others[0]), asked(c.others[0])} {
		text, values, err := c.s.SharedText(change)
		expect.MustEqual(t, "err", err, nil)
		name := "shared" + strconv.Itoa(i)
		for _, statement := range []string{"ANALYZE", "SET LOCAL plan_cache_mode = force_generic_plan", store.ByKeys,
			"PREPARE " + name + " AS " + text} {
			_, err = conn.ExecContext(t.Context(), statement)
			expect.MustEqual(t, "err", err, nil)
		}
		plan := explained(t, conn, "EXECUTE "+name+"("+strings.Repeat("NULL, ", values-1)+"NULL)")
		expect.That(t, "no table is read whole", !strings.Contains(plan, "Seq Scan"), plan)
		expect.That(t, "a coupon is found by its key", strings.Contains(plan, "coupons_pkey"), plan)
	}
}
