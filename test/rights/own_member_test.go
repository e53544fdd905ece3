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
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

const (
	ownCoupon     = "403 own_coupon"
	ownMembership = "own_membership"
)

// TestNobodyDecidesAboutThemselves: a person is a member by the member number in their account, by their mail address,
// by a membership that shares mail address or phone number with either; a key is its owner and its maker.
func TestNobodyDecidesAboutThemselves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db)
		own := w.Subject(domain.ActCancel, small)
		sato, token := world.Hired(t, w.Store, "Sato", domain.RoleStoreManager, own.Member)
		boss, bossToken := world.Hired(t, w.Store, "Boss", domain.RoleSystemAdmin, "")
		_, ueda := world.Hired(t, w.Store, "Ueda", domain.RoleECAdmin, "")
		pos := w.Token
		write := func(member, body string) {
			t.Helper()
			status, text := w.Request(pos, http.MethodPut, "/v1/customers/"+member, "", body)
			expect.MustEqual(t, "status", status, http.StatusOK, text)
		}
		made := w.Answer(bossToken, http.MethodGet, "/v1/keys", "", http.StatusOK)
		expect.MustEqual(t, `len(made["items"].([]any))`, len(made["items"].([]any)), 1, made)
		byBoss := func(owner string) string {
			t.Helper()
			k := staff.NewKey{Caller: domain.Caller{Name: "a program", Role: domain.RoleStoreManager}, Owner: owner}
			token, _, err := app.Machines(w.Store).Add(t.Context(), boss.Caller(), k)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		for name, c := range map[string]struct {
			body  string // what the POS says of the member
			token string
			want  string
		}{
			"the mail address of the account": {fmt.Sprintf(`{"email": %q}`, sato.Email), token, ownCoupon},
			"the same in another spelling": {fmt.Sprintf(`{"email": %q}`, strings.ToUpper(sato.Email)), token,
				ownCoupon},
			"the phone number of their membership": {`{"phone": "090-1234-5678"}`, token, ownCoupon},
			"by a key of theirs": {fmt.Sprintf(`{"email": %q}`, sato.Email),
				w.KeyOf(domain.RoleECAdmin, sato.Email), ownCoupon},
			"by a key they made for somebody": {fmt.Sprintf(`{"email": %q}`, boss.Email), byBoss(sato.Email),
				ownCoupon},
			"a stranger":     {`{"email": "nobody@example.com"}`, token, "done"},
			"another person": {fmt.Sprintf(`{"email": %q}`, sato.Email), ueda, "done"},
		} {
			write(own.Member, `{"phone": "+819012345678"}`)
			for _, act := range []domain.Act{domain.ActCancel, domain.ActSuspend, domain.ActForfeit, domain.ActGrant} {
				if act.ClosesReview() && strings.Contains(name, "key") {
					continue
				}
				s := w.Subject(act, small)
				write(s.Member, c.body)
				want := c.want
				if act == domain.ActForfeit && want == "done" { // to forfeit takes a second person, whoever asks
					want = "proposed"
				}
				if got := w.Do(c.token, act, s, "o-"+s.Code); got != want {
					t.Errorf("%s, %s: %s, want %s", name, act, got, want)
				}
			}
		}
		if got := w.Do(token, domain.ActCancel, own, "own"); got != ownCoupon {
			t.Errorf("the member number in the account: %s", got)
		}
		if got := w.Do(w.KeyOf(domain.RoleStoreManager, sato.Email), domain.ActCancel, own, "own"); got != ownCoupon {
			t.Errorf("the same by a key: %s", got)
		}
	})
}

// TestNobodyChangesWhoTheyAre: what would make a coupon look like somebody else's is not theirs to change.
func TestNobodyChangesWhoTheyAre(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db)
		own, other := w.Subject(domain.ActCancel, small), w.Subject(domain.ActCancel, small)
		boss, token := world.Hired(t, w.Store, "Boss", domain.RoleSystemAdmin, own.Member)
		_, colleague := world.Hired(t, w.Store, "Colleague", domain.RoleSystemAdmin, "")
		key := w.KeyOf(domain.RoleSystemAdmin, boss.Email)
		account := fmt.Sprintf("/v1/staff/%d", boss.ID)
		refused := func(name, token, method, path, body string) {
			t.Helper()
			status, text := w.Request(token, method, path, "", body)
			expect.Equal(t, "status", status, http.StatusForbidden, name)
			expect.That(t, "text to contain ownMembership", strings.Contains(text, ownMembership), name, text)
		}
		refused("the own membership", token, http.MethodPut, "/v1/customers/"+own.Member,
			`{"email": "else@example.com"}`)
		refused("by a key of theirs", key, http.MethodPut, "/v1/customers/"+own.Member, `{"email": "else@example.com"}`)
		refused("a member becomes them", token, http.MethodPut, "/v1/customers/"+other.Member,
			fmt.Sprintf(`{"email": %q}`, boss.Email))
		refused("a new member who is them", token, http.MethodPut, "/v1/customers/424242", fmt.Sprintf(`{"email": %q}`,
			boss.Email))
		refused("the own lock", token, http.MethodDelete, "/v1/customers/"+own.Member+"/lock", "")
		refused("the own member number", token, http.MethodPatch, account, `{"customer_id": ""}`)
		refused("another member number", token, http.MethodPatch, account, `{"customer_id": "1"}`)
		if c, err := w.Store.Members.Customer(t.Context(), own.Member); err != nil || c.Email != own.Member+
			"@members.example.com" {
			t.Errorf("the member is %s, %v", c.Email, err)
		}
		w.Answer(token, http.MethodPut, "/v1/customers/"+other.Member, `{"email": "else@example.com"}`, http.StatusOK)
		w.Answer(token, http.MethodPatch, account, fmt.Sprintf(`{"customer_id": %q, "name": "The boss"}`, own.Member),
			http.StatusOK)
		w.Answer(colleague, http.MethodPut, "/v1/customers/"+own.Member, `{"email": "new@example.com"}`, http.StatusOK)
		w.Answer(colleague, http.MethodPatch, account, `{"customer_id": ""}`, http.StatusOK)
	})
}
