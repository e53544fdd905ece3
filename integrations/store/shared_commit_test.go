package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
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

// crowd is a store of whose coupons two are locked by somebody, so that commits of the others wait and go together.
type crowd struct {
	t      *testing.T
	s      *store.Store
	locked []coupons.State
	others []coupons.State
	free   func()
	first  []<-chan error
}

func newCrowd(t *testing.T, db storetest.Database, n int) *crowd {
	s := db.Open(t, now, nil)
	c := &crowd{t: t, s: s}
	for i := range n + 2 {
		id := strconv.Itoa(i + 1)
		customer(t, s, id)
		st := open(t, s, pending(id, 100))
		if i < 2 {
			c.locked = append(c.locked, st)
		} else {
			c.others = append(c.others, st)
		}
	}
	tx, err := s.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	for _, st := range c.locked {
		_, err = tx.ExecContext(t.Context(), `SELECT 1 FROM coupons WHERE id = $1 FOR UPDATE`, st.Coupon.ID)
		expect.MustEqual(t, "err", err, nil)
	}
	c.free = func() { expect.MustEqual(t, "err", tx.Rollback(), nil) }
	return c
}

// commits starts the commit of each change, once those that are locked are under way.
func (c *crowd) commits(ctx context.Context, changes ...coupons.Change) (ends []<-chan error) {
	for i, st := range c.locked {
		c.first = append(c.first, c.commit(c.t.Context(), taken(st)))
		for c.s.Commits() != i+1 {
			runtime.Gosched()
		}
	}
	for i, change := range changes {
		ends = append(ends, c.commit(ctx, change))
		for c.s.CommitsWaiting() != i+1 {
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
	for _, end := range c.first {
		expect.MustEqual(c.t, "the end of one that was locked", <-end, nil)
	}
	for _, end := range ends {
		errs = append(errs, <-end)
	}
	return errs
}

// transactions counts by how many the others' rows were written, and how many were.
func (c *crowd) transactions() (by, written int) {
	c.t.Helper()
	expect.MustEqual(c.t, "err", c.s.DB().QueryRowContext(c.t.Context(), `SELECT count(DISTINCT xmin::text), count(*) FROM coupons
		WHERE id > $1 AND version = 1`, c.locked[1].Coupon.ID).Scan(&by, &written), nil)
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
	expect.Equal(t, "lines of the audit", lines, 7)
	expect.Equal(t, "metafields", wanted, 2)
}

// TestOneOfASharedCommitIsToBlame: it hears so, alone, and the others are written, also those whose statement had
// succeeded before another one of the same transaction failed.
func TestOneOfASharedCommitIsToBlame(t *testing.T) {
	t.Parallel()
	late := func(c coupons.Change) coupons.Change { c.Coupon.Version++; return c }
	broken := func(c coupons.Change) coupons.Change { c.Coupon.Status = "nonsense"; return c }
	for what, c := range map[string]struct {
		blamed       func(coupons.State) coupons.Change
		conflict     bool
		transactions int
	}{
		"it comes too late":                    {func(st coupons.State) coupons.Change { return late(taken(st)) }, true, 1},
		"it breaks a rule":                     {func(st coupons.State) coupons.Change { return broken(taken(st)) }, false, 3},
		"it is of another kind, and too late":  {func(st coupons.State) coupons.Change { return late(asked(st)) }, true, 1},
		"it is of another kind, and of no use": {func(st coupons.State) coupons.Change { return broken(asked(st)) }, false, 3},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			crowd := newCrowd(t, storetest.Postgres(t), 4)
			o := crowd.others
			errs := crowd.ended(crowd.commits(t.Context(), taken(o[0]), c.blamed(o[1]), asked(o[2]), taken(o[3])))
			for i, err := range errs {
				expect.Equal(t, "an end is good", err == nil, i != 1, err)
			}
			expect.Equal(t, "a lost race", errors.Is(errs[1], domain.ErrConflict), c.conflict, errs[1])
			by, written := crowd.transactions()
			expect.Equal(t, "written", written, 3)
			expect.Equal(t, "transactions", by, c.transactions)
		})
	}
}

// TestWhatIsUndoneIsNotTold: what a statement said of a row counts for nothing where its transaction failed later.
func TestWhatIsUndoneIsNotTold(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 2)
	c.free()
	good, broken := taken(c.others[0]), asked(c.others[1])
	broken.Coupon.Status = "nonsense"
	told, err := c.s.WriteTogether(t.Context(), good, broken)
	expect.That(t, "it failed", err != nil)
	expect.Equal(t, "told", told, 0)
	told, err = c.s.WriteTogether(t.Context(), good, asked(c.others[1]))
	expect.Equal(t, "err", err, nil)
	expect.Equal(t, "told", told, 2)
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

// TestAllOfASharedCommitAreInDoubt: PostgreSQL ends the process that makes it. Nobody is told that nothing was done, and
// whoever comes next finds a connection.
func TestAllOfASharedCommitAreInDoubt(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 3)
	o := c.others
	deadly := func(statement string) {
		_, err := c.s.DB().ExecContext(t.Context(), statement)
		expect.MustEqual(t, "err", err, nil)
	}
	deadly(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN IF NEW.id = ` + strconv.FormatInt(o[1].Coupon.ID, 10) + ` THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$`)
	deadly(`CREATE TRIGGER die AFTER UPDATE ON coupons FOR EACH ROW EXECUTE FUNCTION die()`)
	for _, err := range c.ended(c.commits(t.Context(), taken(o[0]), taken(o[1]), asked(o[2]))) {
		expect.That(t, "it is in doubt", errors.Is(err, domain.ErrConflict) && errors.Is(err, domain.ErrUnavailable), err)
	}
	_, written := c.transactions()
	expect.Equal(t, "written", written, 0)
	deadly(`DROP TRIGGER die ON coupons`)
	_, err := c.s.Coupons.Commit(t.Context(), taken(o[1]))
	expect.Equal(t, "the next one's end", err, nil)
}

// TestASharedCommitWaitsForNobodysRow: one row of several is somebody else's for long. The others do not wait for it.
func TestASharedCommitWaitsForNobodysRow(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 3)
	o := c.others
	tx, err := c.s.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	_, err = tx.ExecContext(t.Context(), `SELECT 1 FROM coupons WHERE id = $1 FOR UPDATE`, o[1].Coupon.ID)
	expect.MustEqual(t, "err", err, nil)
	ends := c.commits(t.Context(), taken(o[0]), taken(o[1]), asked(o[2]))
	c.free()
	expect.Equal(t, "the end of one", <-ends[0], nil)
	expect.Equal(t, "the end of another", <-ends[2], nil)
	expect.MustEqual(t, "err", tx.Rollback(), nil)
	expect.Equal(t, "the end of that one", <-ends[1], nil)
}

// TestWhoGivesUpHasChangedNothing: while it waits for others, its coupon stays as it is.
func TestWhoGivesUpHasChangedNothing(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 1)
	ctx, giveUp := context.WithCancel(t.Context())
	ends := c.commits(ctx, taken(c.others[0]))
	giveUp()
	expect.Equal(t, "its end", errors.Is(<-ends[0], context.Canceled), true)
	c.ended(nil)
	_, written := c.transactions()
	expect.Equal(t, "written", written, 0)
}

// TestNotesOfMailsShareACommit: each is kept, and two about the same mail are one.
func TestNotesOfMailsShareACommit(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 3)
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
	for i, st := range c.locked {
		ends = append(ends, note(st))
		for c.s.NotesBegun() != i+1 {
			runtime.Gosched()
		}
	}
	for i, st := range []coupons.State{c.others[0], c.others[1], c.others[2], c.others[2]} {
		ends = append(ends, note(st))
		for c.s.NotesWaiting() != i+1 {
			runtime.Gosched()
		}
	}
	c.free()
	for _, end := range ends {
		expect.Equal(t, "an end", <-end, nil)
	}
	for i, st := range append(c.locked, c.others...) {
		list, err := c.s.Mails.OfCoupon(t.Context(), st.Coupon.ID)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "notes", len(list), 1)
		expect.Equal(t, "attempts", list[0].Attempts, 1+i/4)
	}
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
