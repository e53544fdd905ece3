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

// Once runs a command in this process, as the program would in its own, and gives the first line it prints.
func Once(t *testing.T, environ []string, args ...string) (line string) {
	t.Helper()
	line, _, _ = strings.Cut(Said(t, environ, args...), "\n")
	return line
}

// Said runs a command as Once does and gives all it prints.
func Said(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	var out, faults LockedBuffer
	if code := commands.Run(t.Context(), args, environ, &out, &faults); code != 0 {
		t.Fatalf("%v ended with %d: %s%s", args, code, out.String(), faults.String())
	}
	return out.String()
}
