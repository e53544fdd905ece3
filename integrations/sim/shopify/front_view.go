package shopify

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// view is what a page is made of.
type view struct {
	Lang, Shop, Here string
	Me               *Customer // nil for a guest
	InCart           int
	Notice, Problem  string // keys of texts
	Detail           string // what Problem is about
	// Of the pages:
	Customers  []Customer
	Products   []product
	Lines      []cartLine
	Codes      []shownCode
	Subtotal   string
	Total      string
	CanPay     bool
	Orders     []shownOrder
	Reasons    []string
	Switches   switchesBody
	LateFor    int64 // seconds
	Deliveries []shownDelivery
	Owed       int
	Subscribed []Subscription
	Compliance string
}

func (f *front) view(r *http.Request) *view {
	v := &view{Lang: langOf(r), Shop: f.s.cfg.Name, Here: r.URL.Path}
	q := r.URL.Query()
	v.Notice, v.Problem, v.Detail = known(q.Get("done")), known(q.Get("problem")), short(q.Get("detail"))
	for _, n := range cartOf(r) {
		v.InCart += n
	}
	if id := f.s.SignedIn(r); id != "" {
		number, _ := customerNumber(id)
		f.s.state.mu.RLock()
		v.Me = f.s.state.customers[number]
		f.s.state.mu.RUnlock()
	}
	return v
}

// langOf is the language chosen, or the first the browser asks for; English when it is neither.
func langOf(r *http.Request) string {
	lang := cookie(r, langCookie)
	if lang == "" {
		lang = r.Header.Get("Accept-Language")
	}
	if strings.HasPrefix(strings.ToLower(lang), "ja") {
		return "ja"
	}
	return "en"
}

// T is a text in the page's language.
func (v *view) T(key string) string {
	t := texts[key]
	if v.Lang == "ja" {
		return t.ja
	}
	return t.en
}

// Tf is a text with something filled in.
func (v *view) Tf(key string, fill any) string { return fmt.Sprintf(v.T(key), fill) }

// known keeps what a query says out of the page unless it is one of our texts.
func known(key string) string {
	if _, ok := texts[key]; !ok {
		return ""
	}
	return key
}

func short(text string) string {
	if len(text) > 100 {
		return ""
	}
	return text
}

// price writes an amount for people: "¥1,200", or "12.50 EUR".
func (f *front) price(d decimal) string {
	text := f.s.amount(d)
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if f.s.cfg.Currency == "JPY" {
		return "¥" + whole
	}
	return whole + " " + f.s.cfg.Currency
}

// when writes a time in the shop's zone.
func (f *front) when(at time.Time) string { return at.In(f.s.zone).Format("2006-01-02 15:04:05") }
