package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// personOf are the digests by which somebody is erased.
func personOf(r ring, s identity.Shown) identity.Print {
	print, _ := r.Candidates(asWritten{}.Forms(identity.Shown{CustomerID: s.CustomerID, Emails: s.Emails, Phones: s.Phones}))
	return print
}

// TestErasureForgetsOnePerson: their digests, the facts of their decisions and what verdicts say of them; outcome and
// reason stay, and so does everybody else. An order of theirs that is heard of again brings nothing back.
func TestErasureForgetsOnePerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 5, taro())
		d := w.see(2, 4, hanako())
		if _, err := w.Judge(t.Context(), boss, d.PublicID, decisions.NotAbuse, "his wife"); err != nil {
			t.Fatal(err)
		}
		blocked := w.ask(taro())
		if _, err := w.Judge(t.Context(), boss, blocked.PublicID, decisions.Abuse, "taro"); err != nil {
			t.Fatal(err)
		}
		for n, want := range []decisions.Erased{{Uses: 1, Decisions: 2, Verdicts: 2, Phones: 2}, {}} {
			gone, err := w.store.Identity.Erase(t.Context(), taro().CustomerID, personOf(1, taro()), noon)
			if err != nil || gone != want {
				t.Errorf("time %d: %d uses, %d decisions, %d verdicts, %v", n, gone.Uses, gone.Decisions, gone.Verdicts, err)
			}
		}
		for query, want := range map[string]int{
			`SELECT count(*) FROM identity_uses WHERE customer_gid = 'gid://shopify/Customer/7'`:         0,
			`SELECT count(*) FROM identity_uses WHERE customer_gid = 'gid://shopify/Customer/8'`:         1,
			`SELECT count(*) FROM identity_digests WHERE subject IN ('blocked', 'pair_a', 'pair_b')`:     0,
			`SELECT count(*) FROM decisions WHERE erased_at IS NULL`:                                     1,
			`SELECT count(*) FROM decisions WHERE erased_at IS NOT NULL AND verdict_note || facts <> ''`: 0,
		} {
			if got := w.count(query); got != want {
				t.Errorf("%s: %d, want %d", query, got, want)
			}
		}
		w.see(1, 5, taro())
		wants(t, "taro", w.ask(identity.Shown{Emails: taro().Emails}), decisions.Allow, "")
		wants(t, "hanako", w.ask(hanako()), decisions.Refuse, decisions.ReasonAlreadyUsed)
		if _, err := w.Replay(t.Context(), blocked.PublicID, 0); domain.CodeOf(err) != domain.CodeDecisionErased {
			t.Errorf("the erased decision is replayed: %v", err)
		}
		kept, err := w.store.Identity.ByID(t.Context(), blocked.PublicID)
		if err != nil || !kept.Erased || kept.Answer.Outcome != decisions.Refuse ||
			kept.Answer.Reason != decisions.ReasonAlreadyUsed || kept.Verdict.Is != decisions.Abuse {
			t.Errorf("it is kept as %s %s, judged %s, %v", kept.Answer.Outcome, kept.Answer.Reason, kept.Verdict.Is, err)
		}
	})
}

// TestRetentionForgetsInParts: what is older than a moment goes, part by part, and what is not stays. What the orders
// came to stays in the shop's figures, without a word of whose they were.
// covers: 002-24
func TestRetentionForgetsInParts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		for n := range 7 {
			shown := identity.Shown{Emails: []string{fmt.Sprint(n, "@example.com")}}
			w.now = noon.Add(-time.Duration(n) * 100 * day)
			d := w.see(n, 0, shown)
			if n == 6 {
				if _, err := w.Judge(t.Context(), boss, d.PublicID, decisions.Abuse, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
		before, rounds := noon.Add(-400*day), 0
		for {
			done, err := w.store.Identity.Forget(t.Context(), before, 1)
			if err != nil {
				t.Fatal(err)
			}
			if done == 0 {
				break
			}
			rounds++
		}
		for query, want := range map[string]int{
			`SELECT count(*) FROM identity_uses`:                                                   7,
			`SELECT count(*) FROM identity_uses WHERE customer_gid = '' AND erased_at IS NOT NULL`: 2,
			`SELECT count(*) FROM identity_digests`:                                                10,
			`SELECT count(*) FROM decisions`:                                                       7,
			`SELECT count(*) FROM decisions WHERE erased_at IS NOT NULL`:                           2,
		} {
			if got := w.count(query); got != want {
				t.Errorf("%s: %d, want %d", query, got, want)
			}
		}
		if rounds != 2 {
			t.Errorf("it took %d parts", rounds)
		}
	})
}

// TestANewKeyLosesNothing: decisions before, in the middle of and after a rotation say the same; it is resumed where it
// was left, and goes beside itself and beside orders.
func TestANewKeyLosesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 5, taro())
		d := w.see(2, 4, hanako())
		if _, err := w.Judge(t.Context(), boss, d.PublicID, decisions.NotAbuse, ""); err != nil {
			t.Fatal(err)
		}
		w.void(w.used(2, 4, hanako()))
		all := w.count(`SELECT count(*) FROM identity_digests`)
		w.Keys = ring(3)
		same := func(when string) {
			wants(t, when+" taro", w.ask(taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
			wants(t, when+" hanako", w.ask(hanako()), decisions.Allow, "")
		}
		wrap := func(d identity.Digest) (identity.Digest, error) { return ring(3).WrapTo(d, 3) }
		if _, err := w.store.Identity.Rewrap(t.Context(), 3, 10, func(identity.Digest) (identity.Digest, error) {
			return identity.Digest{}, errors.New("no key")
		}); err == nil {
			t.Error("what cannot be wrapped is said to be")
		}
		same("before")
		if done, err := w.store.Identity.Rewrap(t.Context(), 3, 7, wrap); err != nil || done != 7 {
			t.Fatalf("%d are wrapped, %v", done, err)
		}
		same("in the middle")
		w.see(1, 5, taro()) // the order is heard of again: it shows under the new key what it showed under the old one
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				for {
					done, err := w.store.Identity.Rewrap(t.Context(), 3, 5, wrap)
					if err != nil {
						t.Error(err)
					}
					if err != nil || done == 0 {
						return
					}
				}
			})
		}
		both.Wait()
		same("after")
		if n := w.count(`SELECT count(*) FROM identity_digests WHERE key_version <> 3`); n != 0 {
			t.Errorf("%d digests are under an old key", n)
		}
		if n := w.count(`SELECT count(*) FROM identity_digests WHERE subject IN ('use', 'pair_a', 'pair_b')`) +
			w.count(`SELECT count(*) FROM identity_digests WHERE subject = 'decision' AND subject_id <= 2`); n != all {
			t.Errorf("there are %d digests, and were %d", n, all)
		}
		if gone, err := w.store.Identity.Erase(t.Context(), "", personOf(3, taro()), noon); err != nil || gone.Uses != 1 {
			t.Errorf("%d uses are erased, %v", gone.Uses, err)
		}
	})
}

// TestKeysAreKnownAgain: a key that is another than before is noticed.
func TestKeysAreKnownAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil).Identity
		for _, check := range []string{"one", "one"} {
			if err := s.KeepKeyCheck(t.Context(), 1, []byte(check)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.KeepKeyCheck(t.Context(), 1, []byte("other")); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("another key: %v", err)
		}
		checks, err := s.KeyChecks(t.Context())
		if err != nil || len(checks) != 1 || string(checks[1].Check) != "one" {
			t.Errorf("%d keys are known, %v", len(checks), err)
		}
	})
}

// TestAKeyIsAsOldToOneProcessAsToAnother: whatever the clocks of their machines show, or a new key would be in use here
// while a process there, which lacks it, still takes whom it was used for for strangers.
func TestAKeyIsAsOldToOneProcessAsToAnother(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	ahead := db.Open(t, func() time.Time { return noon.Add(time.Hour) }, nil)
	expect.MustEqual(t, "err", ahead.Identity.KeepKeyCheck(t.Context(), 1, []byte("one")), nil)
	_, err := ahead.DB().ExecContext(t.Context(), `UPDATE identity_keys SET seen_at = seen_at - interval '50 minutes'`)
	expect.MustEqual(t, "err", err, nil)
	behind := db.Open(t, func() time.Time { return noon.Add(-time.Hour) }, nil)
	checks, err := behind.Identity.KeyChecks(t.Context())
	expect.MustEqual(t, "err", err, nil)
	age := checks[1].Age
	expect.That(t, "the key is known for 50 minutes", age >= 50*time.Minute && age < 60*time.Minute, age)
}

// TestAnImportGoesOnWhereItWas: and of two processes that move it on one is told.
func TestAnImportGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil).Identity
		if _, there, err := s.LastImport(t.Context()); there || err != nil {
			t.Fatalf("there is one: %v, %v", there, err)
		}
		begun, err := s.BeginImport(t.Context(), 60, noon)
		if err != nil {
			t.Fatal(err)
		}
		further := begun
		further.Read, further.Cursor, further.Orders, further.Uses, further.Unseen = 3, "c", 40, 4, 1
		if err := s.MoveImport(t.Context(), begun, further); err != nil {
			t.Fatal(err)
		}
		if err := s.MoveImport(t.Context(), begun, further); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("a second process moves it as well: %v", err)
		}
		last, there, err := s.LastImport(t.Context())
		expect.Equal(t, "cmp.Diff(further, last)", cmp.Diff(further, last), "")
		expect.MustEqual(t, "there", there, true)
		expect.Equal(t, "err", err, nil)
		done := further
		done.Read, done.Cursor, done.State, done.FinishedAt = 60, "", decisions.ImportDone, &noon
		if err := s.MoveImport(t.Context(), further, done); err != nil {
			t.Fatal(err)
		}
		if last, _, err = s.LastImport(t.Context()); err != nil || last.State != decisions.ImportDone || last.FinishedAt == nil {
			t.Errorf("it is %s, %v", last.State, err)
		}
	})
}
