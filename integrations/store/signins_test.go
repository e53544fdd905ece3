package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/domain/staff/stafftest"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	authenticator "pointbridge/integrations/totp"
)

// equipped is an office whose people can have authenticator apps.
func equipped(s *store.Store, w *watch) *staff.Service {
	return staff.New(staffStore(s), &stafftest.Hasher{}, w.Now, rand.Reader, staff.Limits{PerEmail: 50,
		PerAddress: 100}).
		Equip(staff.Tools{TOTP: authenticator.Codes{}, Secret: []byte("0123456789abcdef0123456789abcdef"),
			Shop: "Shop"})
}

// withApp sets an authenticator app up for a person who is signed in.
func withApp(t *testing.T, o *staff.Service, w *watch, token string) (secret string, recovery []string) {
	t.Helper()
	session, person, err := o.Session(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	begun, err := o.BeginTOTP(person)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(begun.Secret, w.Now())
	if err != nil {
		t.Fatal(err)
	}
	if recovery, err = o.FinishTOTP(t.Context(), person, session, begun.Setup, code); err != nil {
		t.Fatal(err)
	}
	w.Advance(30 * time.Second)
	return begun.Secret, recovery
}

func TestSecondFactorIsSpentOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		o, replica := equipped(s, w), equipped(db.Open(t, w.Now, nil), w)
		p := hire(t, o, "mori@example.com", domain.RoleStaff)
		in, err := o.Enter(t.Context(), staff.Entry{Email: p.Email, Password: goodPassword,
			From: staff.From{Address: "1"}})
		if err != nil {
			t.Fatal(err)
		}
		secret, recovery := withApp(t, o, w, in.Token)
		code, err := totp.GenerateCode(secret, w.Now())
		if err != nil {
			t.Fatal(err)
		}
		for what, given := range map[string]string{"a code": code, "a recovery code": recovery[0]} {
			let := make(chan bool, 8)
			var wg sync.WaitGroup
			for i := range cap(let) {
				wg.Go(func() {
					from := []*staff.Service{o, replica}[i%2]
					_, err := from.Enter(
						t.Context(),
						staff.Entry{
							Email:    p.Email,
							Password: goodPassword,
							Code:     given,
							From:     staff.From{Address: "1"},
						},
					)
					if err != nil && domain.CodeOf(err) != domain.CodeSecondFactorWrong {
						t.Error(err)
					}
					let <- err == nil
				})
			}
			wg.Wait()
			close(let)
			n := 0
			for yes := range let {
				if yes {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s that is given eight times at once lets in %d times", what, n)
			}
		}
		if left, err := s.Staff.RecoveryCodes(t.Context(), p.ID); err != nil || left != len(recovery)-1 {
			t.Errorf("%d recovery codes are left: %v", left, err)
		}
	})
}

func TestHalfWaySessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		o := equipped(s, w)
		p := hire(t, o, "mori@example.com", domain.RoleStaff)
		first, err := o.Enter(t.Context(), staff.Entry{Email: p.Email, Password: goodPassword,
			From: staff.From{Address: "1"}})
		if err != nil {
			t.Fatal(err)
		}
		secret, _ := withApp(t, o, w, first.Token)
		entry := staff.Entry{
			Email:    p.Email,
			Password: goodPassword,
			Page:     true,
			From:     staff.From{Address: "1", Device: "d", Locale: "en"},
		}
		half, err := o.Enter(t.Context(), entry)
		if err != nil || half.Stage != staff.StageSecondFactor {
			t.Fatalf("stage %q: %v", half.Stage, err)
		}
		if _, _, err := o.Session(t.Context(), half.Token); domain.CodeOf(err) != domain.CodeSecondFactor {
			t.Fatalf("half-way: %v", err)
		}
		session, person, _, err := o.AnySession(t.Context(), half.Token)
		if err != nil {
			t.Fatal(err)
		}
		code, err := totp.GenerateCode(secret, w.Now())
		if err != nil {
			t.Fatal(err)
		}
		in, err := o.SecondFactor(t.Context(), person, session, code, entry.From)
		if err != nil || in.Token == half.Token {
			t.Fatalf("the second factor: %v", err)
		}
		if _, _, err := o.Session(t.Context(), in.Token); err != nil {
			t.Error(err)
		}
		if _, _, _, err := o.AnySession(t.Context(), half.Token); domain.CodeOf(err) != domain.CodeUnauthenticated {
			t.Errorf("the half-way session outlives what follows it: %v", err)
		}
		late, err := o.Enter(t.Context(), entry)
		if err != nil {
			t.Fatal(err)
		}
		w.Advance(10 * time.Minute)
		if _, _, _, err := o.AnySession(t.Context(), late.Token); domain.CodeOf(err) != domain.CodeUnauthenticated {
			t.Errorf("a half-way session waits for ever: %v", err)
		}
		if now, err := s.Staff.StaffByID(t.Context(), p.ID); err != nil || now.Locale != "en" {
			t.Errorf("the language %q is remembered: %v", now.Locale, err)
		}
	})
}

func TestPasskeysOfPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		o := equipped(s, w)
		p, other := hire(t, o, "mori@example.com", domain.RoleStaff), hire(t, o, "other@example.com", domain.RoleStaff)
		add := func(to domain.Staff, id string) error {
			key := staff.Passkey{
				StaffID:      to.ID,
				Name:         "phone",
				CredentialID: []byte(id),
				Credential:   []byte("{}"),
				CreatedAt:    w.Now(),
				AskedAt:      w.Now(),
			}
			_, err := s.Staff.ChangeFactors(
				t.Context(),
				to.ID,
				staff.Factors{Add: &key},
				func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
					now.Passkeys++
					return now, []domain.AuditEntry{
						{At: w.Now(), Action: "staff.passkey_added", Outcome: domain.OutcomeDone},
					}, nil
				},
			)
			return err
		}
		if err := add(p, "one"); err != nil {
			t.Fatal(err)
		}
		if err := add(other, "one"); domain.CodeOf(err) != domain.CodeSecondFactorExists {
			t.Errorf("one passkey of two people: %v", err)
		}
		if who, err := s.Staff.StaffByID(t.Context(), other.ID); err != nil || who.Passkeys != 0 {
			t.Errorf("the refused one counts: %d, %v", who.Passkeys, err)
		}
		have, err := s.Staff.Passkeys(t.Context(), p.ID)
		if err != nil || len(have) != 1 || have[0].Name != "phone" || have[0].UsedAt != nil {
			t.Fatalf("%d passkeys: %v", len(have), err)
		}
		use := func(asked time.Time) error {
			now := w.Now()
			used := have[0]
			used.UsedAt, used.AskedAt, used.Credential = &now, asked, []byte(`{"n":1}`)
			session := domain.Session{
				Hash:            []byte(asked.String()),
				StaffID:         p.ID,
				CreatedAt:       now,
				ExpiresAt:       now.Add(time.Hour),
				AuthenticatedAt: now,
				SeenAt:          now,
			}
			return s.Sessions.OpenSession(
				t.Context(),
				staff.Opening{
					Session: session,
					Spend:   staff.Spend{Passkey: &used},
					Entry:   domain.AuditEntry{At: now, Action: "session.opened"},
				},
			)
		}
		asked := w.Now().Add(time.Second)
		if err := use(asked); err != nil {
			t.Fatal(err)
		}
		for what, at := range map[string]time.Time{"the same challenge": asked,
			"an older one": asked.Add(-time.Millisecond)} {
			if err := use(at); domain.CodeOf(err) != domain.CodeSecondFactorWrong {
				t.Errorf("%s again: %v", what, err)
			}
		}
		full, err := s.Staff.StaffByID(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.RemovePasskey(t.Context(), full, domain.Session{}, have[0].ID+
			77); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("another's passkey: %v", err)
		}
		if err := o.RemovePasskey(t.Context(), full, domain.Session{}, have[0].ID); err != nil {
			t.Fatal(err)
		}
		if who, err := s.Staff.StaffByID(t.Context(), p.ID); err != nil || who.HasSecondFactor() {
			t.Errorf("it is still asked for: %v", err)
		}
	})
}

// TestNotices holds that what is told is one commit with what it tells of, on both databases.
func TestNotices(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		var asked []domain.Job
		fail := false
		s := db.Open(t, w.Now, func(_ context.Context, _ *sql.Tx, jobs []domain.Job) error {
			if fail {
				return sql.ErrConnDone
			}
			asked = append(asked, jobs...)
			return nil
		})
		o := equipped(s, w)
		p := hire(t, o, "mori@example.com", domain.RoleStaff)
		if _, err := o.SetPassword(t.Context(), staff.Operator(), p.ID, "another good password"); err != nil {
			t.Fatal(err)
		}
		email := "new@example.com"
		if _, err := o.Change(t.Context(), domain.Caller{ID: "staff:9", Name: "Boss"}, p.ID,
			staff.Edit{Email: &email}); err != nil {
			t.Fatal(err)
		}
		want := []staff.Notice{{To: "mori@example.com", Kind: staff.NoticePassword, By: "operator"},
			{
				To:   "mori@example.com",
				Kind: staff.NoticeEmail,
				By:   "Boss",
				What: email,
			}, {To: email, Kind: staff.NoticeEmail, By: "Boss", What: email}}
		if len(asked) != len(want) {
			t.Fatalf("%d mails are asked for, want %d", len(asked), len(want))
		}
		for i, job := range asked {
			id, err := strconv.ParseInt(job.Ref, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Notices.Notice(t.Context(), id)
			if err != nil || got.To != want[i].To || got.Kind != want[i].Kind || got.By != want[i].By ||
				got.What != want[i].What ||
				!got.At.Equal(noon) {
				t.Errorf("told %q to %s by %q of %q: %v", got.Kind, got.To, got.By, got.What, err)
			}
			if err := s.Notices.ForgetNotice(t.Context(), id); err != nil {
				t.Error(err)
			}
			if _, err := s.Notices.Notice(t.Context(), id); domain.CodeOf(err) != domain.CodeNotFound {
				t.Errorf("a notice that was forgotten: %v", err)
			}
		}
		fail = true
		if _, err := o.SetPassword(t.Context(), staff.Operator(), p.ID, "a third good password"); err == nil {
			t.Error("a password changed, and nobody is told")
		}
		fail = false
		if _, err := o.Enter(t.Context(), staff.Entry{Email: email, Password: "another good password",
			From: staff.From{Address: "1"}}); err != nil {
			t.Errorf("the password changed all the same: %v", err)
		}
	})
}
