package store_test

import (
	"errors"
	"runtime"
	"strconv"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

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

// TestASharedCommitThatFailsAtItsLastStatement has undone what the first one wrote. Whoever is overtaken then hears so, and
// the state of the others counts one change and has the movement's own number.
func TestASharedCommitThatFailsAtItsLastStatement(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 3)
	o := c.others
	// Alone, the first coupon is not written: somebody else was faster.
	for _, statement := range []string{`CREATE FUNCTION overtake() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN IF current_setting('lock_timeout') = '50ms' THEN RETURN NEW; END IF; RETURN NULL; END $$`,
		`CREATE TRIGGER overtake BEFORE UPDATE ON coupons FOR EACH ROW WHEN (OLD.id = ` +
			strconv.FormatInt(o[0].Coupon.ID, 10) + `) EXECUTE FUNCTION overtake()`} {
		_, err := c.s.DB().ExecContext(t.Context(), statement)
		expect.MustEqual(t, "err", err, nil)
	}
	intending := func(st coupons.State) coupons.Change {
		change := taken(st)
		m := st.Movements[0]
		change.Movements = []domain.Movement{{CustomerID: m.CustomerID, POS: m.POS, Kind: domain.GiveBack, State: domain.MovementParked,
			Points: m.Points, Reference: m.Reference + "-back", RelatedReference: m.Reference, Key: m.Key + "-back", CreatedAt: noon}}
		return change
	}
	broken := asked(o[2])
	broken.Audit[0].Actor = "a\x00"
	ends := c.commits(t.Context(), intending(o[0]))
	told := make(chan coupons.State, 1)
	go func() {
		st, _ := c.s.Coupons.Commit(t.Context(), intending(o[1]))
		told <- st
	}()
	for c.s.CommitsWaiting() != 2 {
		runtime.Gosched()
	}
	errs := c.ended(append(ends, c.commits(t.Context(), broken)...))
	expect.That(t, "who was overtaken hears so", errors.Is(errs[0], domain.ErrConflict), errs[0])
	expect.That(t, "who was to blame hears so", errs[1] != nil && !errors.Is(errs[1], domain.ErrConflict), errs[1])
	st := <-told
	got, err := c.s.Coupons.Load(t.Context(), o[1].Coupon.ID)
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "movements", len(got.Movements), 2)
	expect.MustEqual(t, "movements that are told of", len(st.Movements), 1)
	expect.Equal(t, "the version", st.Coupon.Version, got.Coupon.Version)
	expect.Equal(t, "the movement", st.Movements[0].ID, got.Movements[1].ID)
}

// TestNobodyWaitsForRowsThatOthersWaitFor: as many rows as there are commits at once are somebody else's for long. The
// commit of another one does not wait for them.
func TestNobodyWaitsForRowsThatOthersWaitFor(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, storetest.Postgres(t), 3)
	o := c.others
	c.free()
	tx, err := c.s.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	var ends []<-chan error
	for _, st := range o[:2] {
		_, err = tx.ExecContext(t.Context(), `SELECT 1 FROM coupons WHERE id = $1 FOR UPDATE`, st.Coupon.ID)
		expect.MustEqual(t, "err", err, nil)
		ends = append(ends, c.commit(t.Context(), taken(st)))
	}
	for waiting := 0; waiting != len(ends); runtime.Gosched() {
		expect.MustEqual(t, "err", c.s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting), nil)
		for _, end := range ends {
			expect.MustEqual(t, "those whose commit has ended", len(end), 0)
		}
	}
	_, err = c.s.Coupons.Commit(t.Context(), taken(o[2]))
	expect.Equal(t, "the end of the other one", err, nil)
	expect.MustEqual(t, "err", tx.Rollback(), nil)
	for _, end := range ends {
		expect.Equal(t, "an end", <-end, nil)
	}
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
