package command

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// posEnvironment is a good environment with another kind of POS.
func posEnvironment(kind string, settings map[string]string) map[string]string {
	env := world.GoodEnvironment()
	delete(env, "POS_URL")
	delete(env, "POS_TOKEN")
	env["POS_KIND"] = kind
	for name, value := range settings {
		env[name] = value
	}
	return env
}

func TestKindsOfPOSAndTheirSettings(t *testing.T) {
	t.Parallel()
	contract := map[string]string{"POS_ACCOUNT": "sb_skc130x6", "POS_CLIENT_ID": "id", "POS_CLIENT_SECRET": "secret"}
	with := func(settings map[string]string, more ...string) map[string]string {
		all := map[string]string{}
		for name, value := range settings {
			all[name] = value
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	for _, tc := range []struct {
		name, kind string
		settings   map[string]string
		faults     []string // the variables that the one message names
	}{
		{"generic", "generic", map[string]string{"POS_URL": "https://till.example.com", "POS_TOKEN": "t"}, nil},
		{"generic with its promises", "generic", map[string]string{"POS_URL": "https://till.example.com",
			"POS_TOKEN": "t", "POS_REPLAY": "none", "POS_LOOKUP": "none"}, nil},
		{"generic without anything", "generic", nil, []string{"POS_TOKEN", "POS_URL"}},
		{"generic with what it does not read", "generic", with(contract, "POS_URL", "https://till.example.com",
			"POS_TOKEN", "t", "POS_SANDBOX", "true"),
			[]string{"POS_ACCOUNT", "POS_CLIENT_ID", "POS_CLIENT_SECRET", "POS_SANDBOX"}},
		{"square", "square", map[string]string{"POS_TOKEN": "t"}, nil},
		{"square in its sandbox", "square", map[string]string{"POS_TOKEN": "t", "POS_SANDBOX": "true"}, nil},
		{"square without anything", "square", nil, []string{"POS_TOKEN"}},
		{"square with what it does not read", "square", with(contract, "POS_TOKEN", "t", "POS_REPLAY", "key",
			"POS_LOOKUP", "exact"),
			[]string{"POS_ACCOUNT", "POS_CLIENT_ID", "POS_CLIENT_SECRET", "POS_LOOKUP", "POS_REPLAY"}},
		{"smaregi", "smaregi", contract, nil},
		{"smaregi in its sandbox", "smaregi", with(contract, "POS_SANDBOX", "true"), nil},
		{"smaregi without anything", "smaregi", nil, []string{"POS_ACCOUNT", "POS_CLIENT_ID", "POS_CLIENT_SECRET"}},
		{"smaregi with what it does not read", "smaregi", with(contract, "POS_TOKEN", "t", "POS_REPLAY", "none",
			"POS_LOOKUP", "none"), []string{"POS_LOOKUP", "POS_REPLAY", "POS_TOKEN"}},
		{"smaregi at an address in plain text", "smaregi", with(contract, "POS_URL", "http://till.example.com"),
			[]string{"POS_URL"}},
		{"smaregi with a contract id that is none", "smaregi", with(contract, "POS_ACCOUNT", "a/b"),
			[]string{"POS_ACCOUNT"}},
		{"smaregi with a client id that is none", "smaregi", with(contract, "POS_CLIENT_ID", "a:b"),
			[]string{"POS_CLIENT_ID"}},
		{"a kind that there is not", "abacus", nil, []string{"POS_KIND"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := app.LoadConfig(world.EnvironOf(posEnvironment(tc.kind, tc.settings)))
			var named []string
			if err != nil {
				for _, line := range strings.Split(err.Error(), "\n")[1:] {
					named = append(named, strings.Fields(strings.TrimPrefix(line, "  - "))[0])
				}
			}
			slices.Sort(named)
			expect.Equal(t, "named", named, tc.faults, err)
			if err != nil {
				expect.That(t, "no secret in the message", !strings.Contains(err.Error(), "secret\n"), err)
			}
		})
	}
}

// TestWhatEachKindOfPOSPromises is the table of docs/operations.md: what the saga may rely on, and which of the two
// histories a kind offers.
func TestWhatEachKindOfPOSPromises(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind     string
		settings map[string]string
		want     coupons.Capabilities
		pages    bool
	}{
		{"generic", map[string]string{"POS_URL": "https://till.example.com", "POS_TOKEN": "t"},
			coupons.Capabilities{Replay: true, Lookup: coupons.LookupExact, GuardsBelowZero: true, ReasonLimit: 200}, true},
		{"generic", map[string]string{"POS_URL": "https://till.example.com", "POS_TOKEN": "t", "POS_REPLAY": "none",
			"POS_LOOKUP": "none"},
			coupons.Capabilities{Lookup: coupons.LookupNone, GuardsBelowZero: true, ReasonLimit: 200}, true},
		{"square", map[string]string{"POS_TOKEN": "t"},
			coupons.Capabilities{Replay: true, Lookup: coupons.LookupScan, GuardsBelowZero: true, ReasonLimit: 3500}, true},
		{"smaregi", map[string]string{"POS_ACCOUNT": "a", "POS_CLIENT_ID": "id", "POS_CLIENT_SECRET": "secret"},
			coupons.Capabilities{Lookup: coupons.LookupAmount, GuardsBelowZero: true}, false},
	} {
		cfg, err := app.LoadConfig(world.EnvironOf(posEnvironment(tc.kind, tc.settings)))
		expect.MustEqual(t, "err", err, nil, tc.kind)
		client, err := cfg.OpenPOS(time.Now, &http.Client{})
		expect.MustEqual(t, "err", err, nil, tc.kind)
		expect.Equal(t, "client.Capabilities()", client.Capabilities(), tc.want, tc.kind)
		_, pages := client.(books.POS)
		_, changes := client.(coupons.History)
		expect.Equal(t, "has pages", pages, tc.pages, tc.kind)
		expect.Equal(t, "has changes", changes, !tc.pages, tc.kind)
	}
}
