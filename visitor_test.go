package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// visitor is a person with a browser that runs no script.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client

	mu       sync.Mutex
	lastKey  string
	lastSent int64
}

// seenPage is a page as the visitor got it, after all redirects.
type seenPage struct {
	t      *testing.T
	status int
	url    *url.URL
	header http.Header
	raw    string
	root   *html.Node
}

func newVisitor(t *testing.T, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := httpClient()
	client.Jar = jar
	return &visitor{t: t, base: base, client: client}
}

// consoleVisitor is somebody of this role, signed in to the console and reading English.
func consoleVisitor(t *testing.T, file demoFile, role string) *visitor {
	t.Helper()
	v := newVisitor(t, file.API)
	for _, p := range file.Staff {
		if p.Role == role {
			in := v.get("/admin/sign-in?back=/admin/account")
			if got := v.submit(in, "/admin/sign-in", url.Values{"email": {p.Email}, "password": {p.Password}}); got.status != 200 {
				t.Fatalf("sign in as %s: %d\n%s", role, got.status, got.text())
			}
			return v
		}
	}
	t.Fatalf("nobody is %s", role)
	return nil
}

func (v *visitor) get(path string) seenPage {
	v.t.Helper()
	return v.send(http.MethodGet, path, nil, nil)
}

// submit sends the page's form with this action: its own fields with these in their place.
func (v *visitor) submit(p seenPage, action string, fields url.Values) seenPage {
	v.t.Helper()
	form := p.form(action)
	if form == nil {
		v.t.Fatalf("%s has no form for %s\n%s", p.url, action, p.text())
	}
	values := fieldsOf(form)
	for name, list := range fields {
		values[name] = list
	}
	return v.post(action, values)
}

// unhurried waits, before a form of a new request is sent, for the second after that of the request before. The shop
// signs for whole seconds, and nobody fills a form in faster.
func (v *visitor) unhurried(key string) {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if key == "" || key == v.lastKey {
		return
	}
	eventually(v.t, "the next second", func() bool { return time.Now().Unix() > v.lastSent })
	v.lastKey, v.lastSent = key, time.Now().Unix()
}

// post sends a form as a browser does, from a page of the same origin.
func (v *visitor) post(path string, values url.Values) seenPage {
	v.t.Helper()
	v.unhurried(values.Get("key"))
	return v.send(http.MethodPost, path, strings.NewReader(values.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {v.base}, "Sec-Fetch-Site": {"same-origin"}})
}

func (v *visitor) send(method, path string, body io.Reader, header http.Header) seenPage {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	for name, list := range header {
		req.Header[name] = list
	}
	if req.Header.Get("Accept-Language") == "" {
		req.Header.Set("Accept-Language", "en")
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(raw)))
	if err != nil {
		v.t.Fatal(err)
	}
	return seenPage{v.t, res.StatusCode, res.Request.URL, res.Header, string(raw), root}
}

// all finds the elements with this tag.
func (p seenPage) all(tag string) []*html.Node { return elements(p.root, tag) }

func elements(root *html.Node, tag string) (list []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			list = append(list, n)
		}
	}
	return list
}

// form finds the form with this action.
func (p seenPage) form(action string) *html.Node {
	for _, f := range p.all("form") {
		if attribute(f, "action") == action {
			return f
		}
	}
	return nil
}

// text is what somebody reads on the page, with single spaces.
func (p seenPage) text() string { return textOf(p.root) }

func textOf(root *html.Node) string {
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// fieldsOf is what a browser would send of an untouched form.
func fieldsOf(form *html.Node) url.Values {
	values := url.Values{}
	for _, n := range elements(form, "input") {
		kind, name := attribute(n, "type"), attribute(n, "name")
		checked := hasAttribute(n, "checked")
		if name != "" && (kind != "radio" && kind != "checkbox" || checked) {
			values.Add(name, attribute(n, "value"))
		}
	}
	for _, n := range elements(form, "textarea") {
		values.Add(attribute(n, "name"), textOf(n))
	}
	for _, n := range elements(form, "select") {
		for i, o := range elements(n, "option") {
			if hasAttribute(o, "selected") || i == 0 {
				values.Set(attribute(n, "name"), attribute(o, "value"))
			}
		}
	}
	return values
}

func hasAttribute(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
