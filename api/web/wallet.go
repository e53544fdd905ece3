package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"pointbridge/api/access"
	"pointbridge/domain"
)

// walletPath is where the customer's page stands here; the storefront has it below a path of its own.
const walletPath = "/proxy"

// Shopper is who asks for the customer's page.
type Shopper struct {
	Caller domain.Caller
	// Base is where the storefront has the page, e.g. /apps/pointbridge; empty for who did not come through it.
	Base string
	// Locale is the language that the storefront asks for; it may be empty.
	Locale string
	// Proof names the signature by which the storefront sent the request.
	Proof string
}

// shopping is one request for the customer's page.
type shopping struct {
	*visit
	base   string
	proof  string
	asked  string // the language that the address names, if there are words in it
	member domain.Customer
}

// walletRoute is one of the customer's pages.
type walletRoute struct {
	method, path string
	may          access.Right
	handle       func(*shopping) error
}

func (w *Web) walletRoutes() []walletRoute {
	const get, post = http.MethodGet, http.MethodPost
	reads := access.To("points", "read")
	return []walletRoute{
		{get, walletPath, reads, w.wallet},
		{get, walletPath + "/", reads, w.wallet},
		{get, walletPath + "/preview", reads, w.walletPreview},
		{post, walletPath + "/preview", reads, w.walletChoose},
		// Somebody who asks for the address of a form that was refused is led back to it.
		{get, walletPath + "/conversions", reads, func(s *shopping) error { s.redirect("/"); return nil }},
		{post, walletPath + "/conversions", access.To("conversions", "create"), w.walletConvert},
		{get, walletPath + "/conversions/:key", access.To("conversions", "read"), w.walletConversion},
	}
}

func (w *Web) mountWallet(engine *gin.Engine) {
	// What pages load is no secret, and is the same for everybody.
	engine.GET(walletPath+assetsPath+":name", w.asset)
	for _, r := range w.walletRoutes() {
		engine.Handle(r.method, r.path, w.serveWallet(r))
	}
}

func (w *Web) serveWallet(r walletRoute) gin.HandlerFunc {
	return func(c *gin.Context) {
		s, err := w.shop(c)
		if err == nil {
			err = s.admit(r)
		}
		if err == nil {
			err = r.handle(s)
		}
		if err != nil {
			s.fail(err)
		}
	}
}

// shop finds out who asks and in which language they are answered. The result is there also when it fails: the refusal
// is said to somebody.
func (w *Web) shop(c *gin.Context) (*shopping, error) {
	who, err := w.deps.Hooks.Shopper(c)
	s := w.shoppingOf(c, who)
	if err == nil {
		s.member, err = w.deps.Directory.Customer(s.ctx(), who.Caller.CustomerID)
	}
	s.begin()
	return s, err
}

func (w *Web) shoppingOf(c *gin.Context, who Shopper) *shopping {
	return &shopping{visit: &visit{web: w, c: c, who: who.Caller}, base: who.Base, proof: who.Proof,
		asked: w.known(who.Locale)}
}

// begin settles the language and what every page's answer says of itself.
func (s *shopping) begin() {
	s.lang = s.language()
	h := s.c.Writer.Header()
	h.Set("Content-Language", s.lang)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", contentPolicy)
}

// FailShopper answers with a page for an address below the storefront's that there is nothing at. It stands on its own and
// has the true status: no page of the shop is asked for there.
func (w *Web) FailShopper(c *gin.Context, who Shopper, cause error) {
	s := w.shoppingOf(c, who)
	s.begin()
	c.Writer.Header().Add("Vary", "Accept, Accept-Language, Cookie")
	told := s.told(cause)
	s.alone(told.Status, s.page("refused", "refused.html", told))
}

// language is what the address names, else the member's, else what the browser asks for, else the shop's.
func (s *shopping) language() string {
	if s.asked != "" {
		return s.asked
	}
	if lang := s.web.known(s.member.Locale); lang != "" {
		return lang
	}
	return s.web.languageOf(s.c)
}

// known gives the language of ours that a tag such as ja-JP means; empty when there is none.
func (w *Web) known(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return ""
	}
	if base, _ := tag.Base(); w.words.Has(base.String()) {
		return base.String()
	}
	return ""
}

func (s *shopping) admit(r walletRoute) error {
	if err := s.web.access.Demand(s.who, r.may); err != nil {
		return err
	}
	if r.method != http.MethodPost {
		return nil
	}
	return s.checkPosted()
}

// redirect leads to another of the customer's pages, at the storefront's address of it.
func (s *shopping) redirect(path string, query ...string) {
	s.c.Redirect(http.StatusSeeOther, s.link(path, query...))
}

// fail turns a refusal into a page of its own.
func (s *shopping) fail(err error) {
	told := s.told(err)
	s.show(told.Status, "refused", "refused.html", told)
}

// told words a refusal for a customer: what the shared sentences say to programs is said here to people.
func (s *shopping) told(err error) Told {
	s.web.deps.Hooks.Refused(s.c, err)
	told := s.web.deps.Hooks.Say(s.lang, err)
	if title, err := s.web.words.Say(s.lang, "wallet.refused."+string(told.Code)); err == nil {
		told.Title, told.Detail = title, s.t("wallet.refused."+string(told.Code)+".detail")
	}
	if told.Code == domain.CodeConversionsLocked && told.RetryAfter > 0 {
		told.Detail = s.t("wallet.locked_until", s.dateTime(s.lockEnds(told.RetryAfter)))
	}
	if told.RetryAfter > 0 {
		s.c.Header("Retry-After", number(told.RetryAfter))
	}
	return told
}
