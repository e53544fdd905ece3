package command

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// doctorWorld is a simulated outside, and the settings of a service that is about to start on a database that is not there.
type doctorWorld struct{ *world.Outside }

func newDoctorWorld(t *testing.T) *doctorWorld {
	t.Helper()
	return &doctorWorld{world.NewOutside(t, storetest.SQLite(t), "DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "p.db"),
		"SECRET_KEY="+world.GoodSecret, "PUBLIC_URL=https://points.example.org")}
}

func (w *doctorWorld) run(args ...string) (code int, out, errs string) {
	w.T.Helper()
	return runWith(w.T, w.Env, args...)
}

func runWith(t *testing.T, env []string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr world.LockedBuffer
	code = commands.Run(t.Context(), args, env, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// outcomes are those of the checks, as programs read them.
func (w *doctorWorld) outcomes(args ...string) (code int, list map[string]string) {
	w.T.Helper()
	code, out, errs := w.run(append([]string{"doctor", "--json"}, args...)...)
	var d struct {
		Checks []struct{ Check, Outcome, Sentence, Text, Do string }
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		w.T.Fatalf("%v in %q %s", err, out, errs)
	}
	list = map[string]string{}
	for _, c := range d.Checks {
		list[c.Check] = c.Outcome + " " + c.Sentence
		if c.Text == "" || (c.Outcome != "ok") != (c.Do != "") {
			w.T.Errorf("%s says %q and to do is %q", c.Check, c.Text, c.Do)
		}
	}
	return code, list
}

// TestDoctor: everything is asked before customers come; what is wrong is named, and what was not asked is not good.
func TestDoctor(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	code, got := w.outcomes()
	expect.Equal(t, "code without a database", code, 1)
	expect.Equal(t, "database", got["database"], "fault database_away")
	expect.Equal(t, "writes", got["writes"], "not_asked needs_another")
	expect.Equal(t, "webhooks", got["webhooks"], "fault webhooks_lack")
	expect.Equal(t, "metafield", got["metafield"], "fault metafield_lacks")

	for _, args := range [][]string{{"migrate"}, {"shopify", "setup"}} {
		if code, _, errs := w.run(args...); code != 0 {
			t.Fatalf("%v: %s", args, errs)
		}
	}
	code, got = w.outcomes("--mail-to", "operator@example.org")
	expect.Equal(t, "code of a good one", code, 0)
	for check, want := range map[string]string{"settings": "ok settings_good", "database": "ok database_answers",
		"durability": "ok durable", "currency": "ok currency_same", "scopes": "ok scopes_good", "shop_version": "ok version_served",
		"shop_clock": "ok clock_good", "pos_clock": "ok clock_good", "webhooks": "ok webhooks_good", "pos": "ok pos_answers",
		"metafield": "ok metafield_good", "test_mail": "ok mail_sent", "public_answer": "not_asked public_unsought",
		"proxy": "not_asked proxy_unasked"} {
		expect.Equal(t, check, got[check], want)
	}
	expect.Equal(t, "mails", len(w.Mailbox.Messages()), 1)

	w.Shopify.SellIn("USD")
	w.Shopify.Grant("write_discounts,write_customers")
	code, got = w.outcomes()
	expect.Equal(t, "code of a shop in dollars", code, 1)
	expect.Equal(t, "currency", got["currency"], "fault currency_other")
	expect.Equal(t, "scopes", got["scopes"], "fault scopes_lack_vital")
	expect.Equal(t, "test_mail", got["test_mail"], "not_asked mail_unsought")
	_, text, _ := w.run("doctor", "--language", "ja")
	if !strings.Contains(text, "ショップの通貨は USD ですが、SHOP_CURRENCY は JPY です") {
		t.Errorf("the currency is not named: %s", text)
	}
	_, last, _ := strings.Cut(text, "\n問題があります：")
	expect.That(t, "the last line to name what is bad", strings.Contains(last, "ショップの通貨") &&
		strings.Contains(last, "アプリの権限") && strings.Count(last, "\n") == 1, text)
}

// Settings that are wrong keep a doctor from asking what needs them, and from nothing else; a secret is never shown.
func TestDoctor_WithoutSomeSettings(t *testing.T) {
	t.Parallel()
	w := newDoctorWorld(t)
	if code, _, errs := w.run("migrate"); code != 0 {
		t.Fatal(errs)
	}
	w.Env = append(w.Env, "SHOPIFY_SHOP=", "SMTP_PORT=0", "SHOPIFY_CLIENT_SECRET=hunter2-hunter2-hunter2")
	code, got := w.outcomes()
	expect.Equal(t, "code", code, 1)
	for check, want := range map[string]string{"settings": "fault settings_faults", "database": "ok database_answers",
		"shop": "not_asked settings_missing", "currency": "not_asked needs_another", "mail": "not_asked settings_missing",
		"pos": "ok pos_answers"} {
		expect.Equal(t, check, got[check], want)
	}
	_, text, _ := w.run("doctor")
	expect.That(t, "no secret in the answers", !strings.Contains(text, "hunter2"), text)
	code, _, errs := w.run("doctor", "--mail-to", "nobody")
	expect.Equal(t, "code of a wrong address", code, 1)
	expect.That(t, "the flag is named", strings.Contains(errs, "--mail-to"), errs)
}
