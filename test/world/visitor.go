package world

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"pointbridge/demo"
)

// Visitor is a person with a browser that runs no script.
type Visitor struct {
	T      *testing.T
	base   string
	Client *http.Client

	mu       sync.Mutex
	lastKey  string
	lastSent int64
}

// SeenPage is a page as the visitor got it, after all redirects.
type SeenPage struct {
	t      *testing.T
	Status int
	URL    *url.URL
	Header http.Header
	Raw    string
	Root   *html.Node
}

func NewVisitor(t *testing.T, base string) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := Client()
	client.Jar = jar
	return &Visitor{T: t, base: base, Client: client}
}

// ConsoleVisitor is somebody of this role, signed in to the console and reading English.
func ConsoleVisitor(t *testing.T, file demo.File, role string) *Visitor {
	t.Helper()
	v := NewVisitor(t, file.API)
	for _, p := range file.Staff {
		if p.Role == role {
			in := v.Get("/admin/sign-in?back=/admin/account")
			if got := v.Submit(in, "/admin/sign-in", url.Values{"email": {p.Email},
				"password": {p.Password}}); got.Status != 200 {
				t.Fatalf("sign in as %s: %d\n%s", role, got.Status, got.Text())
			}
			return v
		}
	}
	t.Fatalf("nobody is %s", role)
	return nil
}

func (v *Visitor) Get(path string) SeenPage {
	v.T.Helper()
	return v.Send(http.MethodGet, path, nil, nil)
}

// Submit sends the page's form with this action: its own fields with these in their place.
func (v *Visitor) Submit(p SeenPage, action string, fields url.Values) SeenPage {
	v.T.Helper()
	form := p.Form(action)
	if form == nil {
		v.T.Fatalf("%s has no form for %s\n%s", p.URL, action, p.Text())
	}
	values := FieldsOf(form)
	for name, list := range fields {
		values[name] = list
	}
	return v.Post(action, values)
}

// unhurried waits, before a form of a new request is sent through the shop, for the second after that of the request
// before. The shop signs for whole seconds, and nobody fills a form in faster.
func (v *Visitor) unhurried(path, key string) {
	v.T.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if key == "" || key == v.lastKey || !strings.HasPrefix(path, Prefix) {
		return
	}
	Eventually(v.T, "the next second", func() bool { return time.Now().Unix() > v.lastSent })
	v.lastKey = key
}

// signed notes that what was sent has been signed by now, whenever that was.
func (v *Visitor) signed() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.lastSent = time.Now().Unix()
}

// Post sends a form as a browser does, from a page of the same origin.
func (v *Visitor) Post(path string, values url.Values) SeenPage {
	v.T.Helper()
	v.unhurried(path, values.Get("key"))
	defer v.signed()
	p := v.PostOnce(path, values)
	if p.Status != http.StatusOK || values.Has("sure") || !strings.Contains(p.Raw, `name="sure" value="yes"`) {
		return p
	}
	// What cannot be undone is asked once, and whoever sends a form here is sure.
	sure := maps.Clone(values)
	sure.Set("sure", "yes")
	return v.PostOnce(path, sure)
}

// PostOnce sends a form and answers no question.
func (v *Visitor) PostOnce(path string, values url.Values) SeenPage {
	v.T.Helper()
	return v.Send(http.MethodPost, path, strings.NewReader(values.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {v.base}, "Sec-Fetch-Site": {"same-origin"}})
}

func (v *Visitor) Send(method, path string, body io.Reader, header http.Header) SeenPage {
	v.T.Helper()
	req, err := http.NewRequestWithContext(v.T.Context(), method, v.base+path, body)
	if err != nil {
		v.T.Fatal(err)
	}
	for name, list := range header {
		req.Header[name] = list
	}
	if req.Header.Get("Accept-Language") == "" {
		req.Header.Set("Accept-Language", "en")
	}
	res, err := v.Client.Do(req)
	if err != nil {
		v.T.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		v.T.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(raw)))
	if err != nil {
		v.T.Fatal(err)
	}
	return SeenPage{v.T, res.StatusCode, res.Request.URL, res.Header, string(raw), root}
}

// All finds the elements with this tag.
func (p SeenPage) All(tag string) []*html.Node { return Elements(p.Root, tag) }

func Elements(root *html.Node, tag string) (list []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			list = append(list, n)
		}
	}
	return list
}

// Form finds the form with this action.
func (p SeenPage) Form(action string) *html.Node {
	for _, f := range p.All("form") {
		if Attribute(f, "action") == action {
			return f
		}
	}
	return nil
}

// Text is what somebody reads on the page, with single spaces.
func (p SeenPage) Text() string { return TextOf(p.Root) }

func TextOf(root *html.Node) string {
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func Attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// FieldsOf is what a browser would send of an untouched form.
func FieldsOf(form *html.Node) url.Values {
	values := url.Values{}
	for _, n := range Elements(form, "input") {
		kind, name := Attribute(n, "type"), Attribute(n, "name")
		checked := hasAttribute(n, "checked")
		if name != "" && (kind != "radio" && kind != "checkbox" || checked) {
			values.Add(name, Attribute(n, "value"))
		}
	}
	for _, n := range Elements(form, "textarea") {
		typed := "" // as it stands there: its lines count
		for text := range n.ChildNodes() {
			typed += text.Data
		}
		values.Add(Attribute(n, "name"), typed)
	}
	for _, n := range Elements(form, "select") {
		for i, o := range Elements(n, "option") {
			if hasAttribute(o, "selected") || i == 0 {
				values.Set(Attribute(n, "name"), Attribute(o, "value"))
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
