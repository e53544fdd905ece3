package command

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/commands"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// covers: 004-46, 004-47, 004-48, 004-49, 004-53, H-01
func TestDemoStaff(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, stop := world.StartDemo(t, data)
	expect.MustEqual(t, "len(file.Staff)", len(file.Staff), len(domain.StaffRoles()), file.Staff)
	conversions := "/v1/customers/12345/conversions"
	for _, role := range domain.StaffRoles() {
		t.Run(string(role)+" signs in, lists coupons and does what the role may", func(t *testing.T) {
			who, got := world.SignIn(t, file, string(role))
			expect.MustEqual(t, "got.Status", got.Status, 201, got.Raw)
			{
				got := who.Do("GET", "/v1/coupons", "", "")
				expect.Equal(t, "got.Status", got.Status, 200, got.Raw)
				expect.That(t, `len(got.Body["items"].([]any)) != 0`, len(got.Body["items"].([]any)) != 0, got.Raw)
			}
			wantConvert, wantStaff := 201, 403
			if role == domain.RoleStaff {
				wantConvert = 403
			}
			if role == domain.RoleSystemAdmin {
				wantStaff = 200
			}
			made := who.Do("POST", conversions, "by-"+string(role), `{"points": 100}`)
			if made.Status != wantConvert {
				t.Errorf("a conversion: %d %s", made.Status, made.Raw)
			}
			if got := who.Do("GET", "/v1/staff", "", ""); got.Status != wantStaff {
				t.Errorf("the staff: %d %s", got.Status, got.Raw)
			}
			if code, _ := made.Body["code"].(string); made.Status == 201 {
				member, _ := got.Body["staff"].(map[string]any)
				if history := who.Do("GET", "/v1/coupons/"+code, "", ""); !strings.Contains(string(history.Raw),
					fmt.Sprintf(`"staff:%v"`, member["id"])) {
					t.Errorf("the history does not name the person: %s", history.Raw)
				} else if marked := strings.Contains(string(history.Raw), `"emergency":true`); marked != (role == domain.RoleSystemAdmin) {
					t.Errorf("marked as an emergency: %v in %s", marked, history.Raw)
				}
			}
			if got := who.Do("DELETE", "/v1/session", "", ""); got.Status != 204 {
				t.Errorf("signing out: %d %s", got.Status, got.Raw)
			}
			if got := who.Do("GET", "/v1/coupons", "", ""); got.Status != 401 || got.Body["code"] != "unauthenticated" {
				t.Errorf("after signing out: %d %s", got.Status, got.Raw)
			}
		})
	}
	t.Run("a restart keeps passwords and sessions", func(t *testing.T) {
		before, _ := world.SignIn(t, file, "staff")
		stop()
		again, _ := world.StartDemo(t, data)
		before.Base = again.API
		got := before.Do("GET", "/v1/session", "", "")
		expect.Equal(t, "got.Status", got.Status, 200, got.Raw)
		expect.Equal(t, `got.Body["role"]`, got.Body["role"], "staff", got.Raw)
		_, got = world.SignIn(t, again, "system_admin")
		expect.Equal(t, "got.Status", got.Status, 201, got.Raw)
		expect.Equal(t, "fmt.Sprint(again.Staff)", fmt.Sprint(again.Staff), fmt.Sprint(file.Staff), got.Raw)
	})
}

func TestStaffCommands(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	ok := func(input string, args ...string) string {
		t.Helper()
		out, err := world.Command(t, input, append(args, "--data", data)...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return out
	}
	refused := func(part, input string, args ...string) {
		t.Helper()
		if out, err := world.Command(t, input, append(args, "--data", data)...); err == nil ||
			!strings.Contains(err.Error(), part) {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	ok("", "migrate")
	db, err := commands.OpenStore(t.Context(), nil, data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	people := app.NewStaff(db, staff.Limits{})
	enter := func(email, password string) (string, domain.Code) {
		in, err := people.Enter(t.Context(), staff.Entry{Email: email, Password: password,
			From: staff.From{Address: "192.0.2.1"}})
		if err != nil {
			return "", domain.CodeOf(err)
		}
		return in.Token, ""
	}
	drawn := regexp.MustCompile(`(?m)^Password, shown this once: (\S+)$`)

	out := ok("", "staff", "add", "--email", "Okada@example.com", "--name", "Okada Yui", "--role", "system_admin",
		"--customer", "12345")
	found := drawn.FindStringSubmatch(out)
	if len(found) != 2 {
		t.Fatalf("no password in %s", out)
	}
	token, code := enter("okada@example.com", found[1])
	if code != "" {
		t.Fatalf("the printed password does not let in: %s", code)
	}
	if out := ok("a password of mine\r\n", "staff", "add", "--email", "mori@example.com", "--name", "Mori", "--role",
		"staff", "--password-stdin"); strings.Contains(out, "Password") || strings.Contains(out, "of mine") {
		t.Errorf("a password that is known was printed: %s", out)
	}
	if _, code := enter("mori@example.com", "a password of mine"); code != "" {
		t.Error(code)
	}
	found = drawn.FindStringSubmatch(ok("", "staff", "password", "--email", "OKADA@example.com"))
	if _, code := enter("okada@example.com", found[1]); code != "" {
		t.Error(code)
	}
	if _, _, err := people.Session(t.Context(), token); domain.CodeOf(err) != domain.CodeUnauthenticated {
		t.Errorf("the session outlives the password: %v", err)
	}
	ok("", "staff", "disable", "--email", "mori@example.com")
	if _, code := enter("mori@example.com", "a password of mine"); code != domain.CodeUnauthenticated {
		t.Errorf("somebody disabled: %q", code)
	}
	if list := ok("", "staff", "list"); !strings.Contains(list, "okada@example.com") ||
		!regexp.MustCompile(`mori@example\.com +Mori +staff +disabled`).MatchString(list) {
		t.Error(list)
	}
	refused("last system admin", "", "staff", "disable", "--email", "okada@example.com")
	refused("exists already", "", "staff", "add", "--email", "mori@example.com", "--name", "Mori", "--role", "staff")
	refused("--role", "", "staff", "add", "--email", "a@example.com", "--name", "A", "--role", "pos")
	refused("--email", "", "staff", "add", "--email", "nobody", "--name", "A", "--role", "staff")
	refused("--customer", "", "staff", "add", "--email", "a@example.com", "--name", "A", "--role", "staff",
		"--customer", "a b")
	refused("12 characters", "short\n", "staff", "add", "--email", "a@example.com", "--name", "A", "--role", "staff",
		"--password-stdin")
	refused("12 characters", "", "staff", "password", "--email", "okada@example.com", "--password-stdin")
	refused("no person", "", "staff", "disable", "--email", "a@example.com")
	refused("no person", "", "staff", "password", "--email", "a@example.com")
	var lines int
	if err := db.DB().QueryRowContext(t.Context(),
		`SELECT count(*) FROM audit WHERE actor = 'operator' AND action LIKE 'staff.%'`).Scan(&lines); err != nil ||
		lines != 4 {
		t.Errorf("%d commands are recorded, %v; want 4", lines, err)
	}
	if files, err := filepath.Glob(filepath.Join(data, "demo.json")); err != nil || len(files) != 0 {
		t.Errorf("a command wrote %v, %v", files, err)
	}
}
