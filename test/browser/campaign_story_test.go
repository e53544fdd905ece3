package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// madeByHand makes a code for everybody in the simulated shop's own admin: 10% off, for a month.
func madeByHand(t *testing.T, file demo.File, code string) {
	t.Helper()
	now := time.Now().UTC()
	body, err := json.Marshal(map[string]any{"query": `mutation ($discount: DiscountCodeBasicInput!) {
		discountCodeBasicCreate(basicCodeDiscount: $discount) { codeDiscountNode { id } userErrors { field code message } } }`,
		"variables": map[string]any{"discount": map[string]any{"title": code, "code": code,
			"startsAt": now.AddDate(0, 0, -1).Format(time.RFC3339), "endsAt": now.AddDate(0, 1, 0).Format(time.RFC3339),
			"context":      map[string]any{"all": "ALL"},
			"customerGets": map[string]any{"value": map[string]any{"percentage": 0.1}, "items": map[string]any{"all": true}}}}})
	expect.MustEqual(t, "err", err, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.API+demo.ShopifyPath+"/admin/api/"+
		demo.DemoAPIVersion+"/graphql.json", strings.NewReader(string(body)))
	expect.MustEqual(t, "err", err, nil)
	req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
	req.Header.Set("Content-Type", "application/json")
	res, err := world.Client().Do(req)
	expect.MustEqual(t, "err", err, nil)
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Data struct {
			Made struct {
				Node   *struct{ ID string }    `json:"codeDiscountNode"`
				Errors []struct{ Code string } `json:"userErrors"`
			} `json:"discountCodeBasicCreate"`
		}
		Errors []struct{ Message string }
	}
	expect.MustEqual(t, "json.NewDecoder(res.Body).Decode(&answer)", json.NewDecoder(res.Body).Decode(&answer), nil)
	expect.MustThat(t, code+" was made", answer.Data.Made.Node != nil, answer)
}

// buyWith applies a code in the simulated storefront and buys something with it.
func (b *tab) buyWith(code string) {
	b.t.Helper()
	b.open("/discount/" + code)
	b.open("/store/")
	b.press(`form[action="/store/cart/add"] button`)
	b.open("/store/cart")
	b.press(`form[action="/store/pay"] button`)
	b.shows(b.look.in("ご注文ありがとうございます", "Thank you for your order"))
}

// fill types into the form's fields.
func (b *tab) fill(pairs ...string) {
	b.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		b.Do(chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`main [name=%q]`, pairs[i])), pairs[i+1]))
	}
}

// moves goes through both pages of a move.
func (b *tab) moves(key, to, name string) {
	b.t.Helper()
	b.open("/admin/campaigns/" + key)
	b.press(fmt.Sprintf(`main a[href="/admin/campaigns/%s/status?to=%s"]`, key, to))
	b.inspect(name)
	b.press(fmt.Sprintf(`form[action="/admin/campaigns/%s/status"] button`, key))
}

// TestBrowserInfluencersWeek: the online shop's admin makes a campaign from a template, two people's codes are used by
// the same buyer, the second use is told from the first and answered in the campaign's own sentence, the page shows what
// it came to, and the campaign is paused and ended.
// covers: 001-12, 001-39, 001-42, 001-51, 002-31, 002-37, 002-39
func TestBrowserInfluencersWeek(t *testing.T) {
	t.Parallel()
	chromium(t)
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			tellInfluencersWeek(t, l)
		})
	}
}

// covers: 001-12
func tellInfluencersWeek(t *testing.T, l look) {
	t.Helper()
	file, _ := world.StartDemo(t, t.TempDir())
	b := openTab(t, file.API, l)
	b.enter(file, "ec_admin")
	b.open("/admin/campaigns")
	b.inspect("influencer-list")
	b.press(`a[href="/admin/campaign-templates/influencer"]`)
	b.makeInfluencers()
	server := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	asked := func() (reason string) {
		t.Helper()
		got := server.Do("POST", "/v1/decisions", "", `{"code":"INF-SARAH","stage":"checkout","customer":{"email":"`+
			tarosMail+`"}}`)
		expect.MustEqual(t, "got.Status", got.Status, http.StatusOK, got.Raw)
		return fmt.Sprint(got.Body["outcome"], " ", got.Body["reason"])
	}
	expect.Equal(t, "before anything was bought", asked(), "allow <nil>")
	madeByHand(t, file, "INF-JOHN")
	madeByHand(t, file, "INF-SARAH")
	b.shop()
	for n, code := range []string{"INF-JOHN", "INF-SARAH"} {
		b.buyWith(code)
		world.Eventually(t, "the shop has told of the order", func() bool {
			b.open("/admin/campaigns/influencers")
			return js[string](b, `document.getElementById("uses").textContent`) == fmt.Sprint(n+1)
		})
	}
	world.Eventually(t, "the second use was decided", func() bool {
		b.open("/admin/campaigns/influencers")
		return js[string](b, `document.getElementById("refused").textContent`) != "0"
	})
	b.shows("INF-JOHN", "INF-SARAH")
	b.inspect("influencer-figures")
	expect.Equal(t, "once it was used", asked(), "refuse already_used")
	b.tryInfluencers()
	b.open("/admin/decisions?campaign=influencers&reason=already_used")
	b.press(`main a[href^="/admin/decisions/dec_"]`)
	b.shows(b.look.in("インフルエンサーの特典は、すでにご利用いただいています。", "You have already used an influencer promotion."))
	b.moves("influencers", "paused", "influencer-pause")
	expect.Equal(t, "while it is paused", asked(), "refuse campaign_paused")
	b.moves("influencers", "ended", "influencer-end")
	expect.Equal(t, "once it has ended", asked(), "refuse campaign_ended")
	b.shows(b.look.in("終了", "Ended"))
	b.inspect("influencer-ended")
}

// makeInfluencers fills the form in, once with the end left out, and makes the campaign live.
func (b *tab) makeInfluencers() {
	b.t.Helper()
	ends := ask(b, chromedp.Value(chromedp.CSS("#f-ends_at")))
	b.fill("key", "influencers", "prefix", "INF-", "name_ja", "五月のインフルエンサー", "name_en", "Influencers of May",
		"starts_at", time.Now().Add(-48*time.Hour).Format("2006-01-02T15:04"), "ends_at", "")
	b.Do(chromedp.Click(chromedp.CSS(`input[name="mode"][value="enforce"]`)))
	b.press("main form .buttons button.main")
	b.shows(b.look.in("すべてのキャンペーンに終了日時が必要です。", "Every campaign has an end."))
	b.inspect("influencer-wrong")
	b.press(`main form button[value="add"]`)
	b.fill("condition_0_rule", "minimum", "condition_0_key", "JPY", "condition_0_number", "100", "ends_at", ends)
	b.press(`main form button[value="look"]`)
	b.inspect("influencer-condition")
	b.press(`main form button[value="remove_0"]`)
	b.press("main form .buttons button.main")
	b.shows(b.look.in("下書き", "Draft"), b.look.in("五月のインフルエンサー", "Influencers of May"))
	b.inspect("influencer-draft")
	b.moves("influencers", "live", "influencer-live")
	b.shows(b.look.in("実施中", "Live"))
}

// tryInfluencers tries what the same buyer would be told.
func (b *tab) tryInfluencers() {
	b.t.Helper()
	b.open("/admin/campaigns/influencers")
	b.fill("code", "INF-ANNA", "email", tarosMail)
	b.press("#trial form button")
	b.shows("インフルエンサーの特典は、すでにご利用いただいています。", "You have already used an influencer promotion.")
	b.inspect("influencer-tried")
}
