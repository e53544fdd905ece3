package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/templates"
)

// pages are the parsed templates: each file beside the layout is one page.
type pages struct{ byName map[string]*template.Template }

const layoutFile, partsFile = "web/layout.html", "web/parts.html"

func loadPages() (*pages, error) {
	base, err := template.New("layout.html").ParseFS(templates.Web, layoutFile, partsFile)
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	files, err := fs.Glob(templates.Web, "web/*.html")
	if err != nil {
		return nil, err
	}
	p := &pages{byName: map[string]*template.Template{}}
	for _, file := range files {
		if file == layoutFile || file == partsFile {
			continue
		}
		page, err := template.Must(base.Clone()).ParseFS(templates.Web, file)
		if err != nil {
			return nil, fmt.Errorf("read the page %s: %w", file, err)
		}
		p.byName[strings.TrimSuffix(path.Base(file), ".html")] = page
	}
	return p, nil
}

// view is what a template sees: Page is the page's own, the methods are everybody's.
type view struct {
	v     *visit
	Title string
	Name  string
	Page  any
}

// show writes a page.
func (v *visit) show(name, title string, page any) { v.showStatus(http.StatusOK, name, title, page) }

// showStatus writes a page with a status. It is made in full before a byte is sent.
func (v *visit) showStatus(status int, name, title string, page any) {
	v.write(status, name, "layout.html", &view{v: v, Title: title, Name: name, Page: page})
}

// fragment writes one block of a page, for a script that puts it where the old one stood.
func (v *visit) fragment(name, block string, page any) {
	v.write(http.StatusOK, name, block, &view{v: v, Name: name, Page: page})
}

func (v *visit) write(status int, name, block string, data *view) {
	var out bytes.Buffer
	page := v.web.pages.byName[name]
	if page == nil {
		panic("there is no page " + name)
	}
	if err := page.ExecuteTemplate(&out, block, data); err != nil {
		panic(fmt.Errorf("write the page %s: %w", name, err)) // the surrounding request turns it into a fault of ours
	}
	v.c.Data(status, "text/html; charset=utf-8", out.Bytes())
}

// t is a text for code; in templates it is T.
func (v *visit) t(key string, args ...any) string {
	text, err := v.web.words.Say(v.lang, key, args...)
	if err != nil {
		panic(err)
	}
	return text
}

func (v *visit) role(role domain.Role) string {
	switch roles := v.web.deps.Policy.Roles(); {
	case roles.IsOwn(role):
		return string(role)
	case roles.Knows(role):
		return v.t("role." + string(role))
	default:
		return v.t("staff.role_unknown", role)
	}
}

// T is a text in the visitor's language.
func (d *view) T(key string, args ...any) (string, error) {
	return d.v.web.words.Say(d.v.lang, key, args...)
}

// Form is one plural form of a text, its places open, for a script that counts on.
func (d *view) Form(key, form string) (string, error) { return d.v.web.words.Form(d.v.lang, key, form) }

// Known is the word for a value of a closed list; a value that there is no word for stands for itself.
func (d *view) Known(list, value string) string { return d.v.known(list, value) }

// Role names a role: those that come with Pointbridge have words, the merchant's own are called what they are called.
func (d *view) Role(role domain.Role) string { return d.v.role(role) }

// Lang is the visitor's language, Other the one they can change to.
func (d *view) Lang() string { return d.v.lang }

// Other is the language that the visitor can change to.
func (d *view) Other() string {
	for _, lang := range templates.Locales() {
		if lang != d.v.lang {
			return lang
		}
	}
	return d.v.lang
}

// Shop is the shop's name.
func (d *view) Shop() string { return d.v.web.deps.ShopName }

// SignedIn tells whether the visitor is, Person who they are.
func (d *view) SignedIn() bool { return d.v.session != nil }

// Person is who is signed in.
func (d *view) Person() domain.Staff { return d.v.person }

// May tells whether the visitor's role has a right: what it has not is not shown.
func (d *view) May(object, action string) bool { return d.v.may(object, action) }

// FormToken goes into every form of somebody who is signed in.
func (d *view) FormToken() string { return d.v.formToken() }

// Address is where the visitor is, to come back to.
func (d *view) Address() string { return d.v.c.Request.URL.RequestURI() }

// In tells whether the visitor is in this part of the console.
func (d *view) In(part string) bool {
	path := d.v.c.Request.URL.Path
	return path == consolePath+part || (part != "" && strings.HasPrefix(path, consolePath+part+"/"))
}

// Asset is the address of a file that pages load.
func (d *view) Asset(name string) (string, error) { return d.v.web.assets.address(name) }

// Money, Points, Number, Date and Time write figures in the visitor's language, times in the shop's zone.
func (d *view) Money(m domain.Money) string { return templates.Money(d.v.lang, m) }

// Points writes a number of points with its word.
func (d *view) Points(points int64) templates.Quantity {
	return templates.Quantity{Count: points, Words: templates.Points(d.v.lang, points)}
}

// Number writes a number.
func (d *view) Number(n int64) templates.Quantity {
	return templates.Quantity{Count: n, Words: templates.Number(d.v.lang, n)}
}

// Date writes a day.
func (d *view) Date(t time.Time) string { return templates.Date(d.v.lang, t, d.v.web.deps.Zone) }

// Time writes a minute.
func (d *view) Time(t time.Time) string { return templates.DateTime(d.v.lang, t, d.v.web.deps.Zone) }

// Machine writes a time for programs, as the time element has it.
func (d *view) Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Zone is the name of the shop's time zone.
func (d *view) Zone() string { return d.v.web.deps.Zone.String() }

// Now is the server's time.
func (d *view) Now() time.Time { return d.v.web.deps.Now() }

func number(n int64) string { return strconv.FormatInt(n, 10) }
