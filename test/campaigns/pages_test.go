package campaigns

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/domain/identity"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// valueOf is what stands in a field of a form on a page.
func valueOf(t *testing.T, p world.SeenPage, action, field string) string {
	t.Helper()
	form := p.Form(action)
	if form == nil {
		t.Fatalf("%s has no form for %s", p.URL, action)
	}
	return world.FieldsOf(form).Get(field)
}

// with gives fields of a form.
func with(pairs ...string) url.Values {
	fields := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields.Set(pairs[i], pairs[i+1])
	}
	return fields
}

// TestACampaignIsMadeFromATemplate without a script: its limits are there already, what is wrong is said at its field
// and everything typed stays, and what was made is told in sentences.
// covers: 002-26, 002-31, 002-37, 001-12, 001-51
func TestACampaignIsMadeFromATemplate(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	v.Get("/admin/campaigns").Has(t, "Flash sale", "Welcome", "Good customers", "Influencers", "Codes that are made elsewhere")
	const action = "/admin/campaign-templates/influencer"
	p := v.Get(action)
	world.WellKept(t, action, p)
	expect.Equal(t, "uses_in_all", valueOf(t, p, action, "uses_in_all"), "1000")
	starts, ends := valueOf(t, p, action, "starts_at"), valueOf(t, p, action, "ends_at")
	bad := v.Submit(p, action, with("key", "influencers", "prefix", "inf-", "name_en", "Influencers of May",
		"name_ja", "五月のインフルエンサー", "ends_at", "", "uses_in_all", "", "value_min", "ten"))
	expect.Equal(t, "bad.Status", bad.Status, http.StatusUnprocessableEntity)
	bad.Has(t, "That cannot be saved", "Every campaign has an end.", "If you really want no limit, tick the box below.",
		"This must be a percentage")
	for field, want := range map[string]string{"name_ja": "五月のインフルエンサー", "value_min": "ten", "starts_at": starts,
		"message_already_used_en": "You have already used an influencer promotion. You can complete your order without the discount."} {
		expect.Equal(t, field, valueOf(t, bad, action, field), want)
	}
	if p := v.Get("/admin/campaigns/influencers"); p.Status != http.StatusNotFound {
		t.Errorf("something was made: %d", p.Status)
	}
	made := v.Submit(bad, action, with("ends_at", ends, "uses_in_all", "５００", "value_min", "12.5"))
	made.Has(t, "Influencers of May", "Draft", "INF-", "A code takes 12.5% off the order.",
		"All codes together are good for 500 orders.", "One code is good for 200 orders.",
		"One person may use the campaign 1 time, over all its codes.", "It combines with no other discount.",
		"30 days after their end codes leave the shop", "Watch only")
	world.WellKept(t, "campaign", made)
	if taken := v.Submit(v.Get(action), action, with("key", "other", "prefix", "INF-X", "name_en", "Other")); taken.Status !=
		http.StatusConflict {
		t.Errorf("a prefix within another's: %d", taken.Status)
	}
	again := v.Submit(v.Get("/admin/campaigns/influencers/edit"), "/admin/campaigns/influencers", nil)
	again.Has(t, "version 1")
	none := v.Submit(v.Get("/admin/campaigns/influencers/edit"), "/admin/campaigns/influencers",
		with("uses_in_all", "0", "no_limit_uses_in_all", "on"))
	none.Has(t, "There is no limit to how many orders use its codes.", "version 2", "Uses in all")
}

// TestConditionsAreAddedAndRemovedWithoutAScript: a row more, a row less, and what is wrong in a row is said there.
// covers: 001-49, 002-31
func TestConditionsAreAddedAndRemovedWithoutAScript(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	v.Submit(v.Get("/admin/campaigns"), "/admin/campaigns", with("key", "summer", "prefix", "SUMMER-", "name_en", "Summer"))
	const action = "/admin/campaigns/summer"
	p := v.Get(action + "/edit")
	p.Has(t, "There is no condition")
	p = v.Submit(p, action, with("act", "add"))
	p = v.Submit(p, action, with("act", "add", "condition_0_rule", "tags_any", "condition_0_values", "VIP\r\nGold"))
	p = v.Submit(p, action, with("act", "look", "condition_1_rule", "minimum", "condition_1_key", "JPY",
		"condition_1_number", "none"))
	p.Has(t, "Name: the currency, such as JPY. Number: the amount.", "Values: tags, one to a line.")
	bad := v.Submit(p, action, nil)
	bad.Has(t, "Condition 2, Number or amount: This must be an amount of the currency, such as 500.")
	saved := v.Submit(bad, action, with("condition_1_number", "3,000"))
	saved.Has(t, "Only for customers with one of the tags Gold, VIP.", "Only for carts of ¥3,000 or more.",
		"Where nobody can tell whether a condition holds, the code is refused.")
	p = v.Submit(v.Get(action+"/edit"), action, with("act", "remove_0"))
	expect.Equal(t, "condition_0_rule", valueOf(t, p, action, "condition_0_rule"), "minimum")
	expect.Equal(t, "condition_0_number", valueOf(t, p, action, "condition_0_number"), "3000")
	saved = v.Submit(p, action, nil)
	saved.Has(t, "Only for customers with one of the tags Gold, VIP.", "version 3") // in the record, as it was before
	expect.Equal(t, "how often the tags are said", strings.Count(saved.Text(), "one of the tags"), 2)
}

// TestAMoveIsAskedForOnceMore: the page says what follows and what customers will read, and nothing happens before its
// button is pressed. Whoever opens a move that there is not is told so.
func TestAMoveIsAskedForOnceMore(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	const action = "/admin/campaign-templates/flash"
	v.Submit(v.Get(action), action, with("key", "flash", "prefix", "FLASH-", "name_en", "Flash", "mode", "enforce",
		"message_campaign_paused_en", "Back in a minute.")).Has(t, "Draft")
	const status = "/admin/campaigns/flash/status"
	ask := v.Get(status + "?to=live")
	ask.Has(t, "Make Flash live?", "Not before")
	v.Get("/admin/campaigns/flash").Has(t, "Draft")
	v.Submit(ask, status, nil).Has(t, "It is set to live, and begins", "Scheduled")
	pause := v.Get(status + "?to=paused")
	pause.Has(t, "Pause Flash?", "Customers are told", "Back in a minute.")
	v.Submit(pause, status, with("reason", "out of stock")).Has(t, "Paused")
	end := v.Get(status + "?to=ended")
	end.Has(t, "This cannot be undone")
	v.Submit(end, status, nil).Has(t, "Ended")
	for _, to := range []string{"live", "draft", "", "nowhere"} {
		expect.Equal(t, "to "+to, v.Get(status+"?to="+to).Status, http.StatusNotFound)
	}
	if got := v.Submit(pause, status, with("to", "nowhere")); got.Status != http.StatusNotFound {
		t.Errorf("a move that there is not: %d", got.Status)
	}
	late := v.Submit(pause, status, nil)
	expect.Equal(t, "late.Status", late.Status, http.StatusUnprocessableEntity, late.Text())
	expect.Equal(t, "points", v.Get("/admin/campaigns/points/status?to=paused").Status, http.StatusNotFound)
}

// TestWhatBecomesOfCodesIsSaidBeforeAMove: a campaign that only watches refuses nothing, and still its shared codes are
// switched off with it, while the one that a customer was promised stays. Neither is told of as if nothing happened.
func TestWhatBecomesOfCodesIsSaidBeforeAMove(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	for _, c := range []struct{ key, says string }{
		{"partners", "switched off in the shop"}, {"cards", "switched off in the shop"},
		{"thanks", "stay good until their own end"},
	} {
		for _, to := range []string{"paused", "ended"} {
			page := v.Get("/admin/campaigns/" + c.key + "/status?to=" + to)
			page.Has(t, c.says)
			expect.That(t, c.key+" "+to+": nothing about a mode of decisions",
				!strings.Contains(page.Text(), "Everything is decided and kept"), page.Text())
		}
	}
}

// TestRulesAreTriedOnThePage: the answer stands above the form with what the customer would read in each language, and
// leaves no decision behind.
// covers: 002-39, 001-42, 001-39
func TestRulesAreTriedOnThePage(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	const action = "/admin/campaign-templates/influencer"
	p := v.Submit(v.Get(action), action, with("key", "inf", "prefix", "INF-", "name_en", "Influencers", "mode", "enforce"))
	world.SeeInDemo(t, data, world.OrderBefore(1001, 2, "INF-JOHN", identity.Shown{Emails: []string{"taro@example.com"}}))
	const trial = "/admin/campaigns/inf/trial"
	try := func(fields url.Values) world.SeenPage { return v.Submit(p, trial+"#trial", fields) }
	try(with("code", "INF-SARAH", "email", "Taro@example.com")).Has(t, "Discount refused",
		"You have already used an influencer promotion.", "インフルエンサーの特典は、すでにご利用いただいています。")
	try(with("code", "INF-SARAH", "email", "new@example.com")).Has(t, "Score 0")
	bad := try(with("orders", "many"))
	bad.Has(t, "This must be a whole number.")
	if list := v.Get("/admin/decisions?state=all&campaign=inf"); strings.Contains(list.Raw, "/admin/decisions/dec_") &&
		strings.Contains(list.Text(), "INF-SARAH") {
		t.Error("a trial left a decision")
	}
	if looker := world.ConsoleVisitor(t, file, "staff"); looker.Get("/admin/campaigns/inf").Form(trial+"#trial") != nil {
		t.Error("general staff may try rules")
	}
}

// TestFiguresOfACampaign: uses, discounts and refusals, by day and by code, and another campaign's are its own.
// covers: 002-04
func TestFiguresOfACampaign(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	v.Submit(v.Get("/admin/campaigns"), "/admin/campaigns", with("key", "summer", "prefix", "SUMMER-", "name_en", "Summer"))
	for n := range 3 {
		world.SeeInDemo(t, data, world.OrderBefore(1001+n, n, []string{"SUMMER-A", "SUMMER-B", "SUMMER-A"}[n],
			identity.Shown{Emails: []string{string(rune('a'+n)) + "@example.com"}}))
	}
	p := v.Get("/admin/campaigns/summer")
	p.Has(t, "Uses per day", "SUMMER-A", "SUMMER-B", "¥1,500")
	for id, want := range map[string]string{"uses": "3", "refused": "0"} {
		expect.Equal(t, id, textIn(p, "b", id), want)
	}
	bars := 0
	for _, bar := range p.All("rect") {
		if world.Attribute(bar, "data-count") == "1" {
			bars++
		}
	}
	expect.Equal(t, "bars", bars, 3)
	v.Get("/admin/campaigns").Has(t, "Uses, 30 days", "Refused, 30 days")
	v.Get("/admin/campaigns/points").Has(t, "Terms of points", "One point is worth")
}

// textIn is what an element of a page says, by its id.
func textIn(p world.SeenPage, tag, id string) string {
	for _, n := range p.All(tag) {
		if world.Attribute(n, "id") == id {
			return world.TextOf(n)
		}
	}
	return ""
}

// TestNamesAreChangedBesideRules: both are on record, with who did it.
func TestNamesAreChangedBesideRules(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	v.Submit(v.Get("/admin/campaigns"), "/admin/campaigns", with("key", "summer", "prefix", "SUMMER-", "name_en", "Summer"))
	p := v.Submit(v.Get("/admin/campaigns/summer/edit"), "/admin/campaigns/summer", with("name_en", "Heat", "name_ja", "夏",
		"uses_per_person", "2"))
	p.Has(t, "Heat", "Summer", "Changes on record", "Uses per person", "version 2")
	older := v.Get("/admin/campaigns/summer/edit")
	v.Submit(v.Get("/admin/campaigns/summer/edit"), "/admin/campaigns/summer", with("uses_per_person", "3"))
	late := v.Submit(older, "/admin/campaigns/summer", with("uses_per_person", "9"))
	expect.Equal(t, "late.Status", late.Status, http.StatusConflict)
	expect.Equal(t, "what was typed", valueOf(t, late, "/admin/campaigns/summer", "uses_per_person"), "9")
	now := valueOf(t, v.Get("/admin/campaigns/summer/edit"), "/admin/campaigns/summer", "uses_per_person")
	expect.Equal(t, "what is stored", now, "3")
}
