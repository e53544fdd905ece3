package store_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/domain/staff/stafftest"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

const goodPassword = "correct horse battery"

// watch is a clock that tests move.
type watch struct{ at atomic.Int64 }

func newWatch() *watch {
	w := &watch{}
	w.at.Store(noon.UnixMicro())
	return w
}

func (w *watch) Now() time.Time          { return time.UnixMicro(w.at.Load()).UTC() }
func (w *watch) Advance(d time.Duration) { w.at.Add(d.Microseconds()) }

func staffStore(s *store.Store) staff.Store {
	return staff.Store{People: s.Staff, SecondFactors: s.Staff, Attempts: s.SignIns, Sessions: s.Sessions,
		Tokens: s.Keys, Notices: s.Notices, Recorder: s.Audit}
}

func office(s *store.Store, w *watch) *staff.Service {
	return staff.New(staffStore(s), &stafftest.Hasher{}, w.Now, rand.Reader, staff.Limits{})
}

func hire(t *testing.T, o *staff.Service, email string, role domain.Role) domain.Staff {
	t.Helper()
	p, _, err := o.Add(t.Context(), staff.Operator(), staff.Person{Email: email, Name: "森 明子", Role: role,
		CustomerID: "12345", Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lastAuditEntry returns the last entry of the audit.
func lastAuditEntry(t *testing.T, s *store.Store) (action, actor, detail string) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(),
		`SELECT action, actor, detail FROM audit ORDER BY id DESC LIMIT 1`).Scan(&action, &actor, &detail); err != nil {
		t.Fatal(err)
	}
	return action, actor, detail
}

func TestStaff(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		o := office(s, w)
		p := hire(t, o, "mori@example.com", domain.RoleStaff)
		if action, actor, detail := lastAuditEntry(t, s); action != "staff.added" || actor != "operator" ||
			!strings.Contains(detail, p.Caller().ID) {
			t.Errorf("recorded %s %s %s", action, actor, detail)
		}
		for _, read := range []func() (domain.Staff, error){
			func() (domain.Staff, error) { return s.Staff.StaffByID(t.Context(), p.ID) },
			func() (domain.Staff, error) { return s.Staff.StaffByEmail(t.Context(), "mori@example.com") },
		} {
			if got, err := read(); err != nil || got != p || got.CreatedAt != noon || got.PasswordHash == "" {
				t.Errorf("read, %v (-want +got):\n%s", err, cmp.Diff(p, got))
			}
		}
		if _, _, err := o.Add(t.Context(), staff.Operator(), staff.Person{Email: "MORI@example.com", Name: "x",
			Role: domain.RoleStaff}); domain.CodeOf(err) != domain.CodeStaffExists {
			t.Errorf("the same address again: %v", err)
		}
		w.Advance(time.Hour)
		name, role, nobody, yes := "Mori", domain.RoleECAdmin, "", true
		got, err := o.Change(t.Context(), domain.Caller{ID: "staff:9"}, p.ID, staff.Edit{Name: &name, Role: &role,
			CustomerID: &nobody, Disabled: &yes})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Epoch", got.Epoch, p.Epoch+1)
		expect.MustThat(t, "got.DisabledAt != nil", got.DisabledAt != nil)
		list, err := o.List(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(list)", len(list), 1, list)
		expect.MustEqual(t, "list[0].Name", list[0].Name, name)
		expect.MustEqual(t, "list[0].Role", list[0].Role, role)
		expect.MustEqual(t, "list[0].CustomerID", list[0].CustomerID, "")
		expect.MustThat(t, "list[0].DisabledAt to equal noon.Add(time.Hour)",
			list[0].DisabledAt.Equal(noon.Add(time.Hour)), list[0].DisabledAt)
		expect.MustEqual(t, "list[0].Epoch", list[0].Epoch, got.Epoch)
		expect.MustEqual(t, "list[0].PasswordHash", list[0].PasswordHash, p.PasswordHash)
		if action, actor, detail := lastAuditEntry(t, s); action != "staff.changed" || actor != "staff:9" ||
			!strings.Contains(detail, `"role_before":"staff"`) {
			t.Errorf("recorded %s %s %s", action, actor, detail)
		}
		for what, err := range map[string]error{
			"by id":    func() error { _, err := s.Staff.StaffByID(t.Context(), 77); return err }(),
			"by email": func() error { _, err := s.Staff.StaffByEmail(t.Context(), "x"); return err }(),
			"change":   func() error { _, err := o.Change(t.Context(), staff.Operator(), 77, staff.Edit{}); return err }(),
		} {
			if domain.CodeOf(err) != domain.CodeNotFound {
				t.Errorf("nobody, %s: %v", what, err)
			}
		}
		for what, statement := range map[string]string{"a role for keys": `UPDATE staff SET role = 'pos'`,
			"no address":  `UPDATE staff SET email = ''`,
			"no password": `UPDATE staff SET password_hash = ''`} {
			if _, err := s.DB().ExecContext(t.Context(), statement); err == nil {
				t.Errorf("the database takes a person with %s", what)
			}
		}
	})
}

func TestSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		o, replica := office(s, w), office(db.Open(t, w.Now, nil), w)
		p := hire(t, o, "mori@example.com", domain.RoleStaff)
		enter := func() string {
			in, err := o.Enter(t.Context(), staff.Entry{Email: p.Email, Password: goodPassword,
				From: staff.From{Address: "1"}})
			if err != nil {
				t.Fatal(err)
			}
			return in.Token
		}
		alive := func(token string) bool {
			session, person, err := replica.Session(t.Context(), token)
			if err != nil && domain.CodeOf(err) != domain.CodeUnauthenticated {
				t.Fatal(err)
			}
			return err == nil && person.ID == p.ID && session.ExpiresAt.Equal(session.CreatedAt.Add(staff.DefaultLife))
		}
		one, two := enter(), enter()
		if action, actor, _ := lastAuditEntry(t, s); action != "session.opened" || actor != p.Caller().ID {
			t.Errorf("recorded %s by %s", action, actor)
		}
		if !alive(one) || !alive(two) || alive(one+"x") {
			t.Fatal("another replica does not know the sessions")
		}
		out := domain.Session{Hash: domain.HashAPIKey(one)}
		if err := o.SignOut(t.Context(), p.Caller(), out); err != nil || alive(one) || !alive(two) {
			t.Fatalf("signed out of one: %v", err)
		}
		if err := o.SignOut(t.Context(), p.Caller(), out); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("signed out twice: %v", err)
		}
		if err := o.SignOutEverywhere(t.Context(), p.Caller(), p.ID); err != nil || alive(two) {
			t.Fatalf("signed out everywhere: %v", err)
		}
		three := enter()
		w.Advance(staff.DefaultLife)
		if alive(three) {
			t.Error("a session outlives its time")
		}
		enter()
		var kept int
		if err := s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM staff_sessions`).Scan(&kept); err != nil ||
			kept != 1 {
			t.Errorf("%d sessions are kept, %v", kept, err)
		}
		var leaked int
		if err := s.DB().QueryRowContext(t.Context(),
			`SELECT count(*) FROM audit WHERE detail LIKE '%pbs_%' OR detail LIKE '%mori@%'`).Scan(&leaked); err != nil || leaked != 0 {
			t.Errorf("%d audit entries hold a secret, %v", leaked, err)
		}
	})
}

func TestSignInFailures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		replicas := []*staff.Service{office(s, w), office(db.Open(t, w.Now, nil), w)}
		p := hire(t, replicas[0], "mori@example.com", domain.RoleStaff)
		try := func(i int, password, address string) error {
			_, err := replicas[i%2].Enter(t.Context(), staff.Entry{Email: p.Email, Password: password,
				From: staff.From{Address: address}})
			return err
		}
		for i := range 4 {
			if err := try(i, "wrong", "1"); domain.CodeOf(err) != domain.CodeUnauthenticated {
				t.Fatal(err)
			}
			w.Advance(time.Minute)
		}
		if err := try(0, goodPassword, "1"); err != nil {
			t.Fatal(err)
		}
		var byEmail, byAddress int
		if err := s.DB().QueryRowContext(t.Context(),
			`SELECT count(nullif(email, '')), count(*) FROM sign_in_failures`).Scan(&byEmail, &byAddress); err != nil ||
			byEmail != 0 || byAddress != 4 {
			t.Fatalf("%d count for the e-mail, %d for the address, %v", byEmail, byAddress, err)
		}
		var refused, limited atomic.Int32
		var wg sync.WaitGroup
		for i := range 80 { // at once, by two processes, each from another address
			wg.Go(func() {
				switch domain.CodeOf(try(i, "wrong", fmt.Sprint("at once ", i))) {
				case domain.CodeUnauthenticated:
					refused.Add(1)
				case domain.CodeRateLimited:
					limited.Add(1)
				default:
					t.Error("something else")
				}
			})
		}
		wg.Wait()
		if n := refused.Load(); n > 50 || n == 0 || n+limited.Load() != 80 {
			t.Fatalf("%d were looked at, %d were not", n, limited.Load())
		}
		for i := refused.Load(); i < 50; i++ { // those for whom the line was too long come again
			if err := try(int(i), "wrong", fmt.Sprint("again ", i)); domain.CodeOf(err) != domain.CodeUnauthenticated {
				t.Fatal(err)
			}
		}
		var wait *domain.Error
		if err := try(0, goodPassword, "2"); !errors.As(err, &wait) || wait.RetryAfter != staff.DefaultWindow/90 {
			t.Fatalf("a device that is not known: %v", err)
		}
		if _, err := replicas[1].Enter(t.Context(), staff.Entry{Email: p.Email, Password: goodPassword,
			From: staff.From{Address: "2",
				Device: "desk"}}); err != nil {
			t.Fatalf("a device that is known: %v", err)
		}
		if err := try(0, goodPassword, "2"); domain.CodeOf(err) != domain.CodeRateLimited {
			t.Fatalf("the sign-in on another device has forgiven the strangers: %v", err)
		}
		w.Advance(staff.DefaultWindow)
		if err := try(1, goodPassword, "2"); err != nil {
			t.Fatal(err)
		}
		if err := replicas[0].ChangePassword(t.Context(), p.ID, goodPassword, "another good password"); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := s.DB().QueryRowContext(t.Context(),
			`SELECT count(*) FROM sign_in_failures`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d failures are kept, %v", left, err)
		}
	})
}

// TestTheBoundsOfSignInsAreTheSameInEachDatabase: what the store says is what the bound says of the same failures.
func TestTheBoundsOfSignInsAreTheSameInEachDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		bound := staff.Bound{Free: 2, First: time.Second, Most: 8 * time.Second}
		attempt := func(email, source string) staff.Attempt {
			return staff.Attempt{Email: email, Source: source, At: w.Now(), Window: time.Minute, PerPair: bound,
				PerSource: &staff.Bound{Free: 5, First: time.Second, Most: time.Second}}
		}
		try := func(email, source string, want time.Duration) {
			t.Helper()
			if _, wait, err := s.SignIns.TrySignIn(t.Context(), attempt(email, source)); err != nil || wait != want {
				t.Fatalf("%s from %s waits %s, %v; want %s", email, source, wait, err, want)
			}
		}
		try("a", "1", 0)
		try("a", "1", 0)
		for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			try("a", "1", want)
			w.Advance(want - time.Microsecond)
			try("a", "1", time.Microsecond)
			w.Advance(time.Microsecond)
			try("a", "1", 0)
		}
		try("b", "1", time.Second) // five from one source
		try("a", "2", 0)
		try("b", "2", 0)
		w.Advance(8 * time.Second)
		try("a", "1", 0)
		try("a", "1", 8*time.Second)
		w.Advance(time.Minute)
		try("a", "1", 0)
		var left int
		if err := s.DB().QueryRowContext(t.Context(),
			`SELECT count(*) FROM sign_in_failures`).Scan(&left); err != nil || left != 1 {
			t.Errorf("%d rows are kept, %v", left, err)
		}
	})
}

// TestTwoAdminsDisableEachOther lets both try at the same moment: one of them stays.
func TestTwoAdminsDisableEachOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		replicas := []*staff.Service{office(s, w), office(db.Open(t, w.Now, nil), w)}
		admins := []domain.Staff{hire(t, replicas[0], "one@example.com", domain.RoleSystemAdmin),
			hire(t, replicas[0], "two@example.com", domain.RoleSystemAdmin)}
		yes, no := true, false
		for range 10 {
			var refused atomic.Int32
			var wg sync.WaitGroup
			for i := range admins {
				wg.Go(func() {
					_, err := replicas[i].Change(t.Context(), admins[i].Caller(), admins[1-i].ID,
						staff.Edit{Disabled: &yes})
					if domain.CodeOf(err) == domain.CodeLastSystemAdmin {
						refused.Add(1)
					} else if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			list, err := s.Staff.ListStaff(t.Context())
			if err != nil || refused.Load() != 1 || list[0].Enabled() == list[1].Enabled() {
				t.Fatalf("%d were refused: %+v, %v", refused.Load(), list, err)
			}
			for _, p := range admins {
				if _, err := replicas[0].Change(t.Context(), staff.Operator(), p.ID,
					staff.Edit{Disabled: &no}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// TestIdentities: an identity is one person's, an address too, and whoever rests runs no system.
func TestIdentities(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		o := office(s, w)
		one, two := hire(t, o, "one@example.com", domain.RoleSystemAdmin), hire(t, o, "two@example.com",
			domain.RoleSystemAdmin)
		become := func(id int64, change func(*domain.Staff)) (domain.Staff, error) {
			return s.Staff.ChangeStaff(t.Context(), id, func(now domain.Staff, _ int) (domain.Staff,
				[]domain.AuditEntry, error) {
				change(&now)
				return now, []domain.AuditEntry{{At: w.Now(), Actor: "operator", Action: "staff.changed",
					Outcome: domain.OutcomeDone}}, nil
			})
		}
		known := func(p *domain.Staff) { p.Issuer, p.Subject = "https://id.example", "1" }
		if _, err := become(one.ID, known); err != nil {
			t.Fatal(err)
		}
		if found, err := s.Staff.StaffByIdentity(t.Context(), "https://id.example", "1"); err != nil ||
			found.ID != one.ID {
			t.Errorf("found %d, %v", found.ID, err)
		}
		for _, nobody := range [][2]string{{"https://id.example", "2"}, {"https://other.example", "1"}, {"", ""}} {
			if _, err := s.Staff.StaffByIdentity(t.Context(), nobody[0],
				nobody[1]); domain.CodeOf(err) != domain.CodeNotFound {
				t.Errorf("%q is somebody: %v", nobody, err)
			}
		}
		if _, err := become(two.ID, known); domain.CodeOf(err) != domain.CodeStaffExists {
			t.Errorf("an identity of two people: %v", err)
		}
		if _, err := become(two.ID, func(p *domain.Staff) { p.Email = one.Email }); domain.CodeOf(err) != domain.CodeStaffExists {
			t.Errorf("an address of two people: %v", err)
		}
		third := domain.Staff{Email: "three@example.com", Name: "Three", Role: domain.RoleStaff,
			PasswordHash: domain.NoPassword, Issuer: "https://id.example", Subject: "1", CreatedAt: w.Now()}
		if _, err := s.Staff.AddStaff(t.Context(), third, domain.AuditEntry{At: w.Now(), Actor: "operator",
			Action: "staff.added", Outcome: domain.OutcomeDone}); domain.CodeOf(err) != domain.CodeStaffExists {
			t.Errorf("a new person with a known identity: %v", err)
		}
		rests := w.Now()
		p, err := become(one.ID, func(p *domain.Staff) { p.SuspendedAt, p.LinkUntil = &rests, &rests })
		if err != nil || p.Enabled() || !p.SuspendedAt.Equal(rests) || !p.LinkUntil.Equal(rests) {
			t.Fatalf("not suspended, %v", err)
		}
		role := domain.RoleStaff
		if _, err := o.Change(t.Context(), staff.Operator(), two.ID,
			staff.Edit{Role: &role}); domain.CodeOf(err) != domain.CodeLastSystemAdmin {
			t.Errorf("the one who rests counts as a system admin: %v", err)
		}
	})
}

// covers: 004-53
func TestStaffTokens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		o := office(s, w)
		p, other := hire(t, o, "mori@example.com", domain.RoleStoreManager), hire(t, o, "other@example.com",
			domain.RoleStaff)
		token, key, err := o.AddToken(t.Context(), p.Caller(), p.ID, "a script")
		if err != nil || key.ID == 0 {
			t.Fatal(err)
		}
		prefix, _ := domain.APIKeyPrefix(token)
		found, err := s.Keys.FindKey(t.Context(), prefix)
		if err != nil || found.Caller.ID != p.Caller().ID || found.Caller.Role != p.Role || found.Caller.Machine ||
			found.Caller.Credential != "token:"+prefix || found.StaffID != p.ID ||
			string(found.Hash) != string(domain.HashAPIKey(token)) {
			t.Fatalf("the token speaks for %+v, %v", found, err)
		}
		role := domain.RoleStaff
		if _, err := o.Change(t.Context(), staff.Operator(), p.ID, staff.Edit{Role: &role}); err != nil {
			t.Fatal(err)
		}
		if found, err = s.Keys.FindKey(t.Context(), prefix); err != nil || found.Caller.Role != domain.RoleStaff {
			t.Fatalf("the token's role is %s, %v", found.Caller.Role, err)
		}
		{
			list, err := o.Tokens(t.Context(), p.ID)
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "len(list)", len(list), 1, list)
			expect.MustEqual(t, "list[0].Caller.Name", list[0].Caller.Name, "a script")
			expect.MustEqual(t, "list[0].Prefix", list[0].Prefix, prefix)
			expect.MustEqual(t, "len(list[0].Hash)", len(list[0].Hash), 0)
		}
		if err := o.RevokeToken(t.Context(), staff.Operator(), other.ID,
			key.ID); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("revoked through somebody else: %v", err)
		}
		dead := func(what string) {
			t.Helper()
			_, err := s.Keys.FindKey(t.Context(), prefix)
			expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeUnauthenticated, what, err)
		}
		// Whoever disables a person past us has ended their tokens all the same.
		if _, err := s.DB().ExecContext(t.Context(),
			`UPDATE staff SET disabled_at = created_at WHERE email = 'mori@example.com'`); err != nil {
			t.Fatal(err)
		}
		dead("the owner is disabled")
		yes, no := true, false
		for _, disabled := range []*bool{&no, &yes, &no} {
			if _, err := o.Change(t.Context(), staff.Operator(), p.ID, staff.Edit{Disabled: disabled}); err != nil {
				t.Fatal(err)
			}
		}
		dead("the owner was disabled once")
		token, key, err = o.AddToken(t.Context(), p.Caller(), p.ID, "another")
		if err != nil {
			t.Fatal(err)
		}
		prefix, _ = domain.APIKeyPrefix(token)
		if err := o.RevokeToken(t.Context(), staff.Operator(), p.ID, key.ID); err != nil {
			t.Fatal(err)
		}
		dead("it is revoked")
	})
}

// covers: 004-50
func TestAChangedPolicyIsRecorded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		lines := func() (n int) {
			t.Helper()
			if err := s.DB().QueryRowContext(t.Context(),
				`SELECT count(*) FROM audit WHERE action = 'rights.changed'`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		old := []string{"pos points:read", "staff coupons:read"}
		var wg sync.WaitGroup
		for range 4 { // replicas that start together
			wg.Go(func() {
				if err := s.Audit.RecordPolicy(t.Context(), old); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if lines() != 1 {
			t.Fatalf("one policy makes %d lines", lines())
		}
		if err := s.Audit.RecordPolicy(t.Context(), []string{"staff coupons:cancel",
			"staff coupons:read"}); err != nil {
			t.Fatal(err)
		}
		action, actor, detail := lastAuditEntry(t, s)
		if lines() != 2 || action != "rights.changed" || actor != "operator" || !strings.Contains(detail,
			`"added":["staff coupons:cancel"]`) ||
			!strings.Contains(detail, `"removed":["pos points:read"]`) {
			t.Fatalf("recorded %s by %s: %s", action, actor, detail)
		}
	})
}
