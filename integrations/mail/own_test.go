package mail_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/mail"
	"pointbridge/test/expect"
)

// folder writes files by their paths.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestWhatAMerchantDefinesReplacesOurs(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		".hidden":        "mounted folders have such entries",
		"issued.tmpl":    `{{define "subject"}}{{if eq .Locale "ja"}}クーポン {{.Code}}{{else}}Yours: {{.Code}}{{end}}{{end}}`,
		"ja/issued.tmpl": `{{define "text"}}{{.Name}}様 {{.ApplyURL}} {{template "sign" .}}{{end}}`,
		"layout.tmpl":    `{{define "hello"}}{{if .Name}}Dear {{.Name}}{{else}}Dear customer{{end}}{{end}}`,
	})
	m, box, _ := start(t, func(c *mail.Config) { c.Templates = dir })
	for i, locale := range []string{"ja", "en"} {
		what := issued(locale)
		what.EventID = locale
		what.Name = "Taro <Yamada>"
		_, err := m.Send(t.Context(), what)
		expect.MustEqual(t, "err", err, nil)
		got := box.Messages()[0]
		expect.Equal(t, "subject", got.Subject, []string{"クーポン 70934-AB72CD-500", "Yours: 70934-AB72CD-500"}[i])
		expect.Equal(t, "the text is theirs", strings.HasPrefix(got.Text, "Taro <Yamada>様 https://"), locale == "ja", got.Text)
		expect.That(t, "the body is ours, with their greeting, escaped", strings.Contains(got.HTML, "Dear Taro &lt;Yamada&gt;") &&
			strings.Contains(got.HTML, what.Code), got.HTML)
	}
	what := issued("en")
	what.Kind, what.EventID = domain.MailReminder, "reminder"
	_, err := m.Send(t.Context(), what)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "what they do not define is ours", box.Messages()[0].Subject, "Your coupon ends in 7 days")
}

func TestEveryFaultOfAMerchantsTemplateIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"syntax": {map[string]string{"issued.tmpl": "\n{{define \"text\"}}{{.Code{{end}}", "held.tmpl": `{{define "text"}}{{if}}{{end}}{{end}}`},
			[]string{"issued.tmpl:2: ", "held.tmpl:1: missing value for if"}},
		"an unknown template": {map[string]string{"isued.tmpl": "", "issued.html": "", "fr/issued.tmpl": "", "en/layuot.tmpl": ""},
			[]string{"isued.tmpl is no template that there is; there are issued, ", "issued.html is no template", "fr is no language: ja, en",
				"en/layuot.tmpl is no template"}},
		"a missing field, in a branch that no sample goes through": {map[string]string{
			"issued.tmpl":   `{{define "text"}}{{if gt .DaysLeft 1000}}{{.Naem}}{{end}}{{.Code}}{{end}}`,
			"reminder.tmpl": `{{define "body"}}{{with .Name}}{{$.Coed}}{{end}}{{.Code}}{{end}}`,
			"layout.tmpl":   `{{define "hello"}}{{.Contact.Telephone}}{{end}}`},
			[]string{"issued.tmpl:1:43: there is no .Naem in this mail", "reminder.tmpl:1:34: there is no .Coed in this mail",
				"layout.tmpl:1:28: there is no .Contact.Telephone in this mail"}},
		"a text that there is not": {map[string]string{"ja/issued.tmpl": `{{define "text"}}{{.T "mail.nothing"}}{{.T "mail.use"}}{{$.T "mail.hello"}}{{.Code}}{{end}}`},
			[]string{`there is no text "mail.nothing"`, `the text "mail.hello" has 1 places to fill`}},
		"what would never be shown": {map[string]string{"issued.tmpl": `Hello {{define "bdoy"}}{{.Code}}{{end}}{{define "text"}}{{end}}`},
			[]string{"issued.tmpl has text outside of its blocks", `issued.tmpl: nothing uses the block "bdoy"`,
				`issued.tmpl: the block "text" is empty`}},
		"what does not render": {map[string]string{"issued.tmpl": `{{define "text"}}{{index .Code 400}}{{end}}`},
			[]string{"issued.tmpl:1:19: executing \"text\" at <index .Code 400>"}},
		"HTML that cannot be made safe": {map[string]string{"held.tmpl": `{{define "body"}}<a href="{{if .Name}}x"{{end}}>{{end}}`},
			[]string{"held.tmpl:"}},
		"a call without an end": {map[string]string{"layout.tmpl": `{{define "hello"}}{{template "hello" .}}{{end}}`},
			[]string{`layout.tmpl:1:29: the block "hello" calls itself`}},
		"a call of what there is not": {map[string]string{"issued.tmpl": `{{define "text"}}{{template "nothing" .}}{{.Code}}{{end}}`},
			[]string{`"nothing"`}},
		"a mail without its code": {map[string]string{"issued.tmpl": `{{define "text"}}Hello{{end}}{{define "subject"}} {{""}} {{end}}`},
			[]string{"the mail issued in ja shows neither .Code nor .ApplyURL as text", "the mail issued in en has no subject"}},
		"a file that is too long": {map[string]string{"issued.tmpl": strings.Repeat("x", 100_001)}, []string{"issued.tmpl is longer than 100000 bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := mail.CheckTemplates(folder(t, c.files))
			if err == nil {
				t.Fatal("no fault was found")
			}
			for _, want := range c.want {
				expect.That(t, want, strings.Contains(err.Error(), want), err.Error())
			}
		})
	}
	err := mail.CheckTemplates(filepath.Join(t.TempDir(), "nothing"))
	expect.That(t, "a folder that there is not", err != nil && err.Error() == "the folder cannot be read", err)
}

// TestOurOwnTemplatesPassTheCheck: each of ours given as if it were a merchant's has no fault.
func TestOurOwnTemplatesPassTheCheck(t *testing.T) {
	t.Parallel()
	err := mail.CheckTemplates(filepath.Join("..", "..", "templates", "mail"))
	expect.Equal(t, "faults", err, nil)
}

func TestPictureColourAndContactAreInEveryMail(t *testing.T) {
	t.Parallel()
	m, _, _ := start(t, func(c *mail.Config) {
		c.Logo, c.Color = "https://shop.example/logo.png?a=1&b=2", "#8a1f4d"
		c.Contact, _ = domain.ReadContact("+81 3-1234-5678")
	})
	for _, kind := range m.Samples() {
		got, err := m.Sample(kind, "en")
		expect.MustEqual(t, "err", err, nil, kind)
		expect.That(t, kind+" has the picture", strings.Contains(got.HTML, `<img src="https://shop.example/logo.png?a=1&amp;b=2"`), got.HTML)
		staff := kind == "notice"
		expect.Equal(t, kind+" has the contact", strings.Contains(got.HTML, `<a href="tel:&#43;81312345678"`), !staff, got.HTML)
		expect.Equal(t, kind+" has it as text", strings.Contains(got.Text, "Questions: +81 3-1234-5678"), !staff, got.Text)
		expect.That(t, kind+" has no filtered value", !strings.Contains(got.HTML, "ZgotmplZ"), got.HTML)
	}
	got, err := m.Sample("issued", "ja")
	expect.MustEqual(t, "err", err, nil)
	expect.That(t, "the button has the colour", strings.Contains(got.HTML, "background:#8a1f4d;"), got.HTML)
	m, _, _ = start(t, func(c *mail.Config) {
		c.Contact, _ = domain.ReadContact("us@shop.example")
		c.Footer = "Write to us@shop.example"
	})
	got, err = m.Sample("issued", "en")
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "a last line that has the contact is enough", strings.Count(got.Text, "us@shop.example"), 1, got.Text)
}

func TestASampleGoesMarkedAsATest(t *testing.T) {
	t.Parallel()
	m, box, _ := start(t, nil)
	_, err := m.SendSample(t.Context(), "me@example.com", "notice", "en", "1")
	expect.MustEqual(t, "err", err, nil)
	got := box.Messages()[0]
	expect.Equal(t, "to", got.To, "me@example.com")
	expect.Equal(t, "subject", got.Subject, "[Test] Something about your sign-in changed")
	for _, odd := range [][2]string{{"nothing", "en"}, {"issued", "fr"}, {"layout", "en"}, {"issued", ""}} {
		_, err := m.Sample(odd[0], odd[1])
		expect.Equal(t, odd[0]+odd[1], domain.CodeOf(err), domain.CodeNotFound)
	}
}

func TestAColourMustCarryWhiteLetters(t *testing.T) {
	t.Parallel()
	for color, want := range map[string]string{
		mail.DefaultColor: "", "#767676": "", "#0A0": "must be # and six hex digits, such as #2f4cb3", "red": "must be # and six hex digits, such as #2f4cb3",
		"":        "must be # and six hex digits, such as #2f4cb3",
		"#777777": "is too light for white letters: their contrast is 4.4:1, at least 4.5:1 is needed",
		"#ffdd00": "is too light for white letters: their contrast is 1.3:1, at least 4.5:1 is needed",
	} {
		got := ""
		if err := mail.CheckColor(color); err != nil {
			got = err.Error()
		}
		expect.Equal(t, color, got, want)
	}
}
