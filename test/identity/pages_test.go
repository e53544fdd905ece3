package identity

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/domain/decisions"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestADecisionsPageSaysWhichRulesWereMet, what nobody could tell, and how often the campaign was used then.
// covers: 002-04
func TestADecisionsPageSaysWhichRulesWereMet(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	p := v.Submit(v.Get("/admin/campaigns"), "/admin/campaigns", url.Values{"key": {"summer"}, "prefix": {"summer-"},
		"name_en": {"Summer sale"}})
	p.Has(t, "Summer sale", "Draft")
	v.Submit(v.Get("/admin/campaigns/summer/status?to=live"), "/admin/campaigns/summer/status", nil)
	world.RuleInDemo(t, data, "summer", func(p *decisions.Policy) {
		p.Mode, p.UsesInAll, p.Unanswered = decisions.Enforce, 40, decisions.UnansweredAllow
		p.Conditions = []decisions.Condition{{Need: decisions.NeedMarkets, Values: []string{"JP"}},
			{Need: decisions.NeedTagsNone, Values: []string{"b2b"}}}
	})
	server := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	got := server.Do("POST", "/v1/decisions", "", `{"code":"SUMMER-2","stage":"checkout"}`)
	if !strings.Contains(string(got.Raw), `"unanswered":["markets"]`) {
		t.Errorf("the answer is %s", got.Raw)
	}
	page := v.Get(linkTo(t, v.Get("/admin/decisions"), "/admin/decisions/dec_"))
	page.Has(t, "Let pass, flagged", "Country or region (nobody could tell)", "None of these tags (met)", "Uses in all, then",
		"nobody is refused by it")
	world.WellKept(t, page.URL.Path, page)
}

// TestPagesFromTheCampaignToTheVerdict: a campaign is made and protected, a refusal is looked at, made again and judged,
// and what is known of the person is shown without any value.
// covers: 003-12, 003-17, 003-22, 003-25
func TestPagesFromTheCampaignToTheVerdict(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	p := v.Submit(v.Get("/admin/campaigns"), "/admin/campaigns", url.Values{"key": {"summer"}, "prefix": {"summer-"},
		"name_en": {"Summer sale"}, "name_ja": {"夏のセール"}})
	p.Has(t, "Summer sale", "Draft", "SUMMER-", "Watch only")
	v.Submit(v.Get("/admin/campaigns/summer/status?to=live"), "/admin/campaigns/summer/status", nil)
	p = v.Submit(v.Get("/admin/campaigns/summer/edit"), "/admin/campaigns/summer", url.Values{"mode": {"enforce"}, "preset": {"medium"},
		"message_already_used_en": {"Once each, please."}})
	p.Has(t, "Changes on record", "What becomes of it", "Watch only", "Refuse", "Once each, please.")
	bad := v.Submit(v.Get("/admin/campaigns/summer/edit"), "/admin/campaigns/summer", url.Values{"preset": {"custom"}, "threshold": {"5"}})
	if bad.Status != 422 {
		t.Errorf("a threshold above the signals: %d", bad.Status)
	}
	bad.Has(t, "That cannot be saved", "How many must be the same: This is more than there are signals.")
	world.SeeInDemo(t, data, world.OrderBefore(1001, 2, "SUMMER-1", taro))
	server := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	got := server.Do("POST", "/v1/decisions", "", `{"code":"SUMMER-2","stage":"checkout","customer":`+
		`{"email":"TaroYamada@googlemail.com","name":"山田太郎"},"ip":"198.51.100.7"}`)
	expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
	expect.MustThat(t, `string(got.Raw) to contain "already_used"`, strings.Contains(string(got.Raw), "already_used"),
		string(got.Raw), got.Raw)
	list := v.Get("/admin/decisions")
	list.Has(t, "Discount refused", "This person has used the promotion before", "SUMMER-2")
	p = v.Get(linkTo(t, list, "/admin/decisions/dec_"))
	p.Has(t, "E-mail", "enough alone", "#1001", "Once each, please.", "This was not abuse", "They are still the same",
		"the same customer account or e-mail are refused")
	if !strings.Contains(p.Raw, "/admin/orders/1001") {
		t.Error("nothing leads to the earlier order in the store's admin")
	}
	again := v.Submit(p, p.URL.Path+"/replay", nil)
	again.Has(t, "exactly the same")
	person := v.Get(p.URL.Path + "/person")
	person.Has(t, "#1001", "E-mail", "Taken for the same")
	for _, page := range []world.SeenPage{list, p, person} {
		world.WellKept(t, page.URL.Path, page)
		for _, secret := range []string{"googlemail", "198.51.100", "山田", "90-1234"} {
			if strings.Contains(page.Raw, secret) {
				t.Errorf("%s holds %q", page.URL.Path, secret)
			}
		}
	}
	manager := world.ConsoleVisitor(t, file, "store_manager")
	judged := manager.Submit(manager.Get(p.URL.Path), p.URL.Path+"/verdict", url.Values{"verdict": {"abuse"},
		"note": {"三回目です"}})
	judged.Has(t, "This was abuse", "三回目です", "Ethan Lee")
	if f := judged.Form(p.URL.Path + "/verdict"); f != nil {
		t.Error("a verdict can be given twice")
	}
	v.Get("/admin/decisions").Has(t, "Nothing waits for a verdict")
	v.Get("/admin/decisions?state=judged").Has(t, "SUMMER-2", "This was abuse")
	v.Get("/admin/dashboard").Has(t, "Refusals that were abuse", "100%")
	looker := world.ConsoleVisitor(t, file, "staff")
	if looked := looker.Get(p.URL.Path); looked.Form(p.URL.Path+"/verdict") != nil {
		t.Error("general staff may judge")
	}
	if c := looker.Get("/admin/campaigns/summer"); strings.Contains(c.Raw, "/admin/campaigns/summer/") ||
		looker.Get("/admin/campaigns/summer/edit").Status != 403 {
		t.Error("general staff may change rules")
	}
}

// TestWhatWouldItHaveCaught: the page looks back on the shop alone, before anything is switched on, and its table names
// orders and nobody; the command says the same.
// covers: 003-19, 003-20
func TestWhatWouldItHaveCaught(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	v.Get("/admin/identity").Has(t, "What would it have caught?", "Look back")
	code := world.MadeCoupon(t, file, "8812370934", 300)
	world.CheckOut(t, file, "7001000001", code)
	v.Get("/admin/identity?days=3").Has(t, "3 days were read", "there is nothing to compare")
	p := v.Get("/admin/identity?days=30") // the demo's shop has a past
	p.Has(t, "30 days were read", "What each protection would have done", "Medium", "By one thing alone",
		"Loss of a month", "Who appears more than once", "#941")
	world.WellKept(t, "identity", p)
	table := v.Get("/admin/identity/table?days=3")
	if ct := table.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/csv") ||
		!strings.HasPrefix(table.Raw, "cluster,family,") {
		t.Errorf("the table is %s: %s", ct, table.Raw)
	}
	var out string
	var err error
	// The shop tells orders by the second, and those of the second in which it is asked are still to come.
	world.Eventually(t, "the order of now is one of the past", func() bool {
		out, err = world.Command(t, "", "identity", "scan", "--days", "3", "--data", data)
		expect.MustEqual(t, "err", err, nil)
		return !strings.Contains(out, "codes of points 0,")
	})
	expect.That(t, `out to contain "3 days, "`, strings.Contains(out, "3 days, "), out)
	expect.That(t, "out to say that codes of points alone are nothing to compare",
		strings.Contains(out, "codes of points 1,") && strings.Contains(out, "nothing to compare"), out)
	asJSON, err := world.Command(t, "", "identity", "scan", "--days", "3", "--json", "--data", data)
	expect.MustEqual(t, "err", err, nil)
	expect.That(t, "asJSON to contain `\"presets\"`", strings.Contains(asJSON, `"presets"`), asJSON)
	var alone, told bytes.Buffer
	exit := commands.Run(t.Context(), []string{"identity", "scan", "--days", "2"}, []string{
		"SHOPIFY_SHOP=" + file.Shopify.Shop, "SHOPIFY_API_URL=" + file.API,
		"SHOPIFY_API_VERSION=2026-10", "SHOPIFY_ACCESS_TOKEN=" + file.Shopify.AccessToken}, &alone, &told)
	if exit != 0 || !strings.Contains(alone.String(), "2 days") {
		t.Errorf("with the shop alone: %d %s", exit, told.String())
	}
	imported, err := world.Command(t, "", "identity", "import", "--days", "3", "--data", data)
	expect.MustEqual(t, "err", err, nil)
	expect.That(t, `imported to contain "3 days are read"`, strings.Contains(imported, "3 days are read"), imported)
	rotated, err := world.Command(t, "", "identity", "rotate", "--data", data)
	expect.MustEqual(t, "err", err, nil)
	expect.That(t, `rotated to contain "none is left under another"`,
		strings.Contains(rotated, "none is left under another"), rotated)
	for _, wrong := range [][]string{{"scan", "--days", "0"}, {"import"}, {"import", "--days", "3", "--all"}} {
		out, err := world.Command(t, "", append(append([]string{"identity"}, wrong...), "--data", data)...)
		expect.That(t, "err != nil", err != nil, out, wrong)
	}
}

// linkTo is the first address on a page that begins so.
func linkTo(t *testing.T, p world.SeenPage, begin string) string {
	t.Helper()
	for _, a := range p.All("a") {
		if href := world.Attribute(a, "href"); strings.HasPrefix(href, begin) {
			return href
		}
	}
	t.Fatalf("nothing on %s leads to %s", p.URL, begin)
	return ""
}
