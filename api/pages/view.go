package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/templates"
)

// View is what every template sees: Page is the page's own, the methods are everybody's.
type View struct {
	Title string
	Name  string
	Page  any
	req   *Request
}

// View is what a template sees of this request.
func (r *Request) View(name, title string, page any) *View {
	return &View{Title: title, Name: name, Page: page, req: r}
}

// Render makes a page, or a part of one, in full before a byte is sent. A template that fails is a fault of ours, which
// the surrounding request answers.
func Render(set *template.Template, name string, view any) []byte {
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, name, view); err != nil {
		panic(fmt.Errorf("write the page %s: %w", name, err))
	}
	return out.Bytes()
}

// HTML writes a page.
func (r *Request) HTML(status int, page []byte) { r.Gin.Data(status, "text/html; charset=utf-8", page) }

// T is a text in the reader's language.
func (d *View) T(key string, args ...any) (string, error) {
	return d.req.Base.Words.Say(d.req.Lang, key, args...)
}

// Form is one plural form of a text, its places open, for a script that counts on.
func (d *View) Form(key, form string) (string, error) {
	return d.req.Base.Words.Form(d.req.Lang, key, form)
}

// Lang is the reader's language, Other the one they can change to.
func (d *View) Lang() string { return d.req.Lang }

// Other is the language that the reader can change to.
func (d *View) Other() string {
	for _, lang := range templates.Locales() {
		if lang != d.req.Lang {
			return lang
		}
	}
	return d.req.Lang
}

// Shop is the shop's name.
func (d *View) Shop() string { return d.req.Base.ShopName }

// Asset is the address of a file that pages load.
func (d *View) Asset(name string) (string, error) { return d.req.Base.assets.address(name) }

// Money, Points, Number, Date and Time write figures in the reader's language, times in the shop's zone.
func (d *View) Money(m domain.Money) string { return templates.Money(d.req.Lang, m) }

// Worth writes what a coupon takes off.
func (d *View) Worth(amount domain.Money, basisPoints int64) string {
	return templates.Worth(d.req.Lang, amount, basisPoints)
}

// Points writes a number of points with its word.
func (d *View) Points(points int64) templates.Quantity { return d.req.Points(points) }

// Number writes a number.
func (d *View) Number(n int64) templates.Quantity {
	return templates.Quantity{Count: n, Words: templates.Number(d.req.Lang, n)}
}

// Date writes a day.
func (d *View) Date(t time.Time) string { return templates.Date(d.req.Lang, t, d.req.Base.Zone) }

// Time writes a minute.
func (d *View) Time(t time.Time) string { return d.req.Time(t) }

// Machine writes a time for programs, as the time element has it.
func (d *View) Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Zone is the name of the shop's time zone.
func (d *View) Zone() string { return d.req.Base.Zone.String() }

// Now is the server's time.
func (d *View) Now() time.Time { return d.req.Base.Now() }

// Number writes a number for addresses and fields.
func Number(n int64) string { return strconv.FormatInt(n, 10) }

// Quantity is a number that a sentence counts, in plain figures.
func Quantity(n int64) templates.Quantity { return templates.Quantity{Count: n, Words: Number(n)} }
