package shopify

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// product is something to buy.
type product struct {
	ID, Name, Price string
	price           decimal
	name            text
}

// catalogue is small: enough to be below a minimum and above it.
var catalogue = []product{
	{ID: "beans", price: "1200.0", name: text{"House blend, 200 g", "ハウスブレンド 200 g"}},
	{ID: "cup", price: "2400.0", name: text{"Stoneware cup", "陶器のカップ"}},
	{ID: "kettle", price: "9800.0", name: text{"Pour-over kettle", "ドリップケトル"}},
}

type cartLine struct {
	product
	Quantity int
	Sum      string
}

type shownCode struct {
	Code, Off, Problem string
}

const mostOfOne = 99

func (f *front) home(v *view, _ *http.Request) (string, int) {
	v.Products, v.Customers = f.products(v), f.s.Customers()
	slices.SortStableFunc(v.Customers, func(a, b Customer) int { return int(a.ID - b.ID) })
	return "home", http.StatusOK
}

// products is the catalogue in the page's language.
func (f *front) products(v *view) []product {
	list := slices.Clone(catalogue)
	for i := range list {
		list[i].Price, list[i].Name = f.price(list[i].price), list[i].name.en
		if v.Lang == "ja" {
			list[i].Name = list[i].name.ja
		}
	}
	return list
}

// cartOf reads how many of each product are in the cart; what it does not know it leaves out.
func cartOf(r *http.Request) map[string]int {
	cart := map[string]int{}
	for _, entry := range strings.Split(cookie(r, cartCookie), ",") {
		id, digits, _ := strings.Cut(entry, ":")
		n, err := strconv.Atoi(digits)
		if err == nil && n > 0 && slices.ContainsFunc(catalogue, func(p product) bool { return p.ID == id }) {
			cart[id] = min(n, mostOfOne)
		}
	}
	return cart
}

func keepCart(w http.ResponseWriter, cart map[string]int) {
	var entries []string
	for _, p := range catalogue {
		if n := min(cart[p.ID], mostOfOne); n > 0 {
			entries = append(entries, p.ID+":"+strconv.Itoa(n))
		}
	}
	setCookie(w, cartCookie, strings.Join(entries, ","))
}

// add puts one of a product into the cart, or takes one out.
func (f *front) add(w http.ResponseWriter, r *http.Request) string {
	cart := cartOf(r)
	step := 1
	if r.PostForm.Get("less") != "" {
		step = -1
	}
	cart[r.PostForm.Get("product")] += step
	keepCart(w, cart)
	return "/store/cart"
}

func (f *front) empty(w http.ResponseWriter, _ *http.Request) string {
	keepCart(w, nil)
	return "/store/cart"
}

// entered is a list of codes with one more, once.
func entered(codes []string, code string) []string {
	code = strings.TrimSpace(code)
	if code == "" || len(code) > 255 || len(codes) >= 2*mostCodes || slices.ContainsFunc(codes,
		func(c string) bool { return foldCode(c) == foldCode(code) }) {
		return codes
	}
	return append(codes, code)
}

func (f *front) enter(w http.ResponseWriter, r *http.Request) string {
	keepCodes(w, entered(codesOf(r), r.PostForm.Get("code")))
	return "/store/cart"
}

func (f *front) drop(w http.ResponseWriter, r *http.Request) string {
	code := r.PostForm.Get("code")
	keepCodes(w, slices.DeleteFunc(codesOf(r), func(c string) bool { return foldCode(c) == foldCode(code) }))
	return "/store/cart"
}

// inCart is the cart as lines of an order, and what they come to.
func inCart(r *http.Request) (lines []Line, subtotal decimal) {
	cart, total := cartOf(r), decimal("0.0").rat()
	for _, p := range catalogue {
		for range cart[p.ID] {
			total.Add(total, p.price.rat())
		}
		if cart[p.ID] > 0 {
			lines = append(lines, Line{Title: p.name.en, Price: string(p.price), Quantity: cart[p.ID]})
		}
	}
	return lines, fromRat(total)
}

func (f *front) cart(v *view, r *http.Request) (string, int) {
	lines, subtotal := inCart(r)
	cart := cartOf(r)
	for _, p := range f.products(v) {
		if n := cart[p.ID]; n > 0 {
			v.Lines = append(v.Lines, cartLine{p, n, f.price(p.price.times(float64(n)))})
		}
	}
	q := f.s.quote(f.s.SignedIn(r), codesOf(r), subtotal, v.Lang)
	v.CanPay = len(lines) > 0
	for _, c := range q.Codes {
		shown := shownCode{Code: c.Code}
		if c.Err != nil {
			shown.Problem = f.why(v, c)
			v.CanPay = false
		} else {
			shown.Off = f.price(c.Off)
		}
		v.Codes = append(v.Codes, shown)
	}
	v.Subtotal, v.Total = f.price(q.Subtotal), f.price(q.Total)
	return "cart", http.StatusOK
}

// why tells the buyer why a code does not hold.
func (f *front) why(v *view, c quotedCode) string {
	switch {
	case errors.Is(c.Err, ErrBelowMinimum):
		return v.Tf("refused_minimum", f.price(c.Minimum))
	case c.Early:
		return v.T("refused_early")
	case errors.Is(c.Err, ErrRejected):
		return c.Err.Error()
	}
	return v.T(keyOf(c.Err))
}

// refusedTexts are the buyer's words for what a checkout refuses.
var refusedTexts = []struct {
	err error
	key string
}{
	{ErrUsedUp, "refused_used"}, {ErrOtherCustomer, "refused_other"}, {ErrNotActive, "refused_ended"},
	{ErrUnknownCode, "refused_unknown"}, {ErrNotCombinable, "refused_combine"}, {ErrTooManyCodes, "refused_many"},
	{ErrBadBuyer, "refused_buyer"}, {ErrRejected, "refused_rejected"},
}

func keyOf(err error) string {
	for _, t := range refusedTexts {
		if errors.Is(err, t.err) {
			return t.key
		}
	}
	return "refused_other_reason"
}

// pay places the order; when a code was refused meanwhile, the cart says why.
func (f *front) pay(w http.ResponseWriter, r *http.Request) string {
	lines, subtotal := inCart(r)
	if len(lines) == 0 {
		return "/store/cart"
	}
	id, err := f.s.checkout(f.s.SignedIn(r), codesOf(r), string(subtotal), lines, buyerOf(r))
	if err != nil {
		return "/store/cart?problem=" + url.QueryEscape(keyOf(err))
	}
	keepCart(w, nil)
	keepCodes(w, nil)
	order, _ := f.s.Order(id)
	return "/store/orders/" + strconv.FormatInt(order.Number, 10) + "?done=paid"
}
