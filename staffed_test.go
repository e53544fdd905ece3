package main

import (
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

const staffPassword = "correct horse battery"

// mailOf is the mail address of somebody in a test, by name.
func mailOf(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@staff.example.com"
}

// hired adds a person to a database, as whoever works at the machine, and gives them with a token of their own.
func hired(t *testing.T, db *store.Store, name string, role domain.Role, member string) (domain.Staff, string) {
	t.Helper()
	people := newStaff(db, staff.Limits{})
	p, _, err := people.Add(t.Context(), staff.Operator(), staff.Person{Email: mailOf(name), Name: name, Role: role, CustomerID: member, Password: staffPassword})
	if err != nil {
		t.Fatal(err)
	}
	return p, tokenOf(t, db, p)
}

// tokenOf is a token that a person makes for themselves.
func tokenOf(t *testing.T, db *store.Store, p domain.Staff) string {
	t.Helper()
	token, _, err := newStaff(db, staff.Limits{}).AddToken(t.Context(), p.Caller(), p.ID, "a script")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// hiredAt is hired for a database that other processes work on; it gives the token alone.
func hiredAt(t *testing.T, db storetest.Database, name string, role domain.Role) string {
	t.Helper()
	_, token := hired(t, db.Open(t, time.Now, nil), name, role, "")
	return token
}

// ownedKey makes a program's key that a new person answers for, by commands.
func ownedKey(once func(args ...string) string, role, name string) string {
	once("staff", "add", "--email", mailOf(name), "--name", name, "--role", role)
	return once("key", "create", "--role", role, "--name", name, "--owner", mailOf(name))
}
