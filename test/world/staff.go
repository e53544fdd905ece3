package world

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/demo"
)

// SignIn gives a caller who signed in at a demo as the role, and the answer to it.
func SignIn(t *testing.T, file demo.File, role string) (Caller, Answer) {
	t.Helper()
	for _, p := range file.Staff {
		if p.Role == role {
			got := Caller{t, file.API, ""}.Do("POST", "/v1/session", "", fmt.Sprintf(`{"email":%q,"password":%q}`,
				p.Email, p.Password))
			token, _ := got.Body["token"].(string)
			return Caller{t, file.API, token}, got
		}
	}
	t.Fatalf("demo.json has no %s", role)
	return Caller{}, Answer{}
}

// Command runs the program with a line on its standard input.
func Command(t *testing.T, input string, args ...string) (string, error) {
	t.Helper()
	root := commands.RootCommand(nil)
	var out bytes.Buffer
	root.SetArgs(args)
	root.SetIn(strings.NewReader(input))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}
