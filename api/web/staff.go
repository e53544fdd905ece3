package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const staffPath = consolePath + "/staff"

// staffPage is everybody who works here, and the keys of programs.
type staffPage struct {
	People []domain.Staff
	Keys   []domain.APIKey
	Roles  []domain.Role
	// KeyRoles are the roles a program's key can have.
	KeyRoles []domain.Role
	// Form is what was typed of somebody, or of a key, that could not be added.
	Form url.Values
	// Key is drawn when the page is made, so that sending its form twice makes one key.
	Key string
	// Lives are the lives a new key can have, in days; Now is the time by which keys are over.
	Lives []int
	Now   time.Time
	Told  *Told
	// Secret is shown this once.
	Secret *shownSecret
}

// Typed is what stood in a field of the form that comes back.
func (p staffPage) Typed(field string) string { return p.Form.Get(field) }

// personPage is one of them.
type personPage struct {
	Staff  domain.Staff
	Self   bool
	Roles  []domain.Role
	Tokens []domain.APIKey
	// Passwords and Provider are by what people sign in; Linkable tells that an identity may become the person's now.
	Passwords, Provider, Linkable bool
	Told                          *Told
	Secret                        *shownSecret
}

// shownSecret is a password or a token that nobody can read again. It stands in the answer to the form alone: in no
// address, no log and no cache.
type shownSecret struct{ Kind, For, Value string }

// staffRoutes are people and their keys.
func (w *Web) staffRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	const one = staffPath + "/:id"
	read, manage := access.To("staff", "read"), access.To("staff", "manage")
	return []route{
		{get, staffPath, read, w.staff},
		{post, staffPath, manage, w.addPerson},
		{get, one, read, w.person},
		{post, one, manage, w.changePerson},
		{post, one + "/password", manage, w.drawPassword},
		{post, one + "/second-factor", manage, w.resetSecondFactor},
		{post, one + "/sign-out", manage, w.signOutPerson},
		{post, one + "/link", manage, w.allowLink},
		{post, one + "/tokens/revoke", manage, w.revokeToken},
	}
}

func (w *Web) staff(v *visit) error { return w.showStaff(v, http.StatusOK, staffPage{}) }

func (w *Web) showStaff(v *visit, status int, page staffPage) (err error) {
	page.Roles, page.Key, page.Lives, page.Now = w.deps.Policy.Roles().Staff(), newFormKey(), keyLives(), w.deps.Now()
	shipped := slices.DeleteFunc(domain.Roles(), func(r domain.Role) bool { return r == domain.RoleCustomer })
	slices.Reverse(shipped) // the till's first
	page.KeyRoles = append(shipped, w.deps.Policy.Roles().Own()...)
	if page.People, err = w.deps.Staff.List(v.ctx()); err != nil {
		return err
	}
	if page.Keys, err = w.deps.Machines.List(v.ctx()); err != nil {
		return err
	}
	v.showStatus(status, "staff", v.t("staff.title"), page)
	return nil
}

// stay shows the page again with what was refused, if that is something the form can be mended for.
func (v *visit) stay(err error, show func(status int, told *Told) error) error {
	told := v.web.deps.Hooks.Say(v.lang, err)
	if told.Status >= http.StatusInternalServerError || told.Code == domain.CodeNotFound {
		return err
	}
	if told.Code == domain.CodeValidation {
		told.Title, told.Detail = v.t("staff.wrong"), v.t("staff.wrong_detail", v.known("staff.field.", fieldOf(err)))
	}
	if told.Code == domain.CodeKeyMissing {
		told.Title, told.Detail = v.t("staff.once_more"), v.t("staff.once_more_detail")
	}
	v.web.deps.Hooks.Refused(v.c, err)
	return show(told.Status, &told)
}

// fieldOf names the field that was wrong.
func fieldOf(err error) string {
	var refused *domain.Error
	if !errors.As(err, &refused) {
		return ""
	}
	field, _ := refused.Params["field"].(string)
	return strings.TrimPrefix(field, "body.")
}

// formKey is what was drawn for the form that was sent. Errors: idempotency_key_missing for a form that has none.
func (v *visit) formKey() (string, error) {
	key := v.field("key")
	if len(key) != len(newFormKey()) {
		return "", domain.Refuse(domain.CodeKeyMissing)
	}
	return key, nil
}

func (w *Web) addPerson(v *visit) error {
	p := staff.Person{Email: v.field("email"), Name: v.field("name"), Role: domain.Role(v.field("role")), CustomerID: strings.TrimSpace(v.field("customer_id"))}
	if w.deps.Policy.Roles().Decides(p.Role) {
		if err := v.fresh(); err != nil {
			return err
		}
	}
	added, password, err := w.deps.Staff.Add(v.ctx(), v.who, p)
	if err != nil {
		return v.stay(err, func(status int, told *Told) error {
			return w.showStaff(v, status, staffPage{Told: told, Form: v.c.Request.PostForm})
		})
	}
	if password == "" { // nobody has one: the person signs in at the identity provider
		v.redirect(staffPath + "/" + strconv.FormatInt(added.ID, 10))
		return nil
	}
	return w.showStaff(v, http.StatusOK, staffPage{Secret: &shownSecret{"password", added.Name + " (" + added.Email + ")", password}})
}

func (w *Web) person(v *visit) error { return w.showPerson(v, http.StatusOK, nil, nil) }

// someone finds the person that the address means. Errors: not_found.
func (w *Web) someone(v *visit) (domain.Staff, error) {
	id, err := strconv.ParseInt(v.c.Param("id"), 10, 64)
	if err != nil {
		return domain.Staff{}, domain.Refuse(domain.CodeNotFound)
	}
	list, err := w.deps.Staff.List(v.ctx())
	if err != nil {
		return domain.Staff{}, err
	}
	i := slices.IndexFunc(list, func(p domain.Staff) bool { return p.ID == id })
	if i < 0 {
		return domain.Staff{}, domain.Refuse(domain.CodeNotFound)
	}
	return list[i], nil
}

func (w *Web) showPerson(v *visit, status int, told *Told, secret *shownSecret) error {
	person, err := w.someone(v)
	if err != nil {
		return err
	}
	page := personPage{Staff: person, Self: person.ID == v.person.ID, Roles: w.deps.Policy.Roles().Staff(), Told: told, Secret: secret}
	if !slices.Contains(page.Roles, person.Role) { // a form that names no role must not give another one
		page.Roles = append(page.Roles, person.Role)
	}
	page.Passwords, page.Provider = w.deps.Staff.Ways()
	page.Linkable = person.MayBeLinked(w.deps.Now())
	if page.Tokens, err = w.deps.Staff.Tokens(v.ctx(), person.ID); err != nil {
		return err
	}
	v.showStatus(status, "person", person.Name, page)
	return nil
}

// changed leads back to the person, or shows what was refused.
func (w *Web) changed(v *visit, err error) error {
	if err != nil {
		return v.stay(err, func(status int, told *Told) error { return w.showPerson(v, status, told, nil) })
	}
	v.redirect(v.personPath())
	return nil
}

func (v *visit) personPath() string { return staffPath + "/" + url.PathEscape(v.c.Param("id")) }

// allowLink lets the person's identity be theirs, by mail address, for a day.
func (w *Web) allowLink(v *visit) error {
	person, err := w.someone(v)
	if err == nil {
		err = w.deps.Staff.AllowLink(v.ctx(), v.who, person.ID)
	}
	return w.changed(v, err)
}

// changePerson changes what the form has; a form for one thing leaves the others alone.
func (w *Web) changePerson(v *visit) error {
	person, err := w.someone(v)
	if err != nil {
		return err
	}
	var e staff.Edit
	form := v.c.Request.PostForm
	if form.Has("name") {
		name, role, member := v.field("name"), domain.Role(v.field("role")), strings.TrimSpace(v.field("customer_id"))
		e = staff.Edit{Name: &name, Role: &role, CustomerID: &member}
		if form.Has("email") {
			email := v.field("email")
			e.Email = &email
		}
		if (role != person.Role && w.deps.Policy.Roles().Decides(role)) || (e.Email != nil && *e.Email != person.Email) {
			if err := v.fresh(); err != nil {
				return err
			}
		}
	}
	if form.Has("disabled") {
		disabled := v.field("disabled") == "yes"
		if !disabled {
			if err := v.fresh(); err != nil {
				return err
			}
		}
		e.Disabled = &disabled
	}
	_, err = w.deps.Staff.Change(v.ctx(), v.who, person.ID, e)
	return w.changed(v, err)
}

func (w *Web) drawPassword(v *visit) error {
	person, err := w.someone(v)
	if err != nil {
		return err
	}
	password, err := w.deps.Staff.SetPassword(v.ctx(), v.who, person.ID, "")
	if err != nil {
		return w.changed(v, err)
	}
	return w.showPerson(v, http.StatusOK, nil, &shownSecret{"password", person.Name, password})
}

func (w *Web) resetSecondFactor(v *visit) error {
	person, err := w.someone(v)
	if err != nil {
		return err
	}
	return w.changed(v, w.deps.Staff.ResetSecondFactor(v.ctx(), v.who, person.ID))
}

func (w *Web) signOutPerson(v *visit) error {
	person, err := w.someone(v)
	if err != nil {
		return err
	}
	return w.changed(v, w.deps.Staff.SignOutEverywhere(v.ctx(), v.who, person.ID))
}

func (w *Web) revokeToken(v *visit) error {
	person, err := w.someone(v)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(v.field("token"), 10, 64)
	if err != nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	return w.changed(v, w.deps.Staff.RevokeToken(v.ctx(), v.who, person.ID, id))
}
