package world

import (
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/passwords/passwordstest"
	"pointbridge/integrations/store"
)

const StaffPassword = "correct horse battery"

// mailOf is the mail address of somebody in a test, by name.
func mailOf(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@staff.example.com"
}

// Hired adds a person to a database, as whoever works at the machine, and gives them with a token of their own.
func Hired(t *testing.T, db *store.Store, name string, role domain.Role, member string) (domain.Staff, string) {
	t.Helper()
	people := app.NewStaff(db, staff.Limits{}).WithHasher(passwordstest.Cheap{})
	p, _, err := people.Add(t.Context(), staff.Operator(), staff.Person{Email: mailOf(name), Name: name, Role: role,
		CustomerID: member, Password: StaffPassword})
	if err != nil {
		t.Fatal(err)
	}
	return p, TokenOf(t, db, p)
}

// TokenOf is a token that a person makes for themselves.
func TokenOf(t *testing.T, db *store.Store, p domain.Staff) string {
	t.Helper()
	token, _, err := app.NewStaff(db, staff.Limits{}).AddToken(t.Context(), p.Caller(), p.ID, "a script")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// OwnedKey makes a program's key that a new person answers for, by commands.
func OwnedKey(once func(args ...string) string, role, name string) string {
	once("staff", "add", "--email", mailOf(name), "--name", name, "--role", role)
	return once("key", "create", "--role", role, "--name", name, "--owner", mailOf(name))
}
