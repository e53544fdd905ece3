package world

import (
	"encoding/json"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
)

// Answer asks something and gives the body's members.
func (w *Acts) Answer(token, method, path, body string, want int) map[string]any {
	w.T.Helper()
	status, text := w.Request(token, method, path, "", body)
	expect.MustEqual(w.T, "status", status, want, method, path, text)
	members := map[string]any{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &members); err != nil {
			w.T.Fatal(err)
		}
	}
	return members
}

// SessionOf signs a person in.
func (w *Acts) SessionOf(p domain.Staff, password string) string {
	w.T.Helper()
	in, err := app.NewStaff(w.Store, staff.Limits{}).Enter(w.T.Context(), staff.Entry{Email: p.Email,
		Password: password, From: staff.From{Address: "192.0.2.1"}})

	if err != nil {
		w.T.Fatal(err)
	}
	return in.Token
}
