package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

const askedByServer = `{"code":"SUMMER-1","campaign":"summer","stage":"checkout","ip":"198.51.100.7","device":"d-1",
	"customer":{"id":"42","email":"taro@example.com","phone":"090-1234-5678","orders":3,"tags":["vip"]},
	"address":{"line1":"1-1","zip":"100-0001","country":"JP"},"cart":{"currency":"JPY","subtotal":5000,
	"items":[{"id":"1","quantity":2}]}}`

// TestADecisionHasOneShape: what a server is answered, member by member; the sentence is in the language asked for and
// accuses nobody, and the campaign's own text stands before the standard one.
// covers: 001-25, 001-38, 001-39, 001-51, 003-09, 003-17
func TestADecisionHasOneShape(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call(domain.RolePOS, http.MethodPost, "/v1/decisions", askedByServer, header("Accept-Language", "en"))
	got.want(t, http.StatusOK, "")
	want := `{"id":"dec_1","outcome":"refuse","reason":"already_used","message":"You have already used this promotion.` +
		` You can complete your order without the discount.","score":3,"threshold":2,"signals":[{"kind":"email",` +
		`"strength":"decisive","matched":[{"order":"#1001","at":"2026-03-01T11:00:00Z","code":"SUMMER-0"}]}],` +
		`"policy_version":1,"enforced":true}`
	if strings.TrimSpace(got.raw) != want {
		t.Errorf("the answer is\n%s\nwant\n%s", got.raw, want)
	}
	q := s.identity.asked[0]
	expect.Equal(t, "a shopper asked by themselves", q.ByShopper, false)
	if q.Shown.CustomerID != "gid://shopify/Customer/42" || q.Stage != decisions.StageCheckout || q.Currency != "JPY" ||
		*q.OrdersBefore != 3 || q.Shown.Addresses[0].Zip != "100-0001" || q.Shown.IPs[0] != "198.51.100.7" {
		t.Errorf("it was asked as %s of %s", q.Stage, q.Shown.CustomerID)
	}
	s.identity.campaign.Policy.Messages = []decisions.Message{{Reason: decisions.ReasonAlreadyUsed, Language: "ja",
		Text: "お一人様一回です"}}
	for language, text := range map[string]string{"ja": "お一人様一回です", "en": "You have already used"} {
		got := s.call(domain.RolePOS, http.MethodPost, "/v1/decisions", askedByServer, header("Accept-Language", language))
		if message, _ := got.body["message"].(string); !strings.HasPrefix(message, text) {
			t.Errorf("in %s it says %q", language, message)
		}
	}
}

// TestEachReasonHasATextThatAccusesNobody in both languages.
// covers: 001-38, 003-09
func TestEachReasonHasATextThatAccusesNobody(t *testing.T) {
	t.Parallel()
	all, err := loadTexts("ja")
	if err != nil {
		t.Fatal(err)
	}
	seen := []string{}
	for _, lang := range []string{"ja", "en"} {
		for _, reason := range decisions.Reasons() {
			text := all.reason(all.in(lang), reason)
			if text == string(reason) || slices.Contains(seen, text) {
				t.Errorf("%s in %s says %q", reason, lang, text)
			}
			seen = append(seen, text)
			for _, word := range []string{"abuse", "fraud", "invalid", "suspect", "cheat", "不正", "詐欺", "無効", "疑"} {
				if strings.Contains(strings.ToLower(text), word) {
					t.Errorf("%s in %s says %q", reason, lang, text)
				}
			}
		}
	}
}

// TestAShoppersOwnCall: the token's customer and the address it comes from win over the body; a guest's token names
// nobody; and what speaks for whom is told to no shopper.
// covers: 003-07
func TestAShoppersOwnCall(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	guest := map[string]any{"sub": ""}
	for name, c := range map[string]struct {
		claims   map[string]any
		customer string
	}{"a customer": {nil, gidPrefix + "7001"}, "a guest": {guest, ""}} {
		s.identity.asked = nil
		token := s.extension(c.claims)
		got := s.call("", http.MethodPost, "/v1/decisions", askedByServer, header("Authorization", "Bearer "+token),
			from("203.0.113.9"), header("Origin", "https://extensions.shopifycdn.com"))
		got.want(t, http.StatusOK, "")
		q := s.identity.asked[0]
		if q.Shown.CustomerID != c.customer || len(q.Shown.IPs) != 1 || q.Shown.IPs[0] != "203.0.113.9" {
			t.Errorf("%s: it is about %q from %v", name, q.Shown.CustomerID, q.Shown.IPs)
		}
		expect.Equal(t, name+" asked by themselves", q.ByShopper, true)
		if list, _ := got.body["signals"].([]any); len(list) != 0 || got.body["score"] != 0.0 ||
			strings.Contains(got.raw, "#1001") || got.body["outcome"] != "refuse" || got.body["reason"] != "already_used" {
			t.Errorf("%s is told %s", name, got.raw)
		}
		if origin := got.header.Get("Access-Control-Allow-Origin"); origin != "https://extensions.shopifycdn.com" {
			t.Errorf("an extension may not read it: %q", origin)
		}
	}
	for _, quiet := range []func(*decisions.Answer){
		func(a *decisions.Answer) { a.Enforced = false },
		func(a *decisions.Answer) { a.Outcome, a.Reason = decisions.AllowFlagged, "" },
	} {
		was := s.identity.decision.Answer
		quiet(&s.identity.decision.Answer)
		got := s.call("", http.MethodPost, "/v1/decisions", askedByServer,
			header("Authorization", "Bearer "+s.extension(guest)))
		if got.body["outcome"] != "allow" || got.body["reason"] != nil || got.body["message"] != nil {
			t.Errorf("a shopper is told %s", got.raw)
		}
		s.identity.decision.Answer = was
	}
	token := header("Authorization", "Bearer "+s.extension(guest))
	for range 61 {
		if got := s.call("", http.MethodPost, "/v1/decisions", askedByServer, token, from("203.0.113.9")); got.status == 429 {
			return
		}
	}
	t.Error("a guest asks as often as they like")
}

// TestAQuestionHasBounds: absurd sizes are refused by their field; what is no address is one signal less.
func TestAQuestionHasBounds(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	long := strings.Repeat("x", 600)
	for body, location := range map[string]string{
		`{"code":"A"}`:                           "body.stage",
		`{"code":"A","stage":"order"}`:           "body.stage",
		`{"code":"` + long + `","stage":"cart"}`: "body.code",
		`{"code":"A","stage":"cart","customer":{"email":"` + long + `"}}`:                                                               "body.customer.email",
		`{"code":"A","stage":"cart","customer":{"orders":-1}}`:                                                                          "body.customer.orders",
		`{"code":"A","stage":"cart","customer":{"id":"abc"}}`:                                                                           "body.customer.id",
		`{"code":"A","stage":"cart","ip":"` + long + `"}`:                                                                               "body.ip",
		`{"code":"A","stage":"cart","address":{"zip":"` + long + `"}}`:                                                                  "body.address.zip",
		`{"code":"A","stage":"cart","cart":{"currency":"yen"}}`:                                                                         "body.cart.currency",
		`{"code":"A","stage":"cart","cart":{"items":[` + strings.Repeat(`{"id":"1","quantity":1},`, 500) + `{"id":"1","quantity":1}]}}`: "body.cart.items",
		`{"stage":"cart"}`:                       "body.campaign",
		`{"code":"A","stage":"cart","who":"me"}`: "body.who",
	} {
		got := s.call(domain.RolePOS, http.MethodPost, "/v1/decisions", body)
		got.want(t, http.StatusUnprocessableEntity, domain.CodeValidation)
		if got.field(location) == "" {
			t.Errorf("%.80s: %s is not named in %s", body, location, got.raw)
		}
		if strings.Contains(got.raw, "faults") {
			t.Errorf("the machine's own list is told: %s", got.raw)
		}
	}
	got := s.call(domain.RolePOS, http.MethodPost, "/v1/decisions",
		`{"code":"A","stage":"cart","customer":{"email":"no address at all","phone":"---"},"ip":"somewhere"}`)
	got.want(t, http.StatusOK, "")
}

// TestDecisionsAreFilteredByTheirList, and looking at them is on record.
func TestDecisionsAreFilteredByTheirList(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call(domain.RoleECAdmin, http.MethodGet, "/v1/decisions?campaign=summer&outcome=refuse&reason=already_used&"+
		"verdict=none&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z&limit=1", "", s.signedIn(domain.RoleECAdmin))
	got.want(t, http.StatusOK, "")
	f := s.identity.filters[0]
	if f.Campaign != "summer" || f.Outcome != decisions.Refuse || f.Reason != decisions.ReasonAlreadyUsed || !f.Unjudged ||
		f.Verdict != "" || f.From.IsZero() || f.To.IsZero() || f.Limit != 1 || got.body["next_cursor"] == nil {
		t.Errorf("it asked for %s %s %s", f.Campaign, f.Outcome, f.Reason)
	}
	s.call(domain.RoleECAdmin, http.MethodGet, "/v1/decisions?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "",
		s.signedIn(domain.RoleECAdmin)).want(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	if n := len(s.record.list); n != 1 || s.record.list[0].Action != domain.ActionDecisionsFound {
		t.Errorf("%d entries are on record", n)
	}
}

// TestAVerdictIsAPersons: a program's key gives none.
func TestAVerdictIsAPersons(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const body = `{"verdict":"not_abuse","note":"親子です"}`
	got := s.call(domain.RoleStoreManager, http.MethodPost, "/v1/decisions/dec_1/verdict", body,
		s.signedIn(domain.RoleStoreManager))
	verdict, _ := got.want(t, http.StatusOK, "").body["verdict"].(map[string]any)
	if verdict["verdict"] != "not_abuse" || verdict["note"] != "親子です" {
		t.Errorf("the verdict is %v", verdict)
	}
	machine := s.keys.add(t, 77, domain.Caller{ID: "key:m", Role: domain.RoleStoreManager, Machine: true})
	s.call("", http.MethodPost, "/v1/decisions/dec_1/verdict", body, header("Authorization", "Bearer "+machine)).
		want(t, http.StatusForbidden, domain.CodePermissionDenied)
}

// TestRulesOfACampaignAreChangedFromTheVersionThatWasSeen: signals of one's own make it custom, a preset brings its
// own, faults are named field by field, and nobody changes what they have not seen.
// covers: 003-12
func TestRulesOfACampaignAreChangedFromTheVersionThatWasSeen(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	patch := func(body string) answer {
		return s.call(domain.RoleECAdmin, http.MethodPatch, "/v1/campaigns/summer", body, s.signedIn(domain.RoleECAdmin))
	}
	got := patch(`{"policy_version":1,"protection":{"signals":["ip","email"],"alone":[],"threshold":2,"mode":"enforce"}}`)
	got.want(t, http.StatusOK, "")
	p := s.identity.policies[0]
	if p.Preset != decisions.Custom || !slices.Equal(p.Signals, []identity.Kind{identity.Email, identity.IP}) ||
		p.Mode != decisions.Enforce || p.Version != 2 {
		t.Errorf("it became %s with %v in %s", p.Preset, p.Signals, p.Mode)
	}
	if patch(`{"policy_version":1,"protection":{"preset":"high"}}`).want(t, http.StatusOK, ""); len(
		s.identity.policies[1].Signals) != 5 {
		t.Error("a preset does not bring its signals")
	}
	patch(`{"protection":{"preset":"high"}}`).want(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	patch(`{"policy_version":2,"protection":{"preset":"high"}}`).want(t, http.StatusConflict, domain.CodeCampaignChanged)
	bad := patch(`{"policy_version":1,"protection":{"signals":["email"],"alone":["phone"],"threshold":3}}`)
	bad.want(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	if bad.field("body.protection.alone") != "not_on" || bad.field("body.protection.threshold") != "threshold" {
		t.Errorf("the faults are told as %s", bad.raw)
	}
	patch(`{"policy_version":1,"protection":{"signals":["name"]}}`).want(t, http.StatusUnprocessableEntity,
		domain.CodeValidation)
}

// TestTheReportOfDecisions: refusals and flags by day and reason, what was acted on beside what was only watched,
// precision and recall, and how many came again; the table says the same.
// covers: 002-41, 003-14, 003-22
func TestTheReportOfDecisions(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	as := s.signedIn(domain.RoleECAdmin)
	got := s.call(domain.RoleECAdmin, http.MethodGet, "/v1/reports/identity?from=2026-03-01&to=2026-03-02", "", as)
	got.want(t, http.StatusOK, "")
	total, _ := got.body["total"].(map[string]any)
	verdicts, _ := got.body["verdicts"].(map[string]any)
	repeat, _ := got.body["repeat_redemption"].(map[string]any)
	if total["refused"] != 5.0 || total["enforced"] != 3.0 || total["shadow"] != 2.0 || total["flagged"] != 1.0 ||
		verdicts["precision"] != 1.0 || repeat["rate"] != 0.4 {
		t.Errorf("the figures are %s", got.raw)
	}
	table := s.call(domain.RoleECAdmin, http.MethodGet, "/v1/reports/identity?from=2026-03-01&to=2026-03-02&format=csv",
		"", as)
	lines := strings.Split(strings.TrimSpace(table.raw), "\r\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[3], "total,16,5,3,2,1,") || !strings.HasSuffix(lines[3], "1.000,1.000,0.400") {
		t.Errorf("the table is\n%s", table.raw)
	}
	s.call(domain.RoleECAdmin, http.MethodGet, "/v1/reports/identity?from=2020-01-01&to=2026-03-02", "", as).
		want(t, http.StatusUnprocessableEntity, domain.CodeValidation)
}

// TestTheReportOfBlockedValue: what was refused is told from what would have been, and what is known from what is
// estimated; amounts without a currency are none. The table says the same.
// covers: 001-44
func TestTheReportOfBlockedValue(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	as := s.signedIn(domain.RoleECAdmin)
	const path = "/v1/reports/blocked-value?from=2026-03-01&to=2026-03-02"
	got := s.call(domain.RoleECAdmin, http.MethodGet, path, "", as)
	got.want(t, http.StatusOK, "")
	for _, part := range []string{`"currency":"JPY","enforced":{"people":3,"estimated_people":1,"known":1500,"estimated":400}`,
		`"currency":null`, `"refused":9,"forgotten":2,"used_after":1`} {
		expect.That(t, part, strings.Contains(got.raw, part), got.raw)
	}
	table := s.call(domain.RoleECAdmin, http.MethodGet, path+"&format=csv", "", as)
	lines := strings.Split(strings.TrimSpace(table.raw), "\r\n")
	expect.MustEqual(t, "lines", len(lines), 5, table.raw)
	expect.Equal(t, "a line", lines[1], "2026-03-01,summer,already_used,JPY,3,1,1500,400,0,0,0,0")
	expect.Equal(t, "one without a currency", lines[2], "2026-03-01,summer,already_used,,0,0,,,4,0,,")
	s.call(domain.RoleECAdmin, http.MethodGet, "/v1/reports/blocked-value?from=2020-01-01&to=2026-03-02", "", as).
		want(t, http.StatusUnprocessableEntity, domain.CodeValidation)
}
