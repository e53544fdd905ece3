package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// faultLines are what is wrong with the good environment once a setting is changed.
func faultLines(name, value string) []string {
	env := world.GoodEnvironment()
	env[name] = value
	_, err := app.LoadConfig(world.EnvironOf(env))
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")[1:]
}

func TestLoadConfig_SaysWhatIsWrongWithMails(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"MAIL_COLOR", "#8a1f4d", ""},
		{"MAIL_COLOR", "blue", "MAIL_COLOR must be # and six hex digits, such as #2f4cb3"},
		{"MAIL_COLOR", "#ffcc00", "MAIL_COLOR is too light for white letters: their contrast is 1.5:1, at least 4.5:1 is needed"},
		{"MAIL_LOGO_URL", "https://cdn.example.com/logo.png", ""},
		{"MAIL_LOGO_URL", "http://cdn.example.com/logo.png", "MAIL_LOGO_URL must be an https address"},
		{"MAIL_LOGO_URL", "https://user@cdn.example.com/logo.png", "MAIL_LOGO_URL must be an https address"},
		{"MAIL_LOGO_URL", "javascript:alert(1)", "MAIL_LOGO_URL must be an https address"},
		{"MAIL_LOGO_URL", "data:image/png;base64,AAAA", "MAIL_LOGO_URL must be an https address"},
		{"TEMPLATES_DIR", filepath.Join(t.TempDir(), "nothing"), "TEMPLATES_DIR: the folder cannot be read"},
		{"TEMPLATES_DIR", t.TempDir(), ""},
	} {
		got := faultLines(c[0], c[1])
		if c[2] == "" {
			expect.Equal(t, c[1], len(got), 0, got)
			continue
		}
		expect.MustEqual(t, c[1], len(got), 1, got)
		expect.Equal(t, c[1], strings.TrimPrefix(got[0], "  - "), c[2])
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"issued.tmpl": `{{define "text"}}{{.Naem}}{{end}}`, "isued.tmpl": "", "held.tmpl": `{{define "text"}}{{if}}{{end}}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expect.Equal(t, "faults of a folder", len(faultLines("TEMPLATES_DIR", dir)), 2)
}

func TestLoadConfig_SaysWhatIsWrongWithTheMembersAddress(t *testing.T) {
	t.Parallel()
	once := "POS_MEMBER_URL must have {number} in it once"
	behind := "POS_MEMBER_URL must have {number} behind the host's name"
	https := "POS_MEMBER_URL must be https, or http on a loopback address"
	for value, want := range map[string]string{
		"": "", "https://till.example/members/{number}": "", "https://till.example/m?no={number}&tab=points": "",
		"https://till.example/#/members/{number}": "", "http://127.0.0.1:8080/{number}": "",
		"https://till.example/members":                    once,
		"https://till.example/{number}/{number}":          once,
		"https://till.example/{NUMBER}":                   once,
		"https://{number}.till.example/members":           behind,
		"https://{number}/members":                        behind,
		"https://till.example:{number}/":                  behind,
		"https://till.example{number}":                    behind,
		"{number}":                                        behind,
		"till.example/members/{number}":                   behind,
		"javascript:alert({number})":                      behind,
		"https://user:password@till.example/m/{number}":   "POS_MEMBER_URL is not an address",
		"http://till.example/members/{number}":            https,
		"ftp://till.example/members/{number}":             https,
		"https://till.example/members/{number}\x00behind": "POS_MEMBER_URL is not an address",
	} {
		got := faultLines("POS_MEMBER_URL", value)
		if want == "" {
			expect.Equal(t, value, len(got), 0, got)
			continue
		}
		expect.MustEqual(t, value, len(got), 1, got)
		expect.Equal(t, value, strings.TrimPrefix(got[0], "  - "), want)
	}
}
