package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
)

// codeOf is what an authenticator app shows at the shop's time.
func (s *shop) codeOf(secret string) string {
	s.t.Helper()
	code, err := totp.GenerateCode(secret, s.clock.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

// enterWith signs in with a code as well.
func (s *shop) enterWith(email, code string) answer {
	return s.call(
		"",
		http.MethodPost,
		"/v1/session",
		fmt.Sprintf(`{"email":%q,"password":%q,"code":%q}`, email, goodPassword, code),
	)
}

// withApp sets an authenticator app up and gives its secret and the recovery codes. The first code's step is over
// afterwards.
func (s *shop) withApp(token string) (secret string, recovery []string) {
	s.t.Helper()
	begun := s.call("", http.MethodPost, "/v1/session/totp", "", as(token)).want(s.t, 200, "")
	secret, _ = begun.body["secret"].(string)
	body := fmt.Sprintf(`{"setup":%q,"code":%q}`, begun.body["setup"], s.codeOf(secret))
	made := s.call("", http.MethodPost, "/v1/session/totp/activation", body, as(token)).want(s.t, 200, "")
	s.clock.Advance(30 * time.Second)
	return secret, wordsOf(made.body["recovery_codes"])
}

func (s *shop) told(kind staff.NoticeKind) (n int) {
	for _, notice := range s.people.Notices() {
		if notice.Kind == kind {
			n++
		}
	}
	return n
}

func (s *shop) recorded(action string) (n int) {
	for _, e := range s.people.Entries() {
		if e.Action == action {
			n++
		}
	}
	return n
}

func TestSecondFactorByApp(t *testing.T) {
	t.Parallel()
	t.Run("whoever has one needs its code, and each code is good once", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, _ := s.person(domain.RoleStoreManager)
		here, elsewhere := s.session(p), s.session(p)
		secret, recovery := s.withApp(here)
		if len(recovery) != 10 || s.told(staff.NoticeTOTPOn) != 1 || s.recorded("staff.totp_added") != 1 {
			t.Fatalf(
				"%d recovery codes, %d mails, %d entries",
				len(recovery),
				s.told(staff.NoticeTOTPOn),
				s.recorded("staff.totp_added"),
			)
		}
		s.call("", http.MethodGet, "/v1/session", "", as(here)).want(t, 200, "")
		s.call("", http.MethodGet, "/v1/session", "", as(elsewhere)).want(t, 401, domain.CodeSecondFactor)
		s.enter(p.Email, goodPassword).want(t, 401, domain.CodeSecondFactor)
		s.enter(p.Email, "wrong").want(t, 401, domain.CodeUnauthenticated)
		s.enterWith(p.Email, "000000").want(t, 401, domain.CodeSecondFactorWrong)
		code := s.codeOf(secret)
		got := s.enterWith(p.Email, code[:3]+" "+code[3:]).want(t, 201, "")
		if got.body["due"] != nil {
			t.Errorf("something is due: %s", got.raw)
		}
		s.enterWith(p.Email, code).want(t, 401, domain.CodeSecondFactorWrong)
		before := s.codeOf(secret)
		s.clock.Advance(30 * time.Second)
		s.enterWith(p.Email, s.codeOf(secret)).want(t, 201, "")
		s.enterWith(p.Email, before).want(t, 401, domain.CodeSecondFactorWrong)
		s.clock.Advance(30 * time.Second)
		late := s.codeOf(secret)
		s.clock.Advance(90 * time.Second)
		s.enterWith(p.Email, late).want(t, 401, domain.CodeSecondFactorWrong)
	})
	t.Run("a recovery code is good once, in whatever way it is typed", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, _ := s.person(domain.RoleStaff)
		_, recovery := s.withApp(s.session(p))
		typed := strings.ToUpper(strings.ReplaceAll(recovery[3], "-", " "))
		token, _ := s.enterWith(p.Email, typed).want(t, 201, "").body["token"].(string)
		s.enterWith(p.Email, recovery[3]).want(t, 401, domain.CodeSecondFactorWrong)
		renewed := s.call("", http.MethodPost, "/v1/session/recovery-codes", "", as(token)).want(t, 200, "")
		s.enterWith(p.Email, recovery[4]).want(t, 401, domain.CodeSecondFactorWrong)
		s.enterWith(p.Email, wordsOf(renewed.body["recovery_codes"])[0]).want(t, 201, "")
		if s.told(staff.NoticeRecovery) != 1 {
			t.Error("nobody was told of the new codes")
		}
	})
	t.Run(
		"wrong codes are counted like wrong passwords, and a right password forgives none of them",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			p, _ := s.person(domain.RoleStaff)
			secret, _ := s.withApp(s.session(p))
			for range staff.DefaultPerEmail {
				s.enterWith(p.Email, "000000").want(t, 401, domain.CodeSecondFactorWrong)
				if got := s.enter(p.Email, goodPassword); got.status == 201 {
					t.Fatal("a password alone let in")
				}
			}
			s.enterWith(p.Email, s.codeOf(secret)).want(t, 429, domain.CodeRateLimited)
			s.clock.Advance(staff.DefaultWindow)
			s.enterWith(p.Email, s.codeOf(secret)).want(t, 201, "")
		},
	)
	t.Run(
		"the secret and the recovery codes stand in no log and no record, and the store has neither in the clear",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			p, _ := s.person(domain.RoleStaff)
			secret, recovery := s.withApp(s.session(p))
			kept, err := s.people.StaffByID(t.Context(), p.ID)
			if err != nil {
				t.Fatal(err)
			}
			seen := fmt.Sprint(s.log.lines(), s.people.Entries(), kept)
			for _, word := range []string{secret, recovery[0], strings.ReplaceAll(recovery[0], "-", "")} {
				if strings.Contains(seen, word) {
					t.Errorf("%q can be read", word)
				}
			}
		},
	)
	t.Run("an admin takes it away from somebody who lost theirs, and that ends every session", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		admin := s.signedIn(domain.RoleSystemAdmin)
		p, _ := s.person(domain.RoleStaff)
		token := s.session(p)
		s.withApp(token)
		s.call("", http.MethodDelete, fmt.Sprintf("/v1/staff/%d/second-factor", p.ID), "", admin).want(t, 204, "")
		s.call("", http.MethodGet, "/v1/session", "", as(token)).want(t, 401, domain.CodeUnauthenticated)
		s.enter(p.Email, goodPassword).want(t, 201, "")
		if s.told(staff.NoticeReset) != 1 || s.told(staff.NoticeTOTPOff) != 0 {
			t.Error("the person was not told, or twice")
		}
	})
	t.Run("one that is removed is asked for no longer", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, _ := s.person(domain.RoleStaff)
		token := s.session(p)
		_, recovery := s.withApp(token)
		s.call("", http.MethodPost, "/v1/session/totp", "", as(token)).want(t, 409, domain.CodeSecondFactorExists)
		s.call("", http.MethodDelete, "/v1/session/totp", "", as(token)).want(t, 204, "")
		s.call("", http.MethodDelete, "/v1/session/totp", "", as(token)).want(t, 404, domain.CodeNotFound)
		s.enter(p.Email, goodPassword).want(t, 201, "")
		again, _ := s.withApp(token)
		s.enterWith(p.Email, recovery[0]).want(t, 401, domain.CodeSecondFactorWrong)
		s.enterWith(p.Email, s.codeOf(again)).want(t, 201, "")
	})
}

func TestSecondFactorRequired(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	equipment := tools(t)
	equipment.Required[domain.RoleECAdmin] = true
	s.staff.Equip(equipment)
	p, api := s.person(domain.RoleECAdmin)
	got := s.enter(p.Email, goodPassword).want(t, 201, "")
	token, _ := got.body["token"].(string)
	expect.MustEqual(t, `got.body["due"]`, got.body["due"], "set_up", got.raw)
	for name, w := range walk {
		method, _, _ := strings.Cut(name, " ")
		open := slices.Contains(
			[]string{
				"DELETE /v1/session",
				"POST /v1/session/totp",
				"POST /v1/session/totp/activation",
				"POST /v1/session/confirmation",
			},
			name,
		)
		if strings.Contains(name, " /proxy/") || open {
			continue
		}
		s.call("", method, w.path, w.body, as(token), keyed("k")).want(t, 403, domain.CodeSecondFactorSetup)
	}
	s.call("", http.MethodGet, "/v1/coupons", "", as(api)).want(t, 200, "")
	secret, _ := s.withApp(token)
	s.call("", http.MethodGet, "/v1/session", "", as(token)).want(t, 200, "")
	s.call("", http.MethodDelete, "/v1/session/totp", "", as(token)).want(t, 409, domain.CodeSecondFactorKept)
	got = s.enterWith(p.Email, s.codeOf(secret)).want(t, 201, "")
	expect.Equal(t, `got.body["due"]`, got.body["due"], nil, got.raw)
	other, _ := s.person(domain.RoleStaff)
	if got := s.enter(other.Email, goodPassword).want(t, 201, ""); got.body["due"] != nil {
		t.Errorf("another role: %s", got.raw)
	}
}

func TestDrawnPassword(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	admin := s.signedIn(domain.RoleSystemAdmin)
	added := s.call("", http.MethodPost, "/v1/staff",
		`{"email":"mori@example.com","name":"Mori Akiko","role":"system_admin"}`, admin).
		want(t, 201, "")
	drawn, _ := added.body["password"].(string)
	got := s.enter("mori@example.com", drawn).want(t, 201, "")
	token, _ := got.body["token"].(string)
	expect.MustEqual(t, `got.body["due"]`, got.body["due"], "password", got.raw)
	for name, w := range walk {
		method, _, _ := strings.Cut(name, " ")
		if strings.Contains(name, " /proxy/") || name == "DELETE /v1/session" || name == "PUT /v1/session/password" {
			continue
		}
		s.call("", method, w.path, w.body, as(token), keyed("k")).want(t, 403, domain.CodePasswordChange)
	}
	change := func(chosen string) answer {
		return s.call(
			"",
			http.MethodPut,
			"/v1/session/password",
			fmt.Sprintf(`{"current_password":%q,"new_password":%q}`, drawn, chosen),
			as(token),
		)
	}
	for _, guessable := range []string{"password1234", "mori@example.com", "demoshopdemoshop", "qwertyuiop123"} {
		change(guessable).want(t, 422, domain.CodePasswordGuessable)
	}
	if got := change(drawn).want(t, 422, domain.CodeValidation); got.field("body.new_password") == "" {
		t.Errorf("the same again: %s", got.raw)
	}
	change("seven lanterns over water").want(t, 204, "")
	s.enter("mori@example.com", drawn).want(t, 401, domain.CodeUnauthenticated)
	got = s.enter("mori@example.com", "seven lanterns over water").want(t, 201, "")
	expect.Equal(t, `got.body["due"]`, got.body["due"], nil, got.raw)
	if s.told(staff.NoticePassword) != 1 {
		t.Error("the person was not told")
	}
}

func TestReauthentication(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	admin, key := s.person(domain.RoleSystemAdmin)
	p, _ := s.person(domain.RoleStaff)
	token := s.session(admin)
	path := fmt.Sprintf("/v1/staff/%d", p.ID)
	acts := map[string]string{
		"POST " + path + "/password":        "",
		"DELETE " + path + "/second-factor": "",
		"POST " + path + "/tokens":          `{"name":"x"}`,
		"PATCH " + path:                     `{"role":"system_admin"}`,
		"POST /v1/staff":                    `{"email":"n@example.com","name":"N","role":"ec_admin"}`,
		"POST /v1/session/totp":             "",
		"POST /v1/session/tokens":           `{"name":"x"}`,
	}
	for act, body := range acts {
		method, path, _ := strings.Cut(act, " ")
		s.call("", method, path, body, as(key)).want(t, 403, domain.CodeSessionRequired)
		if !strings.HasPrefix(path, "/v1/session") {
			s.call(domain.RoleSystemAdmin, method, path, body).want(t, 403, domain.CodeSessionRequired)
		}
	}
	s.call("", http.MethodPatch, path, `{"email":"new@example.com"}`, as(key)).want(t, 403, domain.CodeSessionRequired)
	s.clock.Advance(staff.FreshFor)
	for act, body := range acts {
		method, path, _ := strings.Cut(act, " ")
		s.call("", method, path, body, as(token)).want(t, 403, domain.CodeReauthentication)
	}
	s.call("", http.MethodPatch, path, `{"name":"Mori"}`, as(token)).want(t, 200, "")
	s.call("", http.MethodPost, "/v1/session/confirmation", `{"password":"wrong"}`, as(token)).
		want(t, 422, domain.CodeValidation)
	s.call("", http.MethodPost, "/v1/session/tokens", `{"name":"x"}`, as(token)).want(t, 403,
		domain.CodeReauthentication)
	s.call("", http.MethodPost, "/v1/session/confirmation", fmt.Sprintf(`{"password":%q}`, goodPassword), as(token)).
		want(t, 204, "")
	s.call("", http.MethodPost, "/v1/session/tokens", `{"name":"x"}`, as(token)).want(t, 201, "")
	s.call("", http.MethodPatch, path, `{"email":"new@example.com"}`, as(token)).want(t, 200, "")
	if s.told(staff.NoticeEmail) != 2 || s.recorded("session.confirmed") != 1 ||
		s.recorded("session.confirmation_refused") != 1 {
		t.Errorf(
			"%d mails about the address, %d confirmations, %d refused",
			s.told(staff.NoticeEmail),
			s.recorded("session.confirmed"),
			s.recorded("session.confirmation_refused"),
		)
	}
	s.call("", http.MethodPatch, path, fmt.Sprintf(`{"email":%q}`, admin.Email), as(token)).
		want(t, 409, domain.CodeStaffExists)
}

// What only a person may do, a copied key must not get by making a person.
func TestNoKeyMakesSomebodyWhoDecides(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	admin, own := s.person(domain.RoleSystemAdmin)
	manager, _ := s.person(domain.RoleStoreManager)
	clerk, _ := s.person(domain.RoleStaff)
	one := func(p domain.Staff) string { return fmt.Sprintf("/v1/staff/%d", p.ID) }
	s.call(domain.RoleSystemAdmin, http.MethodPatch, one(manager), `{"disabled":true}`).want(t, 200, "")
	acts := [][3]string{
		{http.MethodPost, "/v1/staff", `{"email":"n@example.com","name":"N","role":"store_manager"}`},
		{http.MethodPatch, one(clerk), `{"role":"store_manager"}`},
		{http.MethodPatch, one(manager), `{"disabled":false}`},
	}
	session := s.session(admin)
	s.clock.Advance(staff.FreshFor)
	for _, act := range acts {
		s.call(domain.RoleSystemAdmin, act[0], act[1], act[2]).want(t, 403, domain.CodeSessionRequired)
		s.call("", act[0], act[1], act[2], as(own)).want(t, 403, domain.CodeSessionRequired)
		s.call("", act[0], act[1], act[2], as(session)).want(t, 403, domain.CodeReauthentication)
	}
	refused := 0
	for _, e := range s.record.list {
		if e.Action == "access.refused" && e.Outcome == domain.OutcomeRefused && e.Actor != "" {
			refused++
		}
	}
	if refused != 2*len(acts) {
		t.Errorf("%d attempts by keys and tokens are in the audit", refused)
	}
	fresh := s.session(admin)
	for i, status := range []int{201, 200, 200} {
		s.call("", acts[i][0], acts[i][1], acts[i][2], as(fresh)).want(t, status, "")
	}
}

func TestOwnSessions(t *testing.T) {
	t.Parallel()
	t.Run("they are listed with what is known of them, and ended one by one or all others at once", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, _ := s.person(domain.RoleStaff)
		firefox := header(
			"User-Agent",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
		)
		here, _ := s.enter(p.Email, goodPassword, firefox, from("198.51.100.7")).want(t, 201, "").body["token"].(string)
		script, _ := s.enter(p.Email, goodPassword, header("User-Agent", "curl/8.9.1"), from("203.0.113.9")).want(t,
			201, "").body["token"].(string)
		third := s.session(p)
		list, _ := s.call("", http.MethodGet, "/v1/sessions", "", as(here)).want(t, 200, "").body["items"].([]any)
		if len(list) != 3 {
			t.Fatalf("%d sessions", len(list))
		}
		byAgent := map[any]map[string]any{}
		for _, one := range list {
			session, _ := one.(map[string]any)
			byAgent[session["agent"]] = session
		}
		if mine := byAgent["Firefox, Windows"]; mine["current"] != true || mine["address"] != "198.51.100.7" ||
			mine["methods"] != "password" {
			t.Errorf("this one: %v", mine)
		}
		if theirs := byAgent["curl"]; theirs["current"] != false || theirs["address"] != "203.0.113.9" {
			t.Errorf("the script's: %v", theirs)
		}
		s.call("", http.MethodDelete, fmt.Sprintf("/v1/sessions/%s", byAgent["curl"]["id"]), "", as(here)).
			want(t, 204, "")
		s.call("", http.MethodGet, "/v1/session", "", as(script)).want(t, 401, domain.CodeUnauthenticated)
		other := s.signedIn(domain.RoleStaff)
		s.call("", http.MethodDelete, fmt.Sprintf("/v1/sessions/%s", byAgent["Firefox, Windows"]["id"]), "", other).
			want(t, 404, domain.CodeNotFound)
		s.call("", http.MethodDelete, "/v1/sessions?except=current", "", as(here)).want(t, 204, "")
		s.call("", http.MethodGet, "/v1/session", "", as(third)).want(t, 401, domain.CodeUnauthenticated)
		s.call("", http.MethodGet, "/v1/session", "", as(here)).want(t, 200, "")
		if s.told(staff.NoticeNewDevice) != 2 {
			t.Errorf("%d mails about new devices; the first one is not new", s.told(staff.NoticeNewDevice))
		}
	})
	t.Run("one that is not used ends, and one that is used goes on", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		equipment := tools(t)
		equipment.Idle = 30 * time.Minute
		s.staff.Equip(equipment)
		p, _ := s.person(domain.RoleStaff)
		used, unused := s.session(p), s.session(p)
		for range 5 {
			s.clock.Advance(29 * time.Minute)
			s.call("", http.MethodGet, "/v1/session", "", as(used)).want(t, 200, "")
		}
		s.call("", http.MethodGet, "/v1/session", "", as(unused)).want(t, 401, domain.CodeUnauthenticated)
		s.clock.Advance(30 * time.Minute)
		s.call("", http.MethodGet, "/v1/session", "", as(used)).want(t, 401, domain.CodeUnauthenticated)
	})
	t.Run("one's own tokens are listed and revoked without an admin", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		p, api := s.person(domain.RoleStaff)
		token := s.session(p)
		list, _ := s.call("", http.MethodGet, "/v1/session/tokens", "", as(token)).want(t, 200,
			"").body["items"].([]any)
		first, _ := list[0].(map[string]any)
		s.call("", http.MethodDelete, fmt.Sprintf("/v1/session/tokens/%v", first["id"]), "", as(token)).want(t, 204, "")
		s.call("", http.MethodGet, "/v1/session", "", as(api)).want(t, 401, domain.CodeUnauthenticated)
	})
}

// TestGatesAreOperations holds the tables of gates to the operations there are: a name that is none guards nothing.
func TestGatesAreOperations(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	names := slices.Clone(freshOperations)
	for name := range duringStages {
		names = append(names, name)
	}
	for _, name := range names {
		if _, ok := s.api.permissions[name]; !ok {
			t.Errorf("%s is no operation", name)
		}
	}
}
