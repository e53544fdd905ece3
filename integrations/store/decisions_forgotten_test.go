package store_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// waits is until somebody waits in the database for a kind of lock: an advisory one, a table's, or a transaction's end.
// Whoever was to wait must not be done before.
func waits(t *testing.T, s *store.Store, lock string, who <-chan error) {
	t.Helper()
	for waiting := 0; waiting == 0; runtime.Gosched() {
		if err := s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
			AND wait_event = '`+lock+`'`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-who:
			t.Fatalf("nobody waited for a lock that is %s, %v", lock, err)
		default:
		}
	}
}

// TestAQuestionThatIsBeingKeptIsErased: an erasure that begins while a question's one statement is not committed waits for
// it, and removes what it wrote.
func TestAQuestionThatIsBeingKeptIsErased(t *testing.T) {
	t.Parallel()
	w := decide(t, storetest.Postgres(t))
	w.see(1, 5, taro())
	holder, err := w.store.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	_, err = holder.ExecContext(t.Context(), `SELECT id FROM campaigns FOR UPDATE`) // a decision names its campaign
	expect.MustEqual(t, "err of the campaigns' rows", err, nil)
	asked, erased := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := w.Ask(t.Context(), decisions.Question{Code: "SUMMER-2", Stage: decisions.StageCart, Shown: taro()})
		asked <- err
	}()
	waits(t, w.store, "transactionid", asked)
	go func() {
		_, err := w.store.Identity.Erase(t.Context(), taro().CustomerID, personOf(1, taro()), noon)
		erased <- err
	}()
	waits(t, w.store, "advisory", erased)
	expect.MustEqual(t, "err of the end", holder.Commit(), nil)
	expect.MustEqual(t, "err of the question", <-asked, nil)
	expect.MustEqual(t, "err of the erasure", <-erased, nil)
	w.nothingOf("a question that was being kept")
}

// TestAQuestionWaitsForAnErasure: one that is to be kept while an erasure is not committed finds it.
func TestAQuestionWaitsForAnErasure(t *testing.T) {
	t.Parallel()
	w := decide(t, storetest.Postgres(t))
	holder, err := w.store.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	_, err = holder.ExecContext(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended('identity erasure', 0))`)
	expect.MustEqual(t, "err of the lock", err, nil)
	for _, digests := range personOf(1, taro()) {
		for _, d := range digests {
			_, err := holder.ExecContext(t.Context(), `INSERT INTO identity_erasures (key_version, digest, shown_until, at)
				VALUES ($1, $2, $3, $3)`, d.Key, d.Sum[:], noon.Add(time.Minute))
			expect.MustEqual(t, "err of a mark", err, nil)
		}
	}
	asked := make(chan error, 1)
	go func() {
		_, err := w.Ask(t.Context(), decisions.Question{Code: "SUMMER-2", Stage: decisions.StageCart, Shown: taro()})
		asked <- err
	}()
	waits(t, w.store, "advisory", asked)
	expect.MustEqual(t, "err of the end", holder.Commit(), nil)
	expect.MustEqual(t, "err of the question", <-asked, nil)
	w.nothingOf("a question that waited")
	expect.Equal(t, "decisions", w.count(`SELECT count(*) FROM decisions`), 1)
}

// TestOfAQuestionIsKeptWhatIsNobodysWhoWasForgotten: of who shows a forgotten person's phone beside an e-mail of their own
// everything but the phone, of that person nothing, and of who showed nothing that names somebody everything.
func TestOfAQuestionIsKeptWhatIsNobodysWhoWasForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.erase(taro())
		ip := identity.Shown{IPs: []string{"203.0.113.9"}}
		hers := identity.Shown{Emails: hanako().Emails, Phones: taro().Phones, IPs: ip.IPs}
		for _, c := range []struct {
			of           string
			shown        identity.Shown
			kept, erased int
		}{{"her", hers, 2, 0}, {"him", taro(), 0, 1}, {"his phone", identity.Shown{Phones: taro().Phones, IPs: ip.IPs}, 0, 1},
			{"an IP", ip, 1, 0}} {
			d := w.ask(c.shown)
			where := fmt.Sprint(` AND subject_id = `, d.ID)
			expect.Equal(t, "digests of "+c.of, w.count(`SELECT count(*) FROM identity_digests WHERE subject = 'decision'`+
				where), c.kept)
			expect.Equal(t, "erased of "+c.of, w.count(fmt.Sprint(`SELECT count(*) FROM decisions WHERE facts = ''
				AND erased_at IS NOT NULL AND id = `, d.ID)), c.erased)
		}
	})
}

// TestATurnIsOneTransaction: it sees what was written within it, and leaves nothing where it fails.
func TestATurnIsOneTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		d := w.ask(hanako())
		before := w.count(`SELECT count(*) FROM decisions`)
		print, err := ring(1).Print(asWritten{}.Forms(taro()))
		expect.MustEqual(t, "err", err, nil)
		failed := w.store.Identity.InTurn(t.Context(), d.CampaignID, func(turn decisions.Turn) error {
			u := w.used(1, 5, taro()).Use
			u.CampaignID, u.SeenAt = d.CampaignID, w.now
			if _, err := turn.(store.Identity).KeepUse(t.Context(), u, print); err != nil {
				return err
			}
			known, err := turn.Look(t.Context(), d.CampaignID, print, w.now)
			expect.That(t, "its use is found", err == nil && len(known.Uses) == 1, err)
			d.PublicID, d.Request.Stage, d.Request.OrderID = "dec_turn", decisions.StageOrder, "gid://shopify/Order/1"
			_, fresh, err := turn.Keep(t.Context(), d, print, nil)
			expect.That(t, "it is kept", err == nil && fresh, err)
			return errCrash
		})
		expect.That(t, "it fails as it was told to", failed != nil)
		expect.Equal(t, "decisions", w.count(`SELECT count(*) FROM decisions`), before)
		expect.Equal(t, "uses", w.count(`SELECT count(*) FROM identity_uses`), 0)
	})
}
