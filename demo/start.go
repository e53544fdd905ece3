package demo

import (
	"bytes"
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"golang.org/x/text/language"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/listing"
	"pointbridge/templates"
)

const (
	startStyle  = "/start.css"
	startPolicy = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	// startLooks is how many coupons, and how many audit entries, are looked at to tell which steps are done.
	startLooks = 100
)

// startPage leads through the demo in steps. It is there as soon as the demo's file is.
type startPage struct {
	app    *app.App
	out    *Simulators
	page   *template.Template
	file   atomic.Pointer[File]
	logger *slog.Logger
}

func newStartPage(a *app.App, o *Simulators) *startPage {
	return &startPage{app: a, out: o, page: template.Must(template.ParseFS(templates.Demo, "demo/start.html")),
		logger: a.Logger}
}

// ready shows the page from now on.
func (s *startPage) ready(file File) { s.file.Store(&file) }

// startView is what the page's template sees.
type startView struct {
	Lang     string
	File     File
	Customer demoCustomer
	Manager  SignIn
	Staff    SignIn
	// Shopkeeper is the EC admin, who may look back on the shop's orders.
	Shopkeeper SignIn
	// Done tells for each step whether it has happened.
	Done map[string]bool
	// Code is the coupon to be cancelled; empty as long as there is none.
	Code string
}

// Steps are how many are done, of how many.
func (v startView) Steps() (done int) {
	for _, yes := range v.Done {
		if yes {
			done++
		}
	}
	return done
}

// In says one of two sentences, by the page's language.
func (v startView) In(ja, en string) string {
	if v.Lang == "ja" {
		return ja
	}
	return en
}

// Till is what the POS that stands there is called.
func (v startView) Till() string { return tillName(v.Lang, v.File.POS.Kind) }

// tillName is a kind of POS in words.
func tillName(lang, kind string) string {
	names := map[string][2]string{"square": {"Square ロイヤルティ", "Square Loyalty"}, "smaregi": {"スマレジ", "Smaregi"}}
	name, vendor := names[kind]
	if !vendor {
		name = [2]string{"中立な契約で話す POS", "a POS that speaks the neutral contract"}
	}
	if lang == "ja" {
		return name[0]
	}
	return name[1]
}

// Points are what the customer starts with.
func (v startView) Points() string { return templates.Points(v.Lang, v.Customer.Points) }

// Number is the customer's number in the shop.
func (v startView) Number() string {
	return strings.TrimPrefix(v.Customer.Shopify, domain.ShopCustomerPrefix)
}

// Key is the API key of general staff.
func (v startView) Key() string { return v.File.Keys[string(domain.RoleStaff)] }

// Mark reports whether a step is done, in words.
func (v startView) Mark(step string) string {
	if v.Done[step] {
		return v.In("完了", "Done")
	}
	return ""
}

func (s *startPage) Serve(w http.ResponseWriter, r *http.Request) {
	file := s.file.Load()
	if file == nil || len(file.Customers) == 0 {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "the demo is being prepared", http.StatusServiceUnavailable)
		return
	}
	v := startView{Lang: startLanguage(r), File: *file, Customer: file.Customers[0],
		Manager: file.Person(domain.RoleStoreManager), Staff: file.Person(domain.RoleStaff),
		Shopkeeper: file.Person(domain.RoleECAdmin)}
	if err := s.look(r.Context(), &v); err != nil {
		// The steps are told also when it is not known which of them are done.
		s.logger.WarnContext(r.Context(), "the demo's progress is not known", "error", err.Error())
	}
	var page bytes.Buffer
	if err := s.page.Execute(&page, v); err != nil {
		s.logger.ErrorContext(r.Context(), "the demo's start page", "error", err.Error())
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", startPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(page.Bytes()) // a reader who has gone away sees nothing
}

func (s *startPage) style(w http.ResponseWriter, _ *http.Request) {
	style, _ := templates.Demo.ReadFile("demo/start.css") // embedded: it is there
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(style) // as above
}

// look finds out which steps are done, from what the service and the mailbox hold.
func (s *startPage) look(ctx context.Context, v *startView) error {
	now := s.app.Service.Clock.Now()
	v.Done = map[string]bool{"convert": false, "mail": false, "use": false, "cancel": false, "refused": false,
		"back": false}
	list, err := s.app.Store.Listing.List(ctx, listing.Filter{CustomerID: v.Customer.ID, Visible: true, Now: now,
		Limit: startLooks})
	if err != nil {
		return err
	}
	v.Done["convert"] = len(list) > 0
	for _, c := range list {
		switch c.StatusAt(now) {
		case domain.Active:
			v.Code = c.Code
		case domain.Used:
			v.Done["use"] = true
		case domain.Cancelling:
			v.Done["cancel"] = true
		case domain.Cancelled:
			v.Done["cancel"], v.Done["back"] = true, true
		default:
		}
	}
	v.Done["mail"] = s.mailed()
	refused, err := s.app.Store.Audit.Audit(ctx, audit.Filter{Action: domain.ActionAccessRefused, Limit: 1})
	v.Done["refused"] = len(refused) > 0
	return err
}

func (s *startPage) mailed() bool {
	address := People()[0].Email
	for _, m := range s.out.Mailbox.Messages() {
		if m.To == address {
			return true
		}
	}
	return false
}

func startLanguage(r *http.Request) string {
	for _, lang := range templates.Locales() {
		if r.URL.Query().Get("lang") == lang {
			return lang
		}
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil && len(tags) > 0 {
		if base, _ := tags[0].Base(); base.String() == "ja" {
			return "ja"
		}
	}
	return "en"
}

// Person finds the one with this role.
func (f File) Person(role domain.Role) SignIn {
	for _, p := range f.Staff {
		if p.Role == string(role) {
			return p
		}
	}
	return SignIn{}
}
