package identity

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// shop is the service with a campaign "summer", asked by its own server and run by its people.
type shop struct {
	*world.Acts
	t                     *testing.T
	server, admin, keeper string
	orders                int
}

func newShop(t *testing.T, db storetest.Database, protection string) *shop {
	t.Helper()
	return newShopWith(t, db, protection)
}

func newShopWith(t *testing.T, db storetest.Database, protection string, environ ...string) *shop {
	t.Helper()
	s := &shop{Acts: world.NewActs(t, db, environ...), t: t}
	_, s.admin = world.Hired(t, s.Store, "Ec Admin", domain.RoleECAdmin, "")
	_, s.keeper = world.Hired(t, s.Store, "Manager", domain.RoleStoreManager, "")
	s.server = s.KeyOf(domain.RolePOS, "")
	s.Answer(s.admin, http.MethodPost, "/v1/campaigns", `{"key":"summer","prefix":"SUMMER-","names":{"en":"Summer"},`+
		`"protection":`+protection+`}`, http.StatusCreated)
	s.Answer(s.admin, http.MethodPost, "/v1/campaigns/summer/status", `{"to":"live"}`, http.StatusOK)
	world.LongStanding(t, s.Store)
	return s
}

// used tells the service of an order that used a code.
func (s *shop) used(who identity.Shown) {
	s.t.Helper()
	s.orders++
	if _, err := s.App.Decisions.SeeUse(s.t.Context(), world.OrderBefore(1000+s.orders, 1,
		fmt.Sprintf("SUMMER-%d", s.orders), who)); err != nil {
		s.t.Fatal(err)
	}
}

// ask asks about somebody, by the JSON of what is shown of them.
func (s *shop) ask(shown string) map[string]any {
	s.t.Helper()
	return s.Answer(s.server, http.MethodPost, "/v1/decisions", `{"code":"SUMMER-X","stage":"checkout"`+shown+`}`,
		http.StatusOK)
}

const medium = `{"preset":"medium","mode":"enforce"}`

var taro = identity.Shown{CustomerID: "gid://shopify/Customer/42", Emails: []string{"taro.yamada@gmail.com"},
	Phones: []string{"090-1234-5678"}, IPs: []string{"198.51.100.7"}, Addresses: []identity.PostalAddress{
		{Line1: "千代田1-1", City: "千代田区", Province: "東京都", Zip: "100-0001", Country: "JP"}}}

const tarosHouse = `,"address":{"line1":"千代田１丁目１番","city":"千代田区","province":"東京都","zip":"1000001","country":"JP"}`

// TestTheMatrixOverHTTP is the matrix of people as a store's server asks it: who buys, and what of them was seen before,
// with another code of the family.
// covers: 001-01, 001-04, 001-05, 001-06, 001-10, 001-17, 001-34, 002-10, 003-01, 003-02, 003-13, 003-24, T-08
func TestTheMatrixOverHTTP(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, `{"preset":"medium","mode":"enforce","currencies":["JPY"]}`)
		s.used(taro)
		for name, c := range map[string]struct{ shown, want string }{
			"a guest nobody knows":                 {`,"customer":{"email":"new@example.com"}`, "allow"},
			"a guest with an e-mail that was here": {`,"customer":{"email":"taro.yamada@gmail.com"}`, "refuse already_used"},
			"a logged-in customer who was here":    {`,"customer":{"id":"42"}`, "refuse already_used"},
			"a new account under an alias":         {`,"customer":{"id":"77","email":"TaroYamada+2@googlemail.com"}`, "refuse already_used"},
			"another e-mail at a known address":    {`,"customer":{"email":"a@example.com"}` + tarosHouse, "allow_flagged"},
			"a known address and a known phone":    {`,"customer":{"email":"a@example.com","phone":"+81 90 1234 5678"}` + tarosHouse, "refuse already_used"},
			"a known network alone":                {`,"customer":{"email":"a@example.com"},"ip":"198.51.100.9"`, "allow"},
			"another market's currency":            {`,"cart":{"currency":"USD"}`, "refuse wrong_currency"},
			"what is no address and no phone":      {`,"customer":{"email":"nobody","phone":"?"},"ip":"x"`, "allow"},
		} {
			got := s.ask(c.shown)
			outcome, reason := got["outcome"], got["reason"]
			said := fmt.Sprint(outcome)
			if reason != nil {
				said += fmt.Sprint(" ", reason)
			}
			if said != c.want || got["enforced"] != true || got["id"] == nil {
				t.Errorf("%s: %s, want %s", name, said, c.want)
			}
		}
	})
}

// TestOneOfficeOverHTTP: fifty people behind one network and at one locker pass under medium, flagged at most.
// covers: T-08, 003-05
func TestOneOfficeOverHTTP(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, medium)
		for n := range 50 {
			who := taro
			who.CustomerID, who.Emails, who.Phones = "", []string{fmt.Sprintf("p%d@example.com", n)}, nil
			s.used(who)
		}
		got := s.ask(`,"customer":{"email":"last@example.com"},"ip":"198.51.100.7"` + tarosHouse)
		if got["outcome"] != "allow_flagged" {
			t.Errorf("the fifty-first is %v %v", got["outcome"], got["reason"])
		}
	})
}

// TestShadowRefusesNothing: everything is decided and kept, the answer says that it does not count, and the report
// tells it apart.
// covers: 001-53, 003-14
func TestShadowRefusesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, `{"preset":"medium","mode":"shadow"}`)
		s.used(taro)
		if got := s.ask(`,"customer":{"id":"42"}`); got["outcome"] != "refuse" || got["enforced"] != false {
			t.Errorf("in shadow it is %v, enforced %v", got["outcome"], got["enforced"])
		}
		report := s.Answer(s.admin, http.MethodGet, "/v1/reports/identity?campaign=summer", "", http.StatusOK)
		total, _ := report["total"].(map[string]any)
		if total["refused"] != 1.0 || total["shadow"] != 1.0 || total["enforced"] != 0.0 || total["decided"] != 2.0 {
			t.Errorf("the report says %v", total)
		}
	})
}

// TestTheThresholdTakesEffectAtOnce: the next decision reads it, and the change is on record with before and after.
// covers: 003-11
func TestTheThresholdTakesEffectAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, `{"preset":"custom","signals":["phone","address","ip"],"alone":[],"threshold":2,"mode":"enforce"}`)
		s.used(taro)
		const shown = `,"customer":{"phone":"09012345678"},"ip":"198.51.100.7"`
		if got := s.ask(shown); got["outcome"] != "refuse" || got["policy_version"] != 1.0 {
			t.Errorf("two of three are %v", got["outcome"])
		}
		s.Answer(s.admin, http.MethodPatch, "/v1/campaigns/summer", `{"policy_version":1,"protection":{"threshold":3}}`,
			http.StatusOK)
		got := s.ask(shown)
		if got["outcome"] != "allow_flagged" || got["threshold"] != 3.0 || got["policy_version"] != 2.0 {
			t.Errorf("under a threshold of three it is %v of %v", got["outcome"], got["threshold"])
		}
		entries, _ := s.Answer(s.admin, http.MethodGet, "/v1/audit?action=campaign.protected", "",
			http.StatusOK)["items"].([]any)
		if len(entries) != 1 {
			t.Fatalf("%d changes are on record", len(entries))
		}
		detail, _ := entries[0].(map[string]any)["detail"].(map[string]any)
		if fmt.Sprint(detail["before"], detail["after"]) != "map[threshold:2] map[threshold:3]" {
			t.Errorf("on record is %v", detail)
		}
	})
}

// TestReplayAndVerdict: a decision is made again as it was, and says what another version would have said; a verdict of
// a person changes what comes, and the other verdict is refused.
// covers: 003-22
func TestReplayAndVerdict(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, medium)
		s.used(taro)
		const sons = `,"customer":{"id":"43","email":"son@example.com","phone":"09012345678"}` + tarosHouse
		id, _ := s.ask(sons)["id"].(string)
		if got := s.Answer(s.keeper, http.MethodPost, "/v1/decisions/"+id+"/replay", `{}`, http.StatusOK); got["same"] != true ||
			got["outcome"] != "refuse" {
			t.Errorf("again it is %v, the same %v", got["outcome"], got["same"])
		}
		s.Answer(s.admin, http.MethodPatch, "/v1/campaigns/summer", `{"policy_version":1,"protection":{"preset":"basic"}}`,
			http.StatusOK)
		if got := s.Answer(s.keeper, http.MethodPost, "/v1/decisions/"+id+"/replay", `{"policy_version":2}`,
			http.StatusOK); got["same"] != false || got["outcome"] != "allow" {
			t.Errorf("under the new rules it is %v", got["outcome"])
		}
		s.Answer(s.admin, http.MethodPatch, "/v1/campaigns/summer", `{"policy_version":2,"protection":{"preset":"medium"}}`,
			http.StatusOK)
		verdict := "/v1/decisions/" + id + "/verdict"
		if status, text := s.Request(s.server, http.MethodPost, verdict, "", `{"verdict":"not_abuse"}`); status != 403 {
			t.Errorf("a program judges: %d %s", status, text)
		}
		for range 2 { // the same again changes nothing
			s.Answer(s.keeper, http.MethodPost, verdict, `{"verdict":"not_abuse","note":"親子"}`, http.StatusOK)
		}
		if status, text := s.Request(s.keeper, http.MethodPost, verdict, "", `{"verdict":"abuse"}`); status != 409 ||
			!strings.Contains(text, "verdict_already_given") {
			t.Errorf("the other verdict: %d %s", status, text)
		}
		if got := s.ask(sons); got["outcome"] != "allow" {
			t.Errorf("the son is told apart, and it is %v", got["outcome"])
		}
	})
}

// TestATrialLeavesNothingButItsTrace: no decision is kept, and that somebody tried is on record.
func TestATrialLeavesNothingButItsTrace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, `{"preset":"basic","mode":"off"}`)
		if got := s.ask(`,"customer":{"id":"42"}`); got["id"] != nil || got["outcome"] != "allow" {
			t.Errorf("a campaign that is off decides %v as %v", got["outcome"], got["id"])
		}
		got := s.Answer(s.admin, http.MethodPost, "/v1/campaigns/summer/trial",
			`{"stage":"cart","cart":{"currency":"USD"},"protection":{"currencies":["JPY"],"mode":"enforce"}}`, http.StatusOK)
		if got["id"] != nil || got["reason"] != "wrong_currency" {
			t.Errorf("the trial says %v", got)
		}
		list, _ := s.Answer(s.admin, http.MethodGet, "/v1/decisions", "", http.StatusOK)["items"].([]any)
		tried, _ := s.Answer(s.admin, http.MethodGet, "/v1/audit?action=campaign.tried", "", http.StatusOK)["items"].([]any)
		if len(list) != 0 || len(tried) != 1 {
			t.Errorf("%d decisions are kept, %d trials on record", len(list), len(tried))
		}
	})
}
