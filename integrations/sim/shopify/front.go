package shopify

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// frontPolicy lets the pages load their style sheet and send their forms, and nothing else.
const frontPolicy = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

//go:embed front
var frontFiles embed.FS

// mostForm bounds the body of a form.
const mostForm = 64 << 10

// front is the storefront: what a shopper sees, and beside it what the shop's staff do with orders and deliveries.
type front struct {
	s     *Server
	pages *template.Template
	style []byte
}

// Storefront serves the shop's pages under /store/ and the links that apply a code, /discount/{code}. They are for a
// machine of one's own: whoever reaches them may be any customer. Posts of other sites are refused.
func (s *Server) Storefront() http.Handler {
	f := &front{s: s, pages: template.Must(template.New("").Funcs(template.FuncMap{"pair": pair}).ParseFS(frontFiles,
		"front/*.html"))}
	f.style, _ = frontFiles.ReadFile("front/style.css") // embedded: it is there
	mux := http.NewServeMux()
	mux.HandleFunc("GET /store/style.css", f.css)
	mux.HandleFunc("GET /discount/{code}", f.apply)
	mux.HandleFunc("GET /store/language/{lang}", f.language)
	for path, page := range map[string]func(*view, *http.Request) (name string, status int){
		"GET /store/{$}": f.home, "GET /store/cart": f.cart, "GET /store/orders": f.orders,
		"GET /store/orders/{number}": f.order, "GET /store/deliveries": f.deliveries,
	} {
		mux.HandleFunc(path, f.page(page))
	}
	for path, post := range map[string]func(http.ResponseWriter, *http.Request) (to string){
		"POST /store/customer": f.choose, "POST /store/cart/add": f.add, "POST /store/cart/code": f.enter,
		"POST /store/cart/drop": f.drop, "POST /store/cart/empty": f.empty, "POST /store/pay": f.pay,
		"POST /store/orders/{number}": f.act, "POST /store/deliveries/switches": f.switches,
		"POST /store/deliveries/flush": f.flush, "POST /store/acts": f.other,
	} {
		mux.HandleFunc(path, f.form(post))
	}
	return http.NewCrossOriginProtection().Handler(mux)
}

// form runs a post and leads on to where it says.
func (f *front) form(post func(http.ResponseWriter, *http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, mostForm)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "the form cannot be read", http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, post(w, r), http.StatusSeeOther)
	}
}

// page shows what fill makes of a view.
func (f *front) page(fill func(*view, *http.Request) (string, int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := f.view(r)
		name, status := fill(v, r)
		var page bytes.Buffer
		if err := f.pages.ExecuteTemplate(&page, name, v); err != nil {
			http.Error(w, "the page cannot be made", http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", frontPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = w.Write(page.Bytes()) // a reader who has gone away sees nothing
	}
}

func (f *front) css(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(f.style) // as above
}

// The storefront's cookies. It keeps nothing about a visitor itself.
const (
	customerCookie = "store_customer" // a number
	cartCookie     = "store_cart"     // "beans:2,cup:1"
	codesCookie    = "store_codes"    // codes, escaped, with commas between
	langCookie     = "store_lang"
)

func setCookie(w http.ResponseWriter, name, value string) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge, c.Expires = -1, time.Unix(1, 0) // some clients look at the one, some at the other
	}
	http.SetCookie(w, c)
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// SignedIn is the number of the customer who is signed in to the storefront with this browser; empty for a guest.
func (s *Server) SignedIn(r *http.Request) string {
	number, err := customerNumber(cookie(r, customerCookie))
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	if err != nil || s.state.customers[number] == nil {
		return ""
	}
	return strconv.FormatInt(number, 10)
}

// codesOf are the codes that were entered in this browser.
func codesOf(r *http.Request) []string {
	var codes []string
	for _, escaped := range strings.Split(cookie(r, codesCookie), ",") {
		if code, err := url.QueryUnescape(escaped); err == nil && code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

func keepCodes(w http.ResponseWriter, codes []string) {
	escaped := make([]string, len(codes))
	for i, code := range codes {
		escaped[i] = url.QueryEscape(code)
	}
	setCookie(w, codesCookie, strings.Join(escaped, ","))
}

// apply enters the code of a shared link and leads on, within the shop only.
func (f *front) apply(w http.ResponseWriter, r *http.Request) {
	keepCodes(w, entered(codesOf(r), r.PathValue("code")))
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, within(r.URL.Query().Get("redirect"), "/store/cart"), http.StatusSeeOther)
}

// within is an address on this host; anything else is replaced.
func within(to, otherwise string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") ||
		strings.ContainsAny(to, "\\\r\n\t") {
		return otherwise
	}
	return to
}

func (f *front) language(w http.ResponseWriter, r *http.Request) {
	lang := "en"
	if r.PathValue("lang") == "ja" {
		lang = "ja"
	}
	setCookie(w, langCookie, lang)
	http.Redirect(w, r, within(r.URL.Query().Get("back"), "/store/"), http.StatusSeeOther)
}

func (f *front) choose(w http.ResponseWriter, r *http.Request) string {
	setCookie(w, customerCookie, "")
	if number, err := customerNumber(r.PostForm.Get("customer")); err == nil {
		setCookie(w, customerCookie, strconv.FormatInt(number, 10))
	}
	return within(r.PostForm.Get("back"), "/store/")
}
