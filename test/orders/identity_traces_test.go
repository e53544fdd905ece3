package orders

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/privacy"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// raw are the values that orders of a household show, in the spellings in which a careless hand would store them.
func raw(n int, mail string) []string {
	return []string{mail, strings.SplitN(mail, "@", 2)[0], fmt.Sprintf("90123400%02d", n), fmt.Sprintf("203.0.%d.", n),
		fmt.Sprintf("device-of-household-%d", n), fmt.Sprintf("銀座%d", n), "山田", "1040061"}
}

// TestNoTableHoldsWhatOrdersShowOfAPerson: nothing of a phone, an address, an IP, a device, a name or an e-mail that
// only orders and decisions showed stands in any table, whatever happened: only keyed digests do.
// covers: D-13
func TestNoTableHoldsWhatOrdersShowOfAPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "IDENTITY_TAG_ORDER=look", "IDENTITY_RISK=true", "IDENTITY_HOLD=true")
		w.rules(`{"mode": "enforce", "preset": "high", "uses_per_person": 1}`)
		first, second := w.buyer(), w.buyer()
		w.orderAs(first, home(1, "taro.secret@example.com"))
		w.orderAs(second, home(1, "hanako.secret@example.net"))
		if status, text := w.ask("admin", http.MethodPost, "/v1/decisions", "d1", `{"campaign": "points", "stage": "cart",
			"customer": {"email": "jiro.secret@example.org", "phone": "+819012340001"}, "ip": "203.0.1.9",
			"device": "device-of-household-1"}`); status/100 != 2 {
			t.Fatalf("%d %s", status, text)
		}
		w.judge(w.decisions("order")[0], "not_abuse")
		w.delivered()
		if n := w.count(`SELECT count(*) FROM identity_digests`); n < 20 {
			t.Errorf("the test looks at %d digests", n)
		}
		words := append(raw(1, "taro.secret@example.com"), raw(1, "hanako.secret@example.net")...)
		words = append(words, "jiro.secret", "203.0.1.9")
		if left := found(storetest.Texts(t, w.Store), words); len(left) > 0 {
			t.Errorf("in the database:\n%s", strings.Join(left, "\n"))
		}
	})
}

// TestWhoIsForgottenIsNotRecognised: a redaction removes the digests of one person, of uses, decisions and verdicts;
// outcomes stay, and others are recognised as before. What is exported before says what is kept.
func TestWhoIsForgottenIsNotRecognised(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.rules(once)
		gone, other := w.buyer(), w.buyer()
		w.orderAs(gone, home(1, "gone@example.com"))
		w.orderAs(other, home(2, "other@example.com"))
		w.must(w.shop.RequestData(gone.gid))
		w.delivered()
		list, err := w.Store.Privacy.Requests(t.Context(), true, 1)
		w.must(err)
		if text := w.Command("privacy", "export", fmt.Sprint(list[0].ID)); !strings.Contains(text, `"identity_digests"`) ||
			!strings.Contains(text, `"address"`) || !strings.Contains(text, "#1001") {
			t.Errorf("the export says %s", text)
		}
		w.must(w.shop.RedactCustomer(gone.gid))
		w.delivered()
		world.Eventually(t, "the request is closed", func() bool {
			list, err := w.Store.Privacy.Requests(t.Context(), false, 1)
			return err == nil && list[0].Kind == privacy.CustomersRedact && !list[0].Open
		})
		if n := w.count(`SELECT count(DISTINCT subject_id) FROM identity_digests WHERE subject = 'use'`); n != 1 {
			t.Errorf("%d uses are somebody's", n)
		}
		w.must(w.App.Orders.RefreshOrder(t.Context(), "gid://shopify/Order/1001", domain.HintNone))
		w.orderAs(w.buyer(), home(1, "gone@example.com"))
		w.orderAs(w.buyer(), home(2, "other@example.com"))
		if got := w.outcomes(); got != "refuse already_used, allow, allow, allow" {
			t.Errorf("decided: %s", got)
		}
	})
}

// TestWhatIsOldIsForgotten: uses, and what decisions were made from, go when their time is over; decisions stay.
func TestWhatIsOldIsForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "IDENTITY_RETENTION=30d")
		w.rules(once)
		w.orderAs(w.buyer(), home(1, "a@example.com"))
		w.must(w.exec(`UPDATE identity_uses SET used_at = ?`, time.Now().Add(-31*24*time.Hour)))
		w.must(w.exec(`UPDATE decisions SET at = ?`, time.Now().Add(-31*24*time.Hour)))
		w.round("identity")
		for what, want := range map[string]int{"identity_uses WHERE erased_at IS NULL OR customer_gid <> ''": 0,
			"identity_digests": 0, "identity_uses WHERE gross > 0": 1} {
			expect.Equal(t, "rows of "+what, w.count(`SELECT count(*) FROM `+what), want)
		}
		if n := w.count(`SELECT count(*) FROM decisions WHERE erased_at IS NOT NULL AND outcome = 'allow'`); n != 2 {
			t.Errorf("%d decisions are left", n)
		}
	})
}

// TestANewKeyReachesEverything: a service that starts with a new key recognises everybody at once, and its round brings
// what is there under the new key.
// covers: D-13
func TestANewKeyReachesEverything(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.rules(once)
		w.orderAs(w.buyer(), home(1, "a@example.com"))
		old := w.App.Config.IdentityKey
		if old == "" {
			old = w.App.Config.SecretKey
		}
		turned := w.App.Config
		turned.IdentityKeyOld, turned.IdentityKey = append(turned.IdentityKeyOld, old), "a-key-of-the-identity-round-0123456789"
		w.must(turned.KeepIdentityKeys(t.Context(), w.Store))
		world.KeysOfOld(t, w.Store)
		done, _, err := turned.RotateIdentity(t.Context(), w.Store, func(int) {})
		if err != nil || done == 0 {
			t.Fatalf("%d digests, %v", done, err)
		}
		if n := w.count(`SELECT count(*) FROM identity_digests WHERE key_version <> 2`); n != 0 {
			t.Errorf("%d digests are under the old key", n)
		}
		if _, _, err := w.App.Config.RotateIdentity(t.Context(), w.Store, func(int) {}); err == nil {
			t.Error("a service with the old keys alone goes on")
		}
	})
}

func (w *orderWorld) exec(query string, at time.Time) error {
	if w.Store.Dialect() == "postgres" {
		query = strings.Replace(query, "?", "$1", 1)
		_, err := w.Store.DB().ExecContext(w.T.Context(), query, at.UTC())
		return err
	}
	_, err := w.Store.DB().ExecContext(w.T.Context(), query, at.UTC().Format("2006-01-02 15:04:05.999999999+00:00"))
	return err
}

// round does one periodic work now.
func (w *orderWorld) round(name string) {
	w.T.Helper()
	for _, r := range w.App.Rounds() {
		if r.Name == name {
			w.must(r.Run(w.T.Context()))
			return
		}
	}
	w.T.Fatalf("no round is called %s", name)
}
