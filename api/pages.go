package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pointbridge/api/web"
	"pointbridge/domain"
)

// mountPages adds what people read. Pages are part of the same requests as everything else: they are logged, measured and
// refused in the same way, only that a refusal is a page.
func (a *API) mountPages() error {
	d := a.deps
	if d.Secret == nil {
		return nil
	}
	pages, err := web.New(web.Deps{Service: d.Service, Coupons: d.Coupons, Listing: d.Listing, Members: d.Members, Directory: d.Directory, Lists: d.Lists, Mails: d.Mails, Audit: d.Audit, Sealed: d.Sealed, Machines: d.Machines, Staff: d.Staff, Policy: d.Policy, Record: d.Record,
		Hooks: web.Hooks{Seen: seen, Refused: refused, Address: func(c *gin.Context) string { return network(c.ClientIP()) }, Say: a.tell,
			Shopper: a.shopper, FromStorefront: func(c *gin.Context) error { return a.fromStorefront(c.Request) }},
		Reports: d.Reports, Condition: d.Condition, Now: d.Now, Zone: d.Zone, ShopName: d.ShopName, Locale: d.Locale, Secret: d.Secret, PublicURL: d.PublicURL,
		ApplyURL: d.ApplyURL, AdminURL: d.AdminURL})
	if err != nil {
		return err
	}
	pages.Mount(a.engine)
	a.pages = pages
	return nil
}

// shopper is the customer whom the storefront vouches for, with the storefront's own address and language.
func (a *API) shopper(c *gin.Context) (web.Shopper, error) {
	caller, err := a.proxyCaller(c)
	x := exchangeOf(c.Request.Context())
	return web.Shopper{Caller: caller, Base: x.base, Locale: x.locale, Proof: x.proof}, err
}

// seen tells the request's line in the log who asked for a page.
func seen(c *gin.Context, caller domain.Caller) { exchangeOf(c.Request.Context()).caller = caller }

// refused tells it how a page was refused.
func refused(c *gin.Context, err error) {
	e := refusalOf(http.StatusInternalServerError, []error{err})
	x := exchangeOf(c.Request.Context())
	x.code, x.cause = e.Code, e.Err
}

// tell words a refusal for a page.
func (a *API) tell(locale string, err error) web.Told {
	e := refusalOf(http.StatusInternalServerError, []error{err})
	told := web.Told{Status: statusOf(e.Code), Code: e.Code}
	figures := e.Params
	if wait := waitOf(e); wait > 0 {
		told.RetryAfter = wholeSeconds(wait)
		figures = with(figures, "retry_after", told.RetryAfter)
	}
	told.Title, told.Detail = a.texts.say(a.texts.in(locale), e.Code, figures)
	return told
}
