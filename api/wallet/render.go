package wallet

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/templates"
)

// liquid is the type by which Shopify takes an answer for a template and renders it within the shop's theme.
const liquid = "application/liquid"

// loadTemplates reads the pages, once for all that a process serves.
var loadTemplates = sync.OnceValues(func() (*template.Template, error) {
	t, err := template.New("wallet").ParseFS(templates.Web, "web/wallet/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the customer's pages: %w", err)
	}
	return t, nil
})

// view is what the templates of the customer's pages see.
type view struct {
	*pages.View
	req *request
	// File is the template of the page's contents.
	File string
}

// show writes a page: within the shop's theme for who came through the storefront, on its own for others.
//
// Shopify may put a page of its own in the place of an answer that is no success, so what a customer should read is
// always one there. The log and the page itself (data-status) keep the true status.
func (req *request) show(status int, name, file string, page any) {
	v := req.page(name, file, page)
	if req.storefront == "" {
		req.alone(status, v)
		return
	}
	// Within the theme it is the shop that says what a page may load.
	req.Gin.Writer.Header().Del("Content-Security-Policy")
	req.Gin.Data(http.StatusOK, liquid+"; charset=utf-8", inert(req.render("root.html", v)))
}

func (req *request) page(name, file string, page any) *view {
	return &view{View: req.View(name, req.T("wallet.title"), page), req: req, File: file}
}

// alone writes a page with no theme around it.
func (req *request) alone(status int, v *view) { req.HTML(status, req.render("standalone.html", v)) }

// part is what a piece of a page sees.
func (req *request) part(page any) *view { return &view{View: req.View("", "", page), req: req} }

// piece writes a part of a page, for the script that puts it where the old one stood. No theme is around it.
func (req *request) piece(file string, page any) {
	req.HTML(http.StatusOK, req.render(file, req.part(page)))
}

func (req *request) render(file string, v *view) []byte {
	return pages.Render(req.wallet.html, file, v)
}

// within writes a part within the page that shows it.
func (req *request) within(file string, v *view) template.HTML {
	return template.HTML(req.render(file, v)) //nolint:gosec // a template's own output, escaped where it was made
}

// inert takes from a page whatever Shopify could run as Liquid. The pages hold no script and no style, so every brace
// stands in a text or in an attribute, where the reference is the same character.
func inert(page []byte) []byte {
	page = bytes.ReplaceAll(page, []byte("{"), []byte("&#123;"))
	return bytes.ReplaceAll(page, []byte("}"), []byte("&#125;"))
}

// link is the address of one of the pages in the storefront, with the language that was asked for.
func (req *request) link(path string, query ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	if req.asked != "" && !values.Has("locale") {
		values.Set("locale", req.asked)
	}
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return req.storefront + path
}

// lockEnds is when a lock ends: the recorded moment where it is known.
func (req *request) lockEnds(seconds int64) time.Time {
	if req.member.LockedUntil != nil {
		return *req.member.LockedUntil
	}
	return req.wallet.deps.Now().Add(time.Duration(seconds) * time.Second)
}

// Link is the address of another of the pages.
func (d *view) Link(path string, query ...string) string { return d.req.link(path, query...) }

// Base is where the storefront has the pages.
func (d *view) Base() string { return d.req.storefront }

// Contact is how the shop is reached; nil where it does not say.
func (d *view) Contact() *contact {
	c := d.req.wallet.deps.Contact
	if c.Link == "" {
		return nil
	}
	return &contact{c.Text, template.URL(c.Link)} //nolint:gosec // the setting was checked to be https, mailto or tel
}

// contact is a domain.Contact that a template links to.
type contact struct {
	Text string
	Link template.URL
}

// Asset is the address of a file that the pages load.
func (d *view) Asset(name string) (string, error) {
	address, err := d.View.Asset(name)
	return strings.TrimSuffix(d.req.storefront, "/") + address, err
}

// FormToken goes into every form.
func (d *view) FormToken() string { return d.req.formToken() }

// Content writes the page's own part, within the page.
func (d *view) Content() template.HTML { return d.req.within(d.File, d) }

// TakesOff is what a coupon takes off, in the words of the offer that it was taken from; points become an amount.
func (d *view) TakesOff(c domain.Coupon) (string, error) {
	worth := d.Worth(c.Amount, c.Percent)
	if c.OfPoints() {
		return worth, nil
	}
	return d.T("wallet.offer_one", worth)
}

// Preview writes the coupon that a choice would make, within the page, which says above the form why there is none.
func (d *view) Preview(choice choiceForm) template.HTML {
	choice.Told = nil
	return d.req.within("preview.html", d.req.part(choice))
}

// Coupon writes one coupon of the list, within the page.
func (d *view) Coupon(c ownCoupon) template.HTML { return d.req.within("coupon.html", d.req.part(c)) }

// OpenOffer writes one offer, within the page.
func (d *view) OpenOffer(o openOffer) template.HTML { return d.req.within("offer.html", d.req.part(o)) }

// CampaignName is what a campaign is called in the reader's language.
func (d *view) CampaignName(c campaigns.Campaign) string { return c.NameIn(d.req.Lang) }

// OtherLink shows the same page in the other language.
func (d *view) OtherLink() string {
	path := "/"
	if asked := d.req.Gin.Request; asked.Method == http.MethodGet {
		path += strings.TrimPrefix(strings.TrimPrefix(asked.URL.EscapedPath(), root), "/")
	}
	return d.req.link(path, "locale", d.Other())
}

// SignInLink leads to the shop's own sign-in and back.
func (d *view) SignInLink() string {
	return "/account/login?" + url.Values{"return_url": {d.req.storefront + "/"}}.Encode()
}

// Precise is the server's time for the script that counts down.
func (d *view) Precise(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// Left writes how long until a moment, as the script will go on writing it.
func (d *view) Left(end time.Time) (string, error) {
	left := int64(end.Sub(d.Now()) / time.Second)
	switch {
	case left <= 0:
		return d.T("wallet.left_none")
	case left >= 48*3600:
		return d.T("wallet.left_days", pages.Quantity(left/86400))
	case left >= 3600:
		return d.T("wallet.left_hours", left/3600, left%3600/60)
	default:
		return d.T("wallet.left_minutes", left/60, left%60)
	}
}

// Apply is the address that puts a code into the cart.
func (d *view) Apply(code string) string {
	return d.req.wallet.deps.ApplyURL + url.PathEscape(code)
}

// Status is a coupon's status in words for customers.
func (d *view) Status(s domain.Status) (string, error) {
	if s == "" {
		return "", errors.New("a coupon that customers do not see")
	}
	return d.T("wallet.status." + string(s))
}
