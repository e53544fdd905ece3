package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pointbridge/api/console"
	"pointbridge/api/pages"
	"pointbridge/api/wallet"
	"pointbridge/domain"
)

// mountPages adds what people read. Pages are part of the same requests as everything else: they are logged, measured
// and refused in the same way, only that a refusal is a page.
func (a *API) mountPages() error {
	d := a.deps
	if d.Secret == nil {
		return nil
	}
	base, err := pages.New(d.Shared, pages.Hooks{Refused: refused, Say: a.tell})
	if err != nil {
		return err
	}
	a.console, err = console.New(console.Deps{
		Base: base, Seen: seen,
		Address: func(c *gin.Context) string { return network(c.ClientIP()) },
	})
	if err != nil {
		return err
	}
	a.wallet, err = wallet.New(wallet.Deps{
		Base: base, Shopper: a.shopper,
		FromStorefront: func(c *gin.Context) error { return a.fromStorefront(c.Request) },
	})
	if err != nil {
		return err
	}
	for _, address := range []string{pages.AssetsPath, wallet.AssetsPath} {
		a.engine.GET(address+":name", base.Asset(a.console.Missing))
	}
	a.console.Mount(a.engine)
	a.wallet.Mount(a.engine)
	return nil
}

// shopper is the customer whom the storefront vouches for, with the storefront's own address and language.
func (a *API) shopper(c *gin.Context) (wallet.Shopper, error) {
	caller, err := a.proxyCaller(c)
	x := exchangeOf(c.Request.Context())
	return wallet.Shopper{Caller: caller, Base: x.base, Locale: x.locale, Proof: x.proof}, err
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
func (a *API) tell(locale string, err error) pages.Told {
	e := refusalOf(http.StatusInternalServerError, []error{err})
	told := pages.Told{Status: statusOf(e.Code), Code: e.Code}
	figures := e.Params
	if wait := waitOf(e); wait > 0 {
		told.RetryAfter = wholeSeconds(wait)
		figures = withWait(figures, told.RetryAfter)
	}
	w := a.texts.in(locale)
	told.Title, told.Detail = a.texts.say(w, e.Code, figures)
	if e.Code == domain.CodeValidation { // a page has no list of fields to point at
		if text, err := a.texts.words.Say(w.tag.String(), "layout.wrong"); err == nil {
			told.Detail = text
		}
	}
	return told
}
