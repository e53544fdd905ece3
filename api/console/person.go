package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// personPage is one of the people who work here.
type personPage struct {
	Staff  domain.Staff
	Self   bool
	Roles  []domain.Role
	Tokens []domain.APIKey
	// Passwords and Provider are by what people sign in; Linkable tells that an identity may become the person's now.
	Passwords, Provider, Linkable bool
	Told                          *pages.Told
	Secret                        *shownSecret
}

func (con peopleHandlers) person(req *request) error {
	return con.showPerson(req, http.StatusOK, nil, nil)
}

// someone finds the person that the address means. Errors: not_found.
func (con peopleHandlers) someone(req *request) (domain.Staff, error) {
	id, err := strconv.ParseInt(req.Gin.Param("id"), 10, 64)
	if err != nil {
		return domain.Staff{}, domain.Refuse(domain.CodeNotFound)
	}
	list, err := con.deps.Staff.List(req.Ctx())
	if err != nil {
		return domain.Staff{}, err
	}
	i := slices.IndexFunc(list, func(p domain.Staff) bool { return p.ID == id })
	if i < 0 {
		return domain.Staff{}, domain.Refuse(domain.CodeNotFound)
	}
	return list[i], nil
}

func (con peopleHandlers) showPerson(req *request, status int, told *pages.Told, secret *shownSecret) error {
	person, err := con.someone(req)
	if err != nil {
		return err
	}
	page := personPage{Staff: person, Self: person.ID == req.person.ID, Roles: con.deps.Policy.Roles().Staff(),
		Told: told, Secret: secret}
	if !slices.Contains(page.Roles, person.Role) { // a form that names no role must not give another one
		page.Roles = append(page.Roles, person.Role)
	}
	page.Passwords, page.Provider = con.deps.Staff.Ways()
	page.Linkable = person.MayBeLinked(con.deps.Now())
	if page.Tokens, err = con.deps.Staff.Tokens(req.Ctx(), person.ID); err != nil {
		return err
	}
	req.showStatus(status, "person", person.Name, page)
	return nil
}

// changed leads back to the person, or shows what was refused.
func (con peopleHandlers) changed(req *request, err error) error {
	if err != nil {
		return req.stay(err, func(status int, told *pages.Told) error { return con.showPerson(req, status, told, nil) })
	}
	req.redirect(req.personPath())
	return nil
}

func (req *request) personPath() string { return staffPath + "/" + url.PathEscape(req.Gin.Param("id")) }

// allowLink lets the person's identity be theirs, by mail address, for a day.
func (con peopleHandlers) allowLink(req *request) error {
	person, err := con.someone(req)
	if err == nil {
		err = con.deps.Staff.AllowLink(req.Ctx(), req.Who, person.ID)
	}
	return con.changed(req, err)
}

// changePerson changes what the form has; a form for one thing leaves the others alone.
func (con peopleHandlers) changePerson(req *request) error {
	person, err := con.someone(req)
	if err != nil {
		return err
	}
	var e staff.Edit
	form := req.Gin.Request.PostForm
	if form.Has("name") {
		name, role, member := req.Field("name"), domain.Role(req.Field("role")),
			strings.TrimSpace(req.Field("customer_id"))
		e = staff.Edit{Name: &name, Role: &role, CustomerID: &member}
		if form.Has("email") {
			email := req.Field("email")
			e.Email = &email
		}
		if (role != person.Role && con.deps.Policy.Roles().Decides(role)) ||
			(e.Email != nil && *e.Email != person.Email) {
			if err := req.fresh(); err != nil {
				return err
			}
		}
	}
	if form.Has("disabled") {
		disabled := req.Field("disabled") == "yes"
		if !disabled {
			if err := req.fresh(); err != nil {
				return err
			}
		}
		e.Disabled = &disabled
	}
	_, err = con.deps.Staff.Change(req.Ctx(), req.Who, person.ID, e)
	return con.changed(req, err)
}

func (con peopleHandlers) drawPassword(req *request) error {
	person, err := con.someone(req)
	if err != nil {
		return err
	}
	password, err := con.deps.Staff.SetPassword(req.Ctx(), req.Who, person.ID, "")
	if err != nil {
		return con.changed(req, err)
	}
	return con.showPerson(req, http.StatusOK, nil, &shownSecret{"password", person.Name, password})
}

func (con peopleHandlers) resetSecondFactor(req *request) error {
	person, err := con.someone(req)
	if err != nil {
		return err
	}
	return con.changed(req, con.deps.Staff.ResetSecondFactor(req.Ctx(), req.Who, person.ID))
}

func (con peopleHandlers) signOutPerson(req *request) error {
	person, err := con.someone(req)
	if err != nil {
		return err
	}
	return con.changed(req, con.deps.Staff.SignOutEverywhere(req.Ctx(), req.Who, person.ID))
}

func (con peopleHandlers) revokeToken(req *request) error {
	person, err := con.someone(req)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(req.Field("token"), 10, 64)
	if err != nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	return con.changed(req, con.deps.Staff.RevokeToken(req.Ctx(), req.Who, person.ID, id))
}
