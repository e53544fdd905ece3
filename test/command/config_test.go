package command

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/commands"
	"pointbridge/domain/members"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

var update = flag.Bool("update", false, "rewrite what is generated")

// covers: 000-07, T-05
func TestLoadConfig(t *testing.T) {
	t.Parallel()
	t.Run("a whole environment", func(t *testing.T) {
		t.Parallel()
		env := world.GoodEnvironment()
		env["COUPON_VALIDITY"] = "36h"
		env["POINT_RATE_RANKS"] = "gold=1.2,silver=1.1"
		env["POINT_RATE_CAMPAIGNS"] = "2026-12-01T00:00:00+09:00/2026-12-08T00:00:00+09:00=1.5"
		env["COUPON_COMBINES_WITH"] = "product,shipping"
		cfg, err := app.LoadConfig(world.EnvironOf(env))
		if err != nil {
			t.Fatal(err)
		}
		p, err := cfg.Policy()
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "p.Validity", p.Validity, 36*time.Hour)
		expect.MustEqual(t, `p.RankRates["gold"].String()`, p.RankRates["gold"].String(), "1.2")
		expect.MustEqual(t, "len(p.Campaigns)", len(p.Campaigns), 1)
		expect.MustEqual(t, "cfg.LockRule()", cfg.LockRule(),
			members.LockRule{After: 20, Window: 10 * time.Minute, For: 15 * time.Minute})
		expect.MustEqual(t, "cfg.UnknownCodes", cfg.UnknownCodes, 20)
		expect.MustEqual(t, "p.CombinesWith.Order", p.CombinesWith.Order, false)
		expect.MustEqual(t, "p.CombinesWith.Product", p.CombinesWith.Product, true)
		expect.MustEqual(t, "p.Unit", p.Unit, 100)
		expect.MustEqual(t, "p.DailyLimit", p.DailyLimit, 10_000)
		expect.MustEqual(t, "p.Location.String()", p.Location.String(), "Asia/Tokyo")
		expect.MustEqual(t, "time.Duration(cfg.Retention)", time.Duration(cfg.Retention), 30*24*time.Hour)
		expect.MustEqual(t, "fmt.Sprint(cfg.ReminderDays)", fmt.Sprint(cfg.ReminderDays), "[30 7 1]")
	})
	t.Run("an empty environment: every fault in one message", func(t *testing.T) {
		t.Parallel()
		_, err := app.LoadConfig(nil)
		if err == nil {
			t.Fatal("accepted")
		}
		for name := range world.GoodEnvironment() {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("%s is not named in: %v", name, err)
			}
		}
	})
	for name, value := range map[string]string{
		"DATABASE_URL": "mysql://x", "SECRET_KEY": "short", "PUBLIC_URL": "http://points.example.com",
		"SHOP_LOCALE": "fr", "SHOP_TIMEZONE": "Mars/Base",
		"SHOP_CURRENCY": "yen", "SHOPIFY_SHOP": "shop.example.com", "SHOPIFY_API_URL": "http://shop.example.com",
		"POS_URL": "http://till.example.com", "POS_REPLAY": "maybe", "POS_LOOKUP": "perhaps", "POS_KIND": "abacus",
		"SMTP_PORT": "0", "SMTP_TLS": "none", "MAIL_FROM": "nobody", "POINT_RATE": "0", "POINT_UNIT": "0",
		"POINT_RATE_RANKS": "gold", "POINT_RATE_CAMPAIGNS": "always=2", "COUPON_VALIDITY": "1m",
		"COUPON_COMBINES_WITH": "everything", "REMINDER_DAYS": "0", "STEP_LEASE": "5s", "SETTLE_AFTER": "5s",
		"CONVERT_WAIT": "-1s", "POS_TIMEOUT": "soon", "DB_MAX_CONNS": "none", "LOG_LEVEL": "loud", "JOB_WORKERS": "0",
		"WEBHOOKS_KEEP": "1h", "WEBHOOKS_PER_MINUTE": "0", "SHOPIFY_WEBHOOKS": "mail", "COUPON_MINIMUM_SUBTOTAL": "-1",
		"CONVERSION_LOCK_AFTER": "-1", "CONVERSION_LOCK_WINDOW": "0s", "CONVERSION_LOCK_FOR": "-1m",
		"UNKNOWN_CODE_ALERT": "-1", "SHOP_COUNTRY": "Japan", "REVIEW_ORDER_TAG": "one,two",
		"REVIEW_CUSTOMER_TAG": "12345678901234567890123456789012345678901", "TRUSTED_PROXIES": "proxy.example.com",
		"SESSION_LIFE": "0s", "SIGN_IN_WINDOW": "-1m", "SIGN_IN_FAILURES": "0", "SIGN_IN_FAILURES_ADDRESS": "0",
		"SIGN_IN_FAILURES_EVERYWHERE": "0", "PARTIAL_REFUND": "maybe", "COUNT_TEST_ORDERS": "some", "COUPONS_PER_ORDER": "6",
		"REISSUE_VALIDITY": "0d", "FOUR_EYES_POINTS": "-1", "AUTO_REISSUE_BELOW": "-1", "AUTO_GRANT_BELOW": "-1",
		"AUTO_CASES": "0", "SHOPIFY_CLIENT_SECRET": "hush", "SHOPIFY_CLIENT_SECRET_OLD": "an-old-one-alone",
		"MEMBER_KEY": "member_id", "MEMBER_NAMESPACE": "loyalty",
		"STOREFRONT_ORIGINS": "http://shop.example.com", "EXTENSION_ORIGINS": "https://cdn.example.com/path",
		"BOOKS_CHECK_EVERY": "1m", "BOOKS_REPAIR": "perhaps",
		"METRICS_ADDR": "everywhere", "METRICS_TOKEN": "short",
		"IDENTITY_KEY": "short", "IDENTITY_KEY_OLD": world.GoodSecret, "IDENTITY_RETENTION": "1d",
		"IDENTITY_TAG_ORDER": "one,two", "IDENTITY_RISK": "perhaps", "IDENTITY_HOLD": "some",
		"IDENTITY_DEVICE_ATTRIBUTE": " device",
		"AUDIT_KEY":                 "short", "AUDIT_KEY_OLD": "short,and-short", "AUDIT_HEADS_URL": "http://heads.example.com",
	} {
		t.Run("a wrong "+name, func(t *testing.T) {
			t.Parallel()
			env := world.GoodEnvironment()
			env[name] = value
			_, err := app.LoadConfig(world.EnvironOf(env))
			expect.MustThat(t, "err != nil", err != nil, name, value)
			expect.MustThat(t, "err.Error() to contain name", strings.Contains(err.Error(), name), name, value, err)
		})
	}
	t.Run("a database beyond this machine takes TLS, or a word for plain text", func(t *testing.T) {
		t.Parallel()
		env := world.GoodEnvironment()
		for _, url := range []string{"postgres://u:hunter2@db/x", "postgres://u:hunter2@db/x?sslmode=prefer",
			"postgres://u:hunter2@127.0.0.1,db/x?target_session_attrs=primary"} {
			env["DATABASE_URL"], env["DATABASE_PLAINTEXT"] = url, "false"
			_, err := app.LoadConfig(world.EnvironOf(env))
			expect.MustThat(t, "err != nil", err != nil, url)
			expect.That(t, `err.Error() to contain "DATABASE_PLAINTEXT"`,
				strings.Contains(err.Error(), "DATABASE_PLAINTEXT"), url, err)
			expect.That(t, `err.Error() not to contain "hunter2"`, !strings.Contains(err.Error(), "hunter2"), url, err)
			env["DATABASE_PLAINTEXT"] = "true"
			if _, err := app.LoadConfig(world.EnvironOf(env)); err != nil {
				t.Errorf("%s, asked for: %v", url, err)
			}
		}
	})
	t.Run("default secrets are refused", func(t *testing.T) {
		t.Parallel()
		for _, weak := range []string{strings.Repeat("a", 40), "changeme-changeme-changeme-changeme",
			"this-is-a-secret-key-for-the-example-1"} {
			env := world.GoodEnvironment()
			env["SECRET_KEY"] = weak
			if _, err := app.LoadConfig(world.EnvironOf(env)); err == nil {
				t.Errorf("%q was accepted", weak)
			}
		}
	})
	t.Run("an order is made good by itself in one way only", func(t *testing.T) {
		t.Parallel()
		env := world.GoodEnvironment()
		env["AUTO_REISSUE_BELOW"], env["PARTIAL_REFUND"], env["COUNT_TEST_ORDERS"], env["FOUR_EYES_POINTS"] = "1000", "review", "true", "5000"
		cfg, err := app.LoadConfig(world.EnvironOf(env))
		if err != nil {
			t.Fatal(err)
		}
		p, err := cfg.Policy()
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "p.Auto.ReissueBelow", p.Auto.ReissueBelow, 1000)
		expect.Equal(t, "p.Auto.GrantBelow", p.Auto.GrantBelow, 0)
		expect.Equal(t, "p.Auto.Reviews", p.Auto.Reviews, 3)
		expect.Equal(t, "p.PartialRefunds", p.PartialRefunds, true)
		expect.Equal(t, "p.TestOrders", p.TestOrders, true)
		expect.Equal(t, "p.FourEyes", p.FourEyes, 5000)
		expect.Equal(t, "p.ReissueValidity", p.ReissueValidity, 30*24*time.Hour)
		env["AUTO_GRANT_BELOW"] = "1"
		_, err = app.LoadConfig(world.EnvironOf(env))
		expect.MustThat(t, "err != nil", err != nil)
		expect.That(t, `err.Error() to contain "AUTO_GRANT_BELOW"`, strings.Contains(err.Error(), "AUTO_GRANT_BELOW"),
			err)
	})
	t.Run("the queue's own pages are for PostgreSQL", func(t *testing.T) {
		t.Parallel()
		env := world.GoodEnvironment()
		env["JOBS_UI"] = "true"
		_, err := app.LoadConfig(world.EnvironOf(env))
		expect.MustEqual(t, "err", err, nil)
		env["DATABASE_URL"] = "sqlite:points.db"
		_, err = app.LoadConfig(world.EnvironOf(env))
		expect.MustThat(t, "it to be refused", err != nil && strings.Contains(err.Error(),
			"JOBS_UI is for PostgreSQL, and DATABASE_URL is not"), err)
	})
	t.Run("upstreams on this machine are named", func(t *testing.T) {
		t.Parallel()
		env := world.GoodEnvironment()
		env["POS_URL"], env["SMTP_HOST"], env["SMTP_TLS"] = "http://127.0.0.1:9", "localhost", "none"
		cfg, err := app.LoadConfig(world.EnvironOf(env))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "fmt.Sprint(cfg.LoopbackUpstreams())", fmt.Sprint(cfg.LoopbackUpstreams()),
			"[POS_URL SMTP_HOST]")
	})
}

func TestSecretsNeverPrint(t *testing.T) {
	t.Parallel()
	env := world.GoodEnvironment()
	env["POINT_UNIT"] = "0" // a fault, so that there is an error text too
	cfg, err := app.LoadConfig(world.EnvironOf(env))
	if err == nil {
		t.Fatal("accepted")
	}
	raw, jsonErr := json.Marshal(cfg)
	if jsonErr != nil {
		t.Fatal(jsonErr)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("config", "config", cfg, "key", cfg.SecretKey)
	for _, text := range []string{err.Error(), string(raw), fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg), log.String()} {
		if strings.Contains(text, world.GoodSecret) || strings.Contains(text, world.GoodToken) {
			t.Errorf("a secret stands in: %s", text)
		}
	}
}

func TestEnvExample(t *testing.T) {
	t.Parallel()
	if *update {
		if err := os.WriteFile(".env.example", []byte(app.EnvExample()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(".env.example")
	if err != nil || string(have) != app.EnvExample() {
		t.Fatalf(".env.example is not what the struct says; run: make generate (%v)", err)
	}
	for _, v := range app.Variables() {
		if v.Name == "" || v.Doc == "" {
			t.Errorf("%s has no name or description", v.Field)
		}
	}
}

// TestTheExampleIsFilledInWhereItIsNeeded: .env.example as it stands, with the needed values alone, is the defaults;
// each of those is needed, and a default that it shows is the one that holds.
func TestTheExampleIsFilledInWhereItIsNeeded(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(".env.example")
	expect.MustEqual(t, "err", err, nil)
	values := world.GoodEnvironment()
	delete(values, "SHOPIFY_ACCESS_TOKEN")
	values["SHOPIFY_CLIENT_ID"], values["SHOPIFY_CLIENT_SECRET"] = "client", world.GoodSecret
	var filled, shown []string
	for line := range strings.Lines(string(raw)) {
		name, value, there := strings.Cut(strings.TrimSpace(line), "=")
		switch setting := strings.TrimPrefix(name, "#"); {
		case !there || strings.Contains(name, " "):
		case setting != name && value != "":
			shown = append(shown, setting+"="+value)
		case setting == name:
			expect.Equal(t, "the value of "+name, value, "")
			expect.That(t, "a line that waits for a value is needed", values[name] != "", name)
			filled = append(filled, name+"="+values[name])
		}
	}
	expect.MustEqual(t, "needed", len(filled), len(values))
	want, err := app.LoadConfig(world.EnvironOf(values))
	expect.MustEqual(t, "err", err, nil)
	for what, environ := range map[string][]string{"as it stands": filled, "with the defaults": append(shown, filled...)} {
		got, err := app.LoadConfig(environ)
		expect.MustEqual(t, "err", err, nil, what)
		for _, v := range app.Variables() {
			one, other := reflect.ValueOf(got).FieldByName(v.Field), reflect.ValueOf(want).FieldByName(v.Field)
			expect.That(t, what+": "+v.Name, reflect.DeepEqual(one.Interface(), other.Interface()))
		}
	}
	for i, line := range filled {
		name, _, _ := strings.Cut(line, "=")
		_, err := app.LoadConfig(slices.Delete(slices.Clone(filled), i, i+1))
		expect.That(t, "without it a fault is named", err != nil, name)
	}
	_, err = app.LoadConfig(append(filled, "SMTP_HOST=mailpit", "SMTP_PORT=1025", "SMTP_TLS=opportunistic"))
	expect.Equal(t, "mails to Mailpit", err, nil)
}

func TestServeRefusesFaults(t *testing.T) {
	t.Parallel()
	var out, errs world.LockedBuffer
	if code := commands.Run(t.Context(), []string{"serve"}, []string{"SHOP_LOCALE=fr"}, &out, &errs); code != 1 {
		t.Fatalf("exit %d", code)
	}
	for _, name := range []string{"DATABASE_URL", "SECRET_KEY", "SHOP_LOCALE", "POS_URL"} {
		if !strings.Contains(errs.String(), name) {
			t.Errorf("%s is not named: %s", name, errs.String())
		}
	}
}

func TestServeRefusesAnOldDatabase(t *testing.T) {
	t.Parallel()
	env := world.GoodEnvironment()
	env["DATABASE_URL"] = "sqlite:" + t.TempDir() + "/empty.db"
	var out, errs world.LockedBuffer
	if code := commands.Run(t.Context(), []string{"serve"}, world.EnvironOf(env), &out, &errs); code != 1 ||
		!strings.Contains(errs.String(), "pointbridge migrate") {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"demo"}, {"serve"}, {"migrate"}, {"simulate"}, {"key"}, {"key", "create"},
		{"key", "list"}, {"key", "revoke"}, {"shopify", "setup"}, {"audit"}, {"audit", "verify"}, {"audit",
			"export"}, {"bench"}} {
		var out, errs world.LockedBuffer
		if code := commands.Run(t.Context(), append(args, "--help"), nil, &out, &errs); code != 0 ||
			len(out.String()) < 60 {
			t.Errorf("%v: exit %d, %q %q", args, code, out.String(), errs.String())
		}
	}
}

func TestUnknownCommands(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"nothing"}, {"shopify", "setpu"}, {"staff", "remove"}, {"privacy", "redact"},
		{"key", "make"}, {"audit", "check"}, {"books", "repair"}, {"bench", "page"}} {
		var out, errs world.LockedBuffer
		if code := commands.Run(t.Context(), args, nil, &out, &errs); code != 1 || !strings.Contains(errs.String(),
			args[len(args)-1]) {
			t.Errorf("%v: exit %d, %q %q", args, code, out.String(), errs.String())
		}
	}
}

func FuzzLoadConfig(f *testing.F) {
	f.Add("POINT_RATE", "1/3")
	f.Add("COUPON_VALIDITY", "99999999999999d")
	f.Fuzz(func(t *testing.T, name, value string) {
		env := world.GoodEnvironment()
		env[name] = value
		if _, err := app.LoadConfig(world.EnvironOf(env)); err != nil && strings.Contains(err.Error(),
			world.GoodSecret) {
			t.Fatal("the secret stands in the error")
		}
	})
}
