package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/templates"
)

// liquid is the type by which Shopify takes an answer for a template and renders it within the shop's theme.
const liquid = "application/liquid"

func loadWallet() (*template.Template, error) {
	t, err := template.New("wallet").ParseFS(templates.Web, "web/wallet/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the customer's pages: %w", err)
	}
	return t, nil
}

// walletView is what the templates of the customer's pages see.
type walletView struct {
	*view
	s *shopping
	// File is the template of the page's contents.
	File string
}

// show writes a page: within the shop's theme for who came through the storefront, on its own for others.
//
// Shopify may put a page of its own in the place of an answer that is no success, so what a customer should read is
// always one there. The log and the page itself (data-status) keep the true status.
func (s *shopping) show(status int, name, file string, page any) {
	v := s.page(name, file, page)
	if s.base == "" {
		s.alone(status, v)
		return
	}
	// Within the theme it is the shop that says what a page may load.
	s.c.Writer.Header().Del("Content-Security-Policy")
	s.c.Data(http.StatusOK, liquid+"; charset=utf-8", inert(s.render("root.html", v)))
}

func (s *shopping) page(name, file string, page any) *walletView {
	return &walletView{view: &view{v: s.visit, Name: name, Title: s.t("wallet.title"), Page: page}, s: s, File: file}
}

// alone writes a page with no theme around it.
func (s *shopping) alone(status int, v *walletView) {
	s.c.Data(status, "text/html; charset=utf-8", s.render("standalone.html", v))
}

// piece writes a part of a page, for the script that puts it where the old one stood. No theme is around it.
func (s *shopping) piece(file string, page any) {
	v := &walletView{view: &view{v: s.visit, Page: page}, s: s, File: file}
	s.c.Data(http.StatusOK, "text/html; charset=utf-8", s.render(file, v))
}

func (s *shopping) render(file string, v *walletView) []byte {
	var out bytes.Buffer
	if err := s.web.walletPages.ExecuteTemplate(&out, file, v); err != nil {
		panic(fmt.Errorf("write the customer's page %s: %w", file, err)) // the surrounding request turns it into a fault of ours
	}
	return out.Bytes()
}

// inert takes from a page whatever Shopify could run as Liquid. The pages hold no script and no style, so every brace
// stands in a text or in an attribute, where the reference is the same character.
func inert(page []byte) []byte {
	page = bytes.ReplaceAll(page, []byte("{"), []byte("&#123;"))
	return bytes.ReplaceAll(page, []byte("}"), []byte("&#125;"))
}

// link is the address of one of the pages in the storefront, with the language that was asked for.
func (s *shopping) link(path string, query ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	if s.asked != "" && !values.Has("locale") {
		values.Set("locale", s.asked)
	}
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return s.base + path
}

func (s *shopping) dateTime(t time.Time) string {
	return templates.DateTime(s.lang, t, s.web.deps.Zone)
}

// lockEnds is when a lock ends: the recorded moment where it is known.
func (s *shopping) lockEnds(seconds int64) time.Time {
	if s.member.LockedUntil != nil {
		return *s.member.LockedUntil
	}
	return s.web.deps.Now().Add(time.Duration(seconds) * time.Second)
}

// Link is the address of another of the pages.
func (d *walletView) Link(path string, query ...string) string { return d.s.link(path, query...) }

// Base is where the storefront has the pages.
func (d *walletView) Base() string { return d.s.base }

// Asset is the address of a file that the pages load.
func (d *walletView) Asset(name string) (string, error) {
	address, err := d.view.Asset(name)
	return strings.TrimSuffix(d.s.base, "/") + address, err
}

// FormToken goes into every form.
func (d *walletView) FormToken() string { return d.s.formToken() }

// Content writes the page's own part, within the page.
func (d *walletView) Content() template.HTML {
	return template.HTML(d.s.render(d.File, d)) //nolint:gosec // a template's own output, escaped where it was made
}

// Preview writes the coupon that a choice would make, within the page, which says above the form why there is none.
func (d *walletView) Preview(choice walletChoice) template.HTML {
	choice.Told = nil
	inner := &walletView{view: &view{v: d.s.visit, Page: choice}, s: d.s}
	return template.HTML(d.s.render("preview.html", inner)) //nolint:gosec // a template's own output, escaped where it was made
}

// OtherLink shows the same page in the other language.
func (d *walletView) OtherLink() string {
	path := "/"
	if asked := d.s.c.Request; asked.Method == http.MethodGet {
		path += strings.TrimPrefix(strings.TrimPrefix(asked.URL.EscapedPath(), walletPath), "/")
	}
	return d.s.link(path, "locale", d.Other())
}

// SignInLink leads to the shop's own sign-in and back.
func (d *walletView) SignInLink() string {
	return "/account/login?" + url.Values{"return_url": {d.s.base + "/"}}.Encode()
}

// Precise is the server's time for the script that counts down.
func (d *walletView) Precise(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// Left writes how long until a moment, as the script will go on writing it.
func (d *walletView) Left(end time.Time) (string, error) {
	left := int64(end.Sub(d.Now()) / time.Second)
	switch {
	case left <= 0:
		return d.T("wallet.left_none")
	case left >= 48*3600:
		return d.T("wallet.left_days", quantity(left/86400))
	case left >= 3600:
		return d.T("wallet.left_hours", left/3600, left%3600/60)
	default:
		return d.T("wallet.left_minutes", left/60, left%60)
	}
}

// Apply is the address that puts a code into the cart.
func (d *walletView) Apply(code string) string {
	return d.s.web.deps.ApplyURL + url.PathEscape(code)
}

// Status is a coupon's status in words for customers.
func (d *walletView) Status(s domain.Status) (string, error) {
	if s == "" {
		return "", errors.New("a coupon that customers do not see")
	}
	return d.T("wallet.status." + string(s))
}

// Coupon writes one coupon of the list, within the page.
func (d *walletView) Coupon(c walletCoupon) template.HTML {
	inner := &walletView{view: &view{v: d.s.visit, Page: c}, s: d.s}
	return template.HTML(d.s.render("coupon.html", inner)) //nolint:gosec // a template's own output, escaped where it was made
}
