package console

import (
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/templates"
)

const layoutFile, partsFile, mailRowsFile = "web/layout.html", "web/parts.html", "web/mail-rows.html"

// screens are the pages, each by its name.
type screens map[string]func() *template.Template

// loadTemplates finds the pages, once for all that a process serves: each file beside the layout is one. A page is read when
// it is shown for the first time, because all of them together, each with a layout of its own, are half of what a process
// that shows none keeps in memory. That every one of them can be read is held by a test.
var loadTemplates = sync.OnceValues(func() (screens, error) {
	base, err := template.New("layout.html").ParseFS(templates.Web, layoutFile, partsFile, mailRowsFile)
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	files, err := fs.Glob(templates.Web, "web/*.html")
	if err != nil {
		return nil, err
	}
	list := screens{}
	for _, file := range files {
		if file == layoutFile || file == partsFile || file == mailRowsFile {
			continue
		}
		list[strings.TrimSuffix(path.Base(file), ".html")] = sync.OnceValue(func() *template.Template {
			return template.Must(template.Must(base.Clone()).ParseFS(templates.Web, file))
		})
	}
	return list, nil
})

// view is what a template of the console sees.
type view struct {
	*pages.View
	req *request
}

// show writes a page.
func (req *request) show(name, title string, page any) {
	req.showStatus(http.StatusOK, name, title, page)
}

// showStatus writes a page with a status.
func (req *request) showStatus(status int, name, title string, page any) {
	req.write(status, name, "layout.html", title, page)
}

// fragment writes one block of a page, for a script that puts it where the old one stood.
func (req *request) fragment(name, block string, page any) {
	req.write(http.StatusOK, name, block, "", page)
}

func (req *request) write(status int, name, block, title string, page any) {
	set := req.console.html[name]
	if set == nil {
		panic("there is no page " + name)
	}
	req.HTML(status, pages.Render(set(), block, &view{req.View(name, title, page), req}))
}

func (req *request) role(role domain.Role) string {
	switch roles := req.console.deps.Policy.Roles(); {
	case roles.IsOwn(role):
		return string(role)
	case roles.Knows(role):
		return req.T("role." + string(role))
	default:
		return req.T("staff.role_unknown", role)
	}
}

// Known is the word for a value of a closed list; a value that there is no word for stands for itself.
func (d *view) Known(list, value string) string { return d.req.known(list, value) }

// Role names a role: those that come with Pointbridge have words, the merchant's own are called what they are called.
func (d *view) Role(role domain.Role) string { return d.req.role(role) }

// SignedIn reports whether the visitor is, Person who they are.
func (d *view) SignedIn() bool { return d.req.session != nil }

// Person is who is signed in.
func (d *view) Person() domain.Staff { return d.req.person }

// May reports whether the visitor's role has a right: what it has not is not shown.
func (d *view) May(object, action string) bool { return d.req.may(object, action) }

// FormToken goes into every form of somebody who is signed in.
func (d *view) FormToken() string { return d.req.formToken() }

// Address is where the visitor is, to come back to.
func (d *view) Address() string { return d.req.Gin.Request.URL.RequestURI() }

// In reports whether the visitor is in this part of the console.
func (d *view) In(part string) bool {
	path := d.req.Gin.Request.URL.Path
	return path == consolePath+part || (part != "" && strings.HasPrefix(path, consolePath+part+"/"))
}
