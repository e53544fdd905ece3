package campaigns

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// desk is the service, asked by those who run campaigns.
type desk struct {
	*world.Acts
	t             *testing.T
	server, admin string
	keeper        string
}

func newDesk(t *testing.T, db storetest.Database) *desk {
	t.Helper()
	d := &desk{Acts: world.NewActs(t, db), t: t}
	_, d.admin = world.Hired(t, d.Store, "Ec Admin", domain.RoleECAdmin, "")
	_, d.keeper = world.Hired(t, d.Store, "Manager", domain.RoleStoreManager, "")
	d.server = d.KeyOf(domain.RolePOS, "")
	return d
}

// as asks as the EC admin, and gives what is answered with a status.
func (d *desk) as(method, path, body string, status int) map[string]any {
	d.t.Helper()
	return d.Answer(d.admin, method, path, body, status)
}

// faults are the fields and rules that are named in a refusal.
func (d *desk) faults(method, path, body string) map[string]string {
	d.t.Helper()
	found := map[string]string{}
	list, _ := d.as(method, path, body, http.StatusUnprocessableEntity)["errors"].([]any)
	for _, one := range list {
		fault, _ := one.(map[string]any)
		found[fmt.Sprint(fault["location"])] = fmt.Sprint(fault["rule"])
		if fault["message"] == "" || strings.Contains(fmt.Sprint(fault["message"]), "rule.") {
			d.t.Errorf("%v is not said in words: %v", fault["location"], fault["message"])
		}
	}
	return found
}

func at(body map[string]any, path string) any {
	var found any = body
	for name := range strings.SplitSeq(path, ".") {
		members, _ := found.(map[string]any)
		found = members[name]
	}
	return found
}

func text(t *testing.T, body any) string {
	t.Helper()
	raw, err := json.Marshal(body)
	expect.MustEqual(t, "err", err, nil)
	return string(raw)
}

// TestEachTemplateMakesACampaign: what the list answers can be sent back as it is, and comes out the same.
// covers: 002-31, 002-37, 002-26
func TestEachTemplateMakesACampaign(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		d := newDesk(t, db)
		list, _ := d.as("GET", "/v1/campaign-templates?starts_at=2099-01-01T00:00:00Z", "", 200)["items"].([]any)
		expect.MustEqual(t, "len(list)", len(list), 4)
		for _, one := range list {
			made, _ := one.(map[string]any)
			key := fmt.Sprint(made["key"])
			expect.That(t, "it says what it is for", made["name"] != "" && made["what"] != "", key)
			body := fmt.Sprintf(`{"key":%q,"names":{"en":"New"},"prefix":%q,"offer":%s,"protection":%s}`, key,
				strings.ToUpper(key)+"-", text(t, made["offer"]), text(t, made["protection"]))
			got := d.as("POST", "/v1/campaigns", body, http.StatusCreated)
			expect.Equal(t, `got["status"]`, got["status"], any("draft"), key)
			if diff := cmp.Diff(made["offer"], got["offer"]); diff != "" {
				t.Errorf("%s: %s", key, diff)
			}
			rules, _ := got["protection"].(map[string]any)
			delete(rules, "version")
			if diff := cmp.Diff(made["protection"], any(rules)); diff != "" {
				t.Errorf("%s: %s", key, diff)
			}
			expect.Equal(t, "at(got, ends_at) != nil", at(got, "offer.ends_at") != nil, true, key)
		}
		d.as("GET", "/v1/campaign-templates?starts_at=9999-12-31T23:59:59Z", "", http.StatusUnprocessableEntity)
		if status, _ := d.Request(d.server, "GET", "/v1/campaign-templates", "", ""); status != http.StatusForbidden {
			t.Errorf("a till reads templates: %d", status)
		}
	})
}

const summer = `{"key":"summer","names":{"en":"Summer"},"prefix":"SUM-","offer":{"codes":"shared","value":{"kind":` +
	`"amount","min":500,"max":500,"currency":"JPY"},"starts_at":"2099-07-01T00:00:00Z","ends_at":"2099-08-01T00:00:00Z"},` +
	`"protection":{"mode":"enforce","uses_in_all":100,"uses_per_code":10,"conditions":[` +
	`{"rule":"minimum","key":"JPY","number":3000},{"rule":"markets","values":["jp"]}],"unanswered":"allow"}}`

// TestOffersAndRulesAreChangedTogether: one version for both, what is left out stays, and both are on record as they
// were and as they became.
// covers: 001-49, 002-31
func TestOffersAndRulesAreChangedTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		d := newDesk(t, db)
		made := d.as("POST", "/v1/campaigns", summer, http.StatusCreated)
		for path, want := range map[string]any{"offer.codes": "shared", "offer.value.min": 500.0, "offer.sweep_after": 30.0,
			"protection.uses_in_all": 100.0, "protection.uses_per_code": 10.0, "protection.unanswered": "allow",
			"protection.uses_per_person": 1.0, "protection.preset": "medium", "status": "draft"} {
			expect.Equal(t, path, at(made, path), want)
		}
		changed := d.as("PATCH", "/v1/campaigns/summer", `{"policy_version":1,"offer":{"ends_at":"2099-07-20T09:00:00+09:00",`+
			`"combines":{"shipping":true}},"protection":{"uses_in_all":50},"names":{"en":"Summer","ja":"夏"}}`, 200)
		for path, want := range map[string]any{"offer.ends_at": "2099-07-20T00:00:00Z", "offer.value.min": 500.0,
			"offer.combines.shipping": true, "offer.combines.order": false, "protection.uses_in_all": 50.0,
			"protection.uses_per_code": 10.0, "protection.version": 2.0, "names.ja": "夏"} {
			expect.Equal(t, path, at(changed, path), want)
		}
		conditions, _ := at(changed, "protection.conditions").([]any)
		expect.Equal(t, "len(conditions)", len(conditions), 2)
		_, record := d.Request(d.admin, "GET", "/v1/audit?action=campaign.protected", "", "")
		for _, said := range []string{`"uses_in_all":100`, `"uses_in_all":50`, `2099-08-01T00:00:00Z`, `2099-07-20T00:00:00Z`} {
			expect.That(t, "the record to say "+said, strings.Contains(record, said), record)
		}
		d.as("PATCH", "/v1/campaigns/summer", `{"policy_version":1,"offer":{"sweep_after":9}}`, http.StatusConflict)
		d.as("PATCH", "/v1/campaigns/summer", `{"offer":{"sweep_after":9}}`, http.StatusUnprocessableEntity)
		d.as("POST", "/v1/campaigns/summer/status", `{"to":"live"}`, 200)
		expect.Equal(t, "faults of another kind once it is live", d.faults("PATCH", "/v1/campaigns/summer",
			`{"policy_version":2,"offer":{"codes":"batch"}}`), map[string]string{"body.offer.codes": "settled"})
	})
}

// TestBadCampaignsNameEachFault: by the field and the rule, which of the conditions too, and nothing is made.
// covers: 002-26
func TestBadCampaignsNameEachFault(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		d := newDesk(t, db)
		const whole = `{"key":"bad","names":{"en":"Bad"},"prefix":"BAD-",`
		for name, c := range map[string]struct {
			body string
			want map[string]string
		}{
			"no end": {`"offer":{"codes":"shared","value":{"kind":"percentage","min":1000,"max":1000},` +
				`"starts_at":"2099-01-01T00:00:00Z"}}`, map[string]string{"body.offer.ends_at": "required"}},
			"an end before the start, and more than all of it": {`"offer":{"codes":"shared","value":{"kind":"percentage",` +
				`"min":10001,"max":10001},"starts_at":"2099-01-02T00:00:00Z","ends_at":"2099-01-01T00:00:00Z"}}`,
				map[string]string{"body.offer.ends_at": "range", "body.offer.value.range": "range"}},
			"a personal code that lives for ever": {`"offer":{"codes":"personal","value":{"kind":"percentage","min":1000,` +
				`"max":1000},"starts_at":"2099-01-01T00:00:00Z","ends_at":"2099-01-02T00:00:00Z"}}`,
				map[string]string{"body.offer.validity": "range"}},
			"a value of codes that others make": {`"offer":{"value":{"kind":"percentage","min":1,"max":1},` +
				`"self_service":true}}`, map[string]string{"body.offer.value": "not_for_codes",
				"body.offer.self_service": "not_for_codes"}},
			"conditions": {`"protection":{"conditions":[{"rule":"tags_any","values":["a"]},{"rule":"minimum","number":0},` +
				`{"rule":"products","values":["12"]}]}}`, map[string]string{
				"body.protection.conditions[1].number": "range", "body.protection.conditions[1].key": "invalid",
				"body.protection.conditions[2].values": "invalid"}},
			"the same condition twice": {`"protection":{"conditions":[{"rule":"tags_any","values":["a","b"]},` +
				`{"rule":"tags_any","values":["b","a"]}]}}`, map[string]string{"body.protection.conditions": "repeated"}},
		} {
			if diff := cmp.Diff(c.want, d.faults("POST", "/v1/campaigns", whole+c.body)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		d.as("GET", "/v1/campaigns/bad", "", http.StatusNotFound)
	})
}

// TestCampaignsStandAsTheirWindowSays: a live campaign is paused before its start and has ended after its end, whatever
// it was moved to.
// covers: 002-31
func TestCampaignsStandAsTheirWindowSays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		d := newDesk(t, db)
		d.as("POST", "/v1/campaigns", summer, http.StatusCreated)
		d.as("POST", "/v1/campaigns/summer/status", `{"to":"live"}`, 200)
		got := d.as("GET", "/v1/campaigns/summer", "", 200)
		expect.Equal(t, "before its start", fmt.Sprint(got["status"], got["status_set"]), "pausedlive")
		got = d.as("PATCH", "/v1/campaigns/summer", `{"policy_version":1,"offer":{"starts_at":"2020-01-01T00:00:00Z",`+
			`"ends_at":"2020-01-02T00:00:00Z"}}`, 200)
		expect.Equal(t, "after its end", fmt.Sprint(got["status"], got["status_set"]), "endedlive")
		list, _ := d.as("GET", "/v1/campaigns", "", 200)["items"].([]any)
		expect.That(t, "the list says so too", strings.Contains(text(t, list), `"status":"ended","status_set":"live"`),
			text(t, list))
	})
}

// TestTheTermsOfPointsAreShown: as the settings have them, and nobody else's campaign has any.
func TestTheTermsOfPointsAreShown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		d := newDesk(t, db)
		got := d.as("GET", "/v1/campaigns/points", "", 200)
		p := d.App.Service.Policy
		for path, want := range map[string]any{"unit": float64(p.Unit), "minimum": float64(p.Minimum),
			"daily_limit": float64(p.DailyLimit), "validity": p.Validity.Seconds(), "currency": p.Currency,
			"live_coupons": float64(p.MaxActive)} {
			expect.Equal(t, path, at(got, "points_terms."+path), want)
		}
		made := d.as("POST", "/v1/campaigns", summer, http.StatusCreated)
		expect.Equal(t, `made["points_terms"]`, made["points_terms"], any(nil))
		d.faults("PATCH", "/v1/campaigns/points", `{"policy_version":1,"offer":{"codes":"shared"}}`)
	})
}

// TestATrialTakesAnOfferAndRules: a draft is tried as if it were live, under another window and other rules, and nothing
// stays of it.
// covers: 002-39, 001-53
func TestATrialTakesAnOfferAndRules(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		d := newDesk(t, db)
		d.as("POST", "/v1/campaigns", summer, http.StatusCreated)
		const open = `"offer":{"starts_at":"2020-01-01T00:00:00Z","ends_at":"2021-12-31T00:00:00Z"}`
		if _, err := d.App.Decisions.SeeUse(t.Context(), world.OrderBefore(1001, 1, "SUM-1",
			identity.Shown{Emails: []string{"taro@example.com"}})); err != nil {
			t.Fatal(err)
		}
		try := func(more string) string {
			t.Helper()
			got := d.as("POST", "/v1/campaigns/summer/trial", `{"code":"SUM-2","stage":"cart","customer":{"email":`+
				`"taro@example.com"}`+more+`}`, 200)
			return fmt.Sprint(got["outcome"], " ", got["reason"])
		}
		now := fmt.Sprintf(`"offer":{"starts_at":"2020-01-01T00:00:00Z","ends_at":%q}`,
			time.Now().AddDate(0, 1, 0).UTC().Format(time.RFC3339))
		for more, want := range map[string]string{
			"":                            "refuse campaign_paused",
			`,"as_status":"ended"`:        "refuse campaign_ended",
			`,"as_status":"live",` + open: "refuse campaign_ended",
			`,"as_status":"live"`:         "refuse campaign_paused",
			`,"as_status":"live","protection":{"mode":"shadow"},` + recent(now):     "refuse already_used",
			`,"as_status":"live","protection":{"uses_per_person":2},` + recent(now): "allow_flagged <nil>",
		} {
			expect.That(t, want+" of "+more, strings.HasPrefix(try(more), want), try(more))
		}
		expect.Equal(t, "faults of a trial", d.faults("POST", "/v1/campaigns/summer/trial", `{"code":"SUM-2","stage":"cart",`+
			`"offer":{"ends_at":"2000-01-01T00:00:00Z"}}`), map[string]string{"body.offer.ends_at": "range"})
		got := d.as("GET", "/v1/campaigns/summer", "", 200)
		expect.Equal(t, "it is the draft that it was", fmt.Sprint(got["status"], at(got, "protection.version")), "draft1")
	})
}

// recent moves the start of an offer to where it may last until its end.
func recent(offer string) string {
	return strings.Replace(offer, "2020-01-01T00:00:00Z", time.Now().AddDate(0, -1, 0).UTC().Format(time.RFC3339), 1)
}
