package identity

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// signalsOf lists an answer's signals with their strength and the orders that they are about, in the order of their names.
func signalsOf(answer map[string]any) string {
	list, _ := answer["signals"].([]any)
	said := make([]string, 0, len(list))
	for _, one := range list {
		s, _ := one.(map[string]any)
		var orders []string
		matched, _ := s["matched"].([]any)
		for _, m := range matched {
			orders = append(orders, fmt.Sprint(m.(map[string]any)["order"]))
		}
		said = append(said, fmt.Sprintf("%v %v %s", s["strength"], s["kind"], strings.Join(orders, " ")))
	}
	slices.Sort(said)
	return strings.Join(said, ", ")
}

// TestEachSignalNamesWhatItIsAbout: an address in another spelling with another e-mail, another machine of a network, a
// name that differs in a letter, and an order of minutes ago; by themselves none refuses, and the last two only add to
// the score.
// covers: 001-17, 001-22, 002-08, 002-33, 002-34, 002-35, 003-17
func TestEachSignalNamesWhatItIsAbout(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, `{"preset":"high","mode":"enforce"}`)
		who := taro
		who.Names = []string{"Taro Yamada"}
		s.used(who)
		near := identity.Shown{IPs: []string{"192.0.2.7"}}
		if _, err := s.App.Decisions.SeeUse(t.Context(), world.OrderBefore(2000, 0, "SUMMER-2", near)); err != nil {
			t.Fatal(err)
		}
		for shown, want := range map[string]string{
			`,"customer":{"email":"a@example.com"}` + tarosHouse:                       "allow_flagged counted address #1001",
			`,"customer":{"email":"a@example.com"},"ip":"198.51.100.200"`:              "allow_flagged counted ip #1001",
			`,"customer":{"email":"a@example.com"},"ip":"192.0.2.99"`:                  "allow_flagged counted ip #2000, weak close_in_time #2000",
			`,"customer":{"email":"a@example.com","name":"TARO YAMADA"}` + tarosHouse:  "allow_flagged counted address #1001, weak name #1001",
			`,"customer":{"email":"a@example.com","name":"Taro Yamada"}`:               "allow ",
			`,"customer":{"email":"taro.yamada+x@gmail.com"}`:                          "refuse decisive email #1001",
			`,"customer":{"email":"a@example.com"},"ip":"198.51.100.200"` + tarosHouse: "refuse counted address #1001, counted ip #1001",
		} {
			got := s.ask(shown)
			if said := fmt.Sprintf("%v %s", got["outcome"], signalsOf(got)); said != want {
				t.Errorf("%s: %s, want %s", shown, said, want)
			}
		}
	})
}

// TestALimitSpansMarketsAndACurrencyIsACampaigns: whoever used a code in one market is refused in another, a stranger
// there is not, and a code for one currency is refused in a cart of another.
// covers: 001-01, 001-14
func TestALimitSpansMarketsAndACurrencyIsACampaigns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, medium)
		s.used(taro)
		const dollars, stranger = `,"cart":{"currency":"USD"}`, `,"customer":{"email":"new@example.com"}`
		for shown, want := range map[string]string{
			`,"customer":{"email":"taro.yamada@gmail.com"}` + dollars: "refuse already_used",
			stranger + dollars: "allow <nil>",
		} {
			got := s.ask(shown)
			expect.Equal(t, "answer", fmt.Sprint(got["outcome"], " ", got["reason"]), want, shown)
		}
		s.Answer(s.admin, http.MethodPatch, "/v1/campaigns/summer",
			`{"policy_version":1,"protection":{"currencies":["JPY"]}}`, http.StatusOK)
		got := s.ask(stranger + dollars)
		expect.Equal(t, "in a cart of another currency", fmt.Sprint(got["outcome"], " ", got["reason"]), "refuse wrong_currency")
		got = s.ask(stranger + `,"cart":{"currency":"JPY"}`)
		expect.Equal(t, "in its own", fmt.Sprint(got["outcome"]), "allow")
	})
}

// TestEachCampaignSaysWhoIsTheSame: the same person is refused by a campaign that goes by phones, and let pass by one
// that goes by devices; each preset counts more than the one before it.
// covers: 001-26, 001-49, 002-14, 003-11, 003-13
func TestEachCampaignSaysWhoIsTheSame(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		const son = `,"customer":{"email":"son@example.com","phone":"09012345678"},"ip":"198.51.100.9"`
		s := newShop(t, db, `{"preset":"custom","signals":["phone"],"alone":["phone"],"threshold":1,"mode":"enforce"}`)
		s.used(taro)
		version := 1
		for _, tc := range []struct{ rules, want string }{
			{"", "refuse"},
			{`"preset":"custom","signals":["device"],"alone":[],"threshold":1`, "allow"},
			{`"preset":"basic"`, "allow"},
			{`"preset":"medium"`, "allow_flagged"},
			{`"preset":"high"`, "refuse"},
		} {
			if tc.rules != "" {
				s.Answer(s.admin, http.MethodPatch, "/v1/campaigns/summer",
					fmt.Sprintf(`{"policy_version":%d,"protection":{%s}}`, version, tc.rules), http.StatusOK)
				version++
			}
			expect.Equal(t, "outcome", fmt.Sprint(s.ask(son)["outcome"]), tc.want, tc.rules)
		}
	})
}
