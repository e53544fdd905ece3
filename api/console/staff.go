package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/api/access"
	"pointbridge/api/pages"
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
	Told  *pages.Told
	// Secret is shown this once.
	Secret *shownSecret
}

// Typed is what stood in a field of the form that comes back.
func (p staffPage) Typed(field string) string { return p.Form.Get(field) }

// shownSecret is a password or a token that nobody can read again. It stands in the answer to the form alone: in no
// address, no log and no cache.
type shownSecret struct{ Kind, For, Value string }

// staffRoutes are people and their keys.
func (con peopleHandlers) staffRoutes() []route {
	const one = staffPath + "/:id"
	read, manage := access.To("staff", "read"), access.To("staff", "manage")
	return []route{
		pages.Get(staffPath, read, con.staff),
		pages.Post(staffPath, manage, con.addPerson),
		pages.Get(one, read, con.person),
		pages.Post(one, manage, con.changePerson),
		pages.Post(one+"/password", manage, con.drawPassword),
		pages.Post(one+"/second-factor", manage, con.resetSecondFactor),
		pages.Post(one+"/sign-out", manage, con.signOutPerson),
		pages.Post(one+"/link", manage, con.allowLink),
		pages.Post(one+"/tokens/revoke", manage, con.revokeToken),
	}
}

func (con peopleHandlers) staff(req *request) error {
	return con.showStaff(req, http.StatusOK, staffPage{})
}

func (con peopleHandlers) showStaff(req *request, status int, page staffPage) (err error) {
	page.Roles, page.Key, page.Lives, page.Now = con.deps.Policy.Roles().Staff(), pages.NewKey(), keyLives(),
		con.deps.Now()
	shipped := slices.DeleteFunc(domain.Roles(), func(r domain.Role) bool { return r == domain.RoleCustomer })
	slices.Reverse(shipped) // the POS's first
	page.KeyRoles = append(shipped, con.deps.Policy.Roles().Own()...)
	if page.People, err = con.deps.Staff.List(req.Ctx()); err != nil {
		return err
	}
	if page.Keys, err = con.deps.Machines.List(req.Ctx()); err != nil {
		return err
	}
	req.showStatus(status, "staff", req.T("staff.title"), page)
	return nil
}

// stay shows the page again with what was refused, if that is something the form can be mended for.
func (req *request) stay(err error, show func(status int, told *pages.Told) error) error {
	told := req.console.deps.Hooks.Say(req.Lang, err)
	if told.Status >= http.StatusInternalServerError || told.Code == domain.CodeNotFound {
		return err
	}
	if told.Code == domain.CodeValidation {
		told.Title, told.Detail = req.T("staff.wrong"),
			req.T("staff.wrong_detail", req.known("staff.field.", fieldOf(err)))
	}
	if told.Code == domain.CodeKeyMissing {
		told.Title, told.Detail = req.T("staff.once_more"), req.T("staff.once_more_detail")
	}
	req.console.deps.Hooks.Refused(req.Gin, err)
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
func (req *request) formKey() (string, error) {
	key := req.Field("key")
	if !pages.IsKey(key) {
		return "", domain.Refuse(domain.CodeKeyMissing)
	}
	return key, nil
}

func (con peopleHandlers) addPerson(req *request) error {
	p := staff.Person{Email: req.Field("email"), Name: req.Field("name"), Role: domain.Role(req.Field("role")),
		CustomerID: strings.TrimSpace(req.Field("customer_id"))}
	if con.deps.Policy.Roles().Decides(p.Role) {
		if err := req.fresh(); err != nil {
			return err
		}
	}
	added, password, err := con.deps.Staff.Add(req.Ctx(), req.Who, p)
	if err != nil {
		return req.stay(err, func(status int, told *pages.Told) error {
			return con.showStaff(req, status, staffPage{Told: told, Form: req.Gin.Request.PostForm})
		})
	}
	if password == "" { // nobody has one: the person signs in at the identity provider
		req.redirect(staffPath + "/" + strconv.FormatInt(added.ID, 10))
		return nil
	}
	return con.showStaff(req, http.StatusOK, staffPage{Secret: &shownSecret{"password",
		added.Name + " (" + added.Email + ")", password}})
}
