package wallet

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/test/expect"
)

// codes gives out what a test puts into it, and keeps what it was asked for.
type codes struct {
	pages.CampaignBook
	list   []campaigns.Campaign
	result coupons.Result
	err    error
	asked  []coupons.Issue
}

func (c *codes) List(context.Context) ([]campaigns.Campaign, error) { return c.list, nil }

func (c *codes) ByKey(_ context.Context, key string) (campaigns.Campaign, error) {
	for _, one := range c.list {
		if one.Key == key {
			return one, nil
		}
	}
	return campaigns.Campaign{}, domain.Refuse(domain.CodeCampaignNotFound)
}

func (c *codes) Issue(_ context.Context, wanted coupons.Issue) (coupons.Result, error) {
	c.asked = append(c.asked, wanted)
	return c.result, c.err
}

func (c *codes) Issued(context.Context, string, string) (coupons.Result, error) {
	return c.result, c.err
}

// offer is a campaign of which customers may ask for a code.
func offer(key string, value campaigns.Value, starts, ends time.Time) campaigns.Campaign {
	return campaigns.Campaign{Key: key, Status: campaigns.Live, Prefix: strings.ToUpper(key) + "-",
		Names: []campaigns.Name{{Language: "en", Text: "The " + key}, {Language: "ja", Text: key + "の特典"}},
		Offer: campaigns.Offer{Codes: campaigns.Personal, Value: value, StartsAt: starts, EndsAt: ends, SelfService: true,
			LivePerPerson: 1, Validity: campaigns.One(3600)}}
}

func percent(least, most int64) campaigns.Value {
	return campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.Range{Min: least, Max: most}}
}

// TestOffersAreShownWhileTheyAreOpen, by the server's time alone: each with its value and its end, which a script counts
// down from the server's now. What has not begun, is paused or over, or is given out by staff only is not there, and
// without anybody who gives codes out nothing is.
// covers: 002-19, 002-31, 001-42
func TestOffersAreShownWhileTheyAreOpen(t *testing.T) {
	t.Parallel()
	s, h, w := counter(t)
	before, after := s.now.Add(-time.Hour), s.now.Add(90*time.Minute)
	yen := campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(500), Currency: "JPY"}
	early := offer("early", yen, s.now.Add(time.Second), after)
	over := offer("over", yen, before, s.now)
	paused := offer("paused", yen, before, after)
	paused.Status = campaigns.Paused
	staff := offer("staff", yen, before, after)
	staff.Offer.SelfService = false
	shop := &codes{list: []campaigns.Campaign{early, offer("gift", yen, before, after), over, paused, staff,
		offer("part", percent(500, 1250), before, s.now.Add(20*time.Minute))}}
	if page := ask(h, "GET", "/", nil).Body.String(); strings.Contains(page, "Offers for you") {
		t.Error("there are offers where nobody gives codes out")
	}
	w.deps.Identity, w.deps.Codes = pages.Identity{CampaignBook: shop}, shop
	page := ask(h, "GET", "/", nil)
	says(t, page, "Offers for you", "The gift", "¥500 off", "5% to 12.5% off", "1 h 30 min left", "20 min 0 s left",
		`data-ends="2026-11-21T11:00:00Z"`, `data-server-now="2026-11-21T09:30:00.000Z"`)
	for _, key := range []string{"early", "over", "paused", "staff"} {
		if strings.Contains(page.Body.String(), "The "+key) {
			t.Errorf("%s is offered", key)
		}
	}
	if text := page.Body.String(); strings.Index(text, "The part") > strings.Index(text, "The gift") {
		t.Error("what ends first does not stand first")
	}
	says(t, ask(h, "GET", "/?locale=ja", nil), "giftの特典", "500円割引", "あと1時間30分")
	s.now = after
	if strings.Contains(ask(h, "GET", "/", nil).Body.String(), "Offers for you") {
		t.Error("at its end it is offered still")
	}
}

// TestACodeIsAskedForOnce: the button asks under the page's own key and leads to an address; the same form again leads to
// the same one. A refusal is said at the offer in the campaign's own words, and no code was asked for where the value is
// none that there is.
// covers: 001-12, 001-51, 002-19
func TestACodeIsAskedForOnce(t *testing.T) {
	t.Parallel()
	s, h, w := counter(t)
	shop := &codes{list: []campaigns.Campaign{offer("part", percent(500, 1250), s.now, s.now.Add(time.Hour))}}
	w.deps.Identity, w.deps.Codes = pages.Identity{CampaignBook: shop}, shop
	form := formOf(t, ask(h, "GET", "/", nil).Body.String(), "/apps/points/offers/part")
	form.Set("value", "12.5")
	got := ask(h, "POST", "/offers/part", form)
	expect.Equal(t, "got.Code", got.Code, http.StatusSeeOther, got.Body)
	expect.Equal(t, "where it leads", got.Header().Get("Location"), "/apps/points/offers/"+form.Get("key"))
	want := coupons.Issue{Caller: domain.Caller{ID: "shopify:1", Role: domain.RoleCustomer, CustomerID: member},
		Key: form.Get("key"), Campaign: "part", To: coupons.Recipient{CustomerID: member}, Value: 1250,
		Points: new(int64)}
	expect.Equal(t, "shop.asked", shop.asked, []coupons.Issue{want})
	shop.err = domain.Refuse(domain.CodeRequestInProgress)
	got = ask(h, "POST", "/offers/part", form)
	expect.Equal(t, "where it leads again", got.Header().Get("Location"), "/apps/points/offers/"+form.Get("key"))
	shop.err = domain.Refuse(domain.CodeNotOffered, "reason", string(decisions.ReasonAlreadyUsed))
	says(t, ask(h, "POST", "/offers/part", form), "title of conversion_not_offered",
		`id="pb-offer-wrong" tabindex="-1" autofocus`, `value="12.5"`)
	shop.list[0].Status = campaigns.Paused
	gone := ask(h, "POST", "/offers/part", form)
	says(t, gone, "title of conversion_not_offered", `id="pb-gone" tabindex="-1" autofocus`)
	expect.Equal(t, "places with the focus", strings.Count(gone.Body.String(), "autofocus"), 1)
	shop.list[0].Status = campaigns.Live
	asked := len(shop.asked)
	for _, value := range []string{"", "4.99", "12.51", "12.505", "all", "-5", "1e999999999"} {
		form.Set("value", value)
		says(t, ask(h, "POST", "/offers/part", form), "That value is not offered", "Choose a value from 5% to 12.5%.")
	}
	form.Set("value", "５")
	form.Set("form_token", "1.forged")
	if got := ask(h, "POST", "/offers/part", form); got.Code == http.StatusSeeOther {
		t.Error("a forged form was taken")
	}
	expect.Equal(t, "len(shop.asked)", len(shop.asked), asked)
	says(t, ask(h, "POST", "/offers/other", url.Values{"form_token": {formOf(t, ask(h, "GET", "/", nil).Body.String(),
		"/apps/points/offers/part").Get("form_token")}, "key": {pages.NewKey()}}), "title of campaign_not_found")
}

// TestACodeThatWasAskedForIsShown to who asked for it: on its way the page looks again by itself, and somebody else's
// key leads nowhere.
func TestACodeThatWasAskedForIsShown(t *testing.T) {
	t.Parallel()
	s, h, w := counter(t)
	shop := &codes{}
	w.deps.Identity, w.deps.Codes = pages.Identity{CampaignBook: shop}, shop
	key := pages.NewKey()
	shop.result = coupons.Result{Coupon: domain.Coupon{Code: "PART-AAAAAA", CustomerID: member}}
	says(t, ask(h, "GET", "/offers/"+key, nil), "Your code is being made", `data-poll="/apps/points/offers/`+key+`"`)
	shop.result = coupons.Result{Done: true, Coupon: domain.Coupon{Code: "PART-AAAAAA", CustomerID: member,
		Status: domain.Active, Campaign: "part", Percent: 1250, ExpiresAt: s.now.Add(time.Hour)}}
	s.result = shop.result
	says(t, ask(h, "GET", "/offers/"+key+"?locale=ja", nil), "12.5%割引")
	says(t, ask(h, "GET", "/offers/"+key, nil), "Your code is ready", "12.5% off", "PART-AAAAAA", "1 h 0 min left",
		"https://shop.example/discount/PART-AAAAAA")
	shop.result.Coupon.CustomerID = "another"
	says(t, ask(h, "GET", "/offers/"+key, nil), "There is nothing here")
	got := ask(h, "GET", "/offers/part", nil)
	expect.Equal(t, "a reload of a refused form", got.Header().Get("Location"), "/apps/points/")
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)">`)

// formOf reads the hidden fields of the form with this action.
func formOf(t *testing.T, page, action string) url.Values {
	t.Helper()
	_, form, found := strings.Cut(page, `action="`+action+`"`)
	expect.MustThat(t, "there is a form for "+action, found, page)
	form, _, _ = strings.Cut(form, "</form>")
	fields := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(form, -1) {
		fields.Set(m[1], m[2])
	}
	return fields
}
