package rights

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestTwoPeopleAreTwoPeople: whatever one admin can lay hands on, they do not complete their own proposal.
func TestTwoPeopleAreTwoPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db, "FOUR_EYES_POINTS=499", "FORFEIT_TWO_PEOPLE=false")
		boss, token := world.Hired(t, w.Store, "Boss", domain.RoleSystemAdmin, "")
		sato, _ := world.Hired(t, w.Store, "Sato", domain.RoleStoreManager, "")
		_, suzuki := world.Hired(t, w.Store, "Suzuki", domain.RoleECAdmin, "")
		s := w.Subject(domain.ActGrant, middle)
		try := func(name, token, want string) {
			t.Helper()
			if got := w.Do(token, domain.ActGrant, s, "key-"+strings.ReplaceAll(name, " ", "-")); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
		try("the admin proposes", token, "proposed")
		try("with another token of their own", world.TokenOf(t, w.Store, boss), needsSecond)
		try("with a session", w.SessionOf(boss, world.StaffPassword), needsSecond)

		path, in := fmt.Sprintf("/v1/staff/%d", sato.ID), w.SessionOf(boss, world.StaffPassword)
		w.Answer(in, http.MethodPost, path+"/tokens", `{"name": "for somebody else"}`, http.StatusForbidden)
		for _, role := range []domain.Role{domain.RoleStoreManager, domain.RoleSystemAdmin} {
			key := w.KeyOf(role, sato.Email)
			try("with a program's key of "+string(role), key, permissionDenied)
			if status, _ := w.Request(key, http.MethodPost, "/v1/staff", "",
				`{"email":"x@example.com","name":"x","role":"system_admin"}`); status != http.StatusForbidden {
				t.Errorf("a program's key of %s adds staff: %d", role, status)
			}
		}
		// A token that an admin made for somebody else, before that was refused.
		foreign := world.TokenOf(t, w.Store, sato)
		prefix, _ := domain.APIKeyPrefix(foreign)
		w.SQL(`UPDATE api_keys SET made_by = '` + boss.Caller().ID + `' WHERE prefix = '` + prefix + `'`)
		try("with a token they made for somebody", foreign, permissionDenied)

		drawn, _ := w.Answer(in, http.MethodPost, path+"/password", "", http.StatusOK)["password"].(string)
		try("with a password they drew", w.SessionOf(sato, drawn), "403 password_change_required")
		people := app.NewStaff(w.Store, staff.Limits{})
		if err := people.ChangePassword(t.Context(), sato.ID, drawn, "another good password"); err != nil {
			t.Fatal(err)
		}
		try("with a password they drew and changed", w.SessionOf(sato, "another good password"), needsSecond)
		added := w.Answer(in, http.MethodPost, "/v1/staff",
			`{"email":"puppet@example.com","name":"Puppet","role":"ec_admin"}`, http.StatusCreated)
		password, _ := added["password"].(string)
		madeUp := domain.Staff{Email: "puppet@example.com"}
		try("with an account they made", w.SessionOf(madeUp, password), "403 password_change_required")
		if madeUp, _ = people.ByEmail(t.Context(), madeUp.Email); madeUp.ID == 0 {
			t.Fatal("there is no such account")
		}
		if err := people.ChangePassword(t.Context(), madeUp.ID, password, "another good password"); err != nil {
			t.Fatal(err)
		}
		try("with an account they made, and its own password", w.SessionOf(madeUp, "another good password"),
			needsSecond)
		waiting, waits := world.Hired(t, w.Store, "Waiting", domain.RoleStoreManager, "")
		w.SQL(fmt.Sprintf(`UPDATE staff SET password_hash = '%s' WHERE id = %d`, domain.NoPassword, waiting.ID))
		w.Answer(in, http.MethodPatch, fmt.Sprintf("/v1/staff/%d", waiting.ID), `{"email": "boss.too@example.com"}`, http.StatusOK)
		try("with an account that waits for whoever has a mail address of theirs", waits, needsSecond)
		try("another person agrees", suzuki, "done")

		// The other way round: what an admin proposes as somebody else, they do not complete as themselves.
		s = w.Subject(domain.ActReissue, middle)
		puppet := w.SessionOf(madeUp, "another good password")
		for n, step := range []struct{ token, want string }{{puppet, "proposed"}, {token, needsSecond},
			{suzuki, "done"}} {
			if got := w.Do(step.token, domain.ActReissue, s, fmt.Sprint("back-", n)); got != step.want {
				t.Errorf("the other way round, step %d: %s, want %s", n, got, step.want)
			}
		}
	})
}

// TestAKeysProposalCountsForNothing: what a program proposed before programs could not is nobody's word.
func TestAKeysProposalCountsForNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db, "FOUR_EYES_POINTS=499", "FORFEIT_TWO_PEOPLE=false")
		_, sato := world.Hired(t, w.Store, "Sato", domain.RoleStoreManager, "")
		_, suzuki := world.Hired(t, w.Store, "Suzuki", domain.RoleECAdmin, "")
		s := w.Subject(domain.ActGrant, middle)
		w.SQL(fmt.Sprintf(`UPDATE reviews SET proposed_outcome = 'grant_points', proposed_actor = 'key:aabbccddeeff', proposed_by = 'a script', proposed_at = opened_at WHERE id = %d`, s.Review))
		for n, step := range []struct{ token, want string }{{sato, "proposed"}, {sato, needsSecond}, {suzuki, "done"}} {
			if got := w.Do(step.token, domain.ActGrant, s, fmt.Sprint("d-", n)); got != step.want {
				t.Errorf("step %d: %s, want %s", n, got, step.want)
			}
		}
	})
}

// TestTheAuditNamesTheCredential: each line that somebody asked for says what let them in, and no line says how to get
// in.
func TestTheAuditNamesTheCredential(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db)
		sato, token := world.Hired(t, w.Store, "Sato", domain.RoleSystemAdmin, "")
		session, key := w.SessionOf(sato, world.StaffPassword), w.KeyOf(domain.RoleStoreManager, sato.Email)
		name := func(token string) string { prefix, _ := domain.APIKeyPrefix(token); return prefix }
		hash := domain.Session{Hash: domain.HashAPIKey(session)}
		for credential, used := range map[string]string{"token:" + name(token): token, hash.Credential(): session,
			"key:" + name(key): key} {
			s := w.Subject(domain.ActCancel, small)
			if got := w.Do(used, domain.ActCancel, s, "c-"+s.Code); got != "done" {
				t.Fatal(got)
			}
			st, err := w.Store.Coupons.ByCode(t.Context(), s.Code)
			if err != nil {
				t.Fatal(err)
			}
			history, err := w.Store.Coupons.History(t.Context(), st.Coupon.ID)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, e := range history {
				found = found || e.Action == "cancellation.started" && e.Detail["credential"] == credential
				if e.Actor == "system" && e.Detail["credential"] != nil {
					t.Errorf("%s, which the service does by itself, names a credential", e.Action)
				}
			}
			if !found {
				t.Errorf("no line names %s: %v", credential, history)
			}
		}
		w.Answer(session, http.MethodPost, "/v1/session/tokens", `{"name": "mine"}`, http.StatusCreated)
		w.Answer(key, http.MethodPost, "/v1/staff", `{"email":"x@example.com","name":"x","role":"staff"}`,
			http.StatusForbidden)
		var named, secrets int
		query := `SELECT (SELECT count(*) FROM audit WHERE action IN ('session.opened', 'token.added', 'access.refused') AND detail LIKE '%"credential":"%'),
			(SELECT count(*) FROM audit WHERE detail LIKE '%` + session[10:] + `%' OR detail LIKE '%` + key[20:] + `%' OR detail LIKE '%` + token[20:] + `%')`
		if err := w.Store.DB().QueryRowContext(t.Context(), query).Scan(&named, &secrets); err != nil {
			t.Fatal(err)
		}
		if named != 3 || secrets != 0 {
			t.Errorf("%d lines name the credential, %d hold a secret", named, secrets)
		}
	})
}
