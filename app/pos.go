package app

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"pointbridge/api"
	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/pos/generic"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/integrations/pos/square"
	"pointbridge/integrations/store"
)

// POSClient is what every kind of POS offers. Beside it a kind offers books.POS, where its entries have references, or
// coupons.History, where they have none.
type POSClient interface {
	coupons.Ledger
	Capabilities() coupons.Capabilities
}

// posKind is one kind of POS: which settings it needs, which others it reads, and how its client is made. It can be
// chosen by POS_KIND because it stands in posKinds.
type posKind struct {
	needs, reads []string
	// at is where it is, beside POS_URL: with the kind it names the POS that a movement was made with.
	at   func(Config) string
	open func(Config, func() time.Time, *http.Client) (POSClient, error)
}

var posKinds = map[string]posKind{
	"generic": {
		needs: []string{"POS_URL", "POS_TOKEN"},
		reads: []string{"POS_REPLAY", "POS_LOOKUP"},
		at:    func(Config) string { return "" },
		open: func(c Config, clock func() time.Time, client *http.Client) (POSClient, error) {
			return generic.New(generic.Config{URL: c.POSURL, Token: string(c.POSToken), Timeout: c.POSTimeout,
				Replay: c.POSReplay != "none", Lookup: c.posLookup(), Clock: clock}, client)
		},
	},
	"smaregi": {
		needs: []string{"POS_ACCOUNT", "POS_CLIENT_ID", "POS_CLIENT_SECRET"},
		reads: []string{"POS_URL", "POS_SANDBOX"},
		at:    func(c Config) string { return c.POSAccount + c.sandbox() },
		open: func(c Config, clock func() time.Time, client *http.Client) (POSClient, error) {
			return smaregi.New(smaregi.Config{Account: c.POSAccount, ClientID: c.POSClientID,
				ClientSecret: string(c.POSClientSecret), Sandbox: c.POSSandbox, APIURL: c.POSURL, TokenURL: c.POSURL,
				Timeout: c.POSTimeout, Clock: clock}, client)
		},
	},
	"square": {
		needs: []string{"POS_TOKEN"},
		reads: []string{"POS_URL", "POS_SANDBOX", "POS_WEBHOOK_KEY", "POS_WEBHOOK_URL"},
		at:    Config.sandbox,
		open: func(c Config, clock func() time.Time, client *http.Client) (POSClient, error) {
			return square.New(square.Config{URL: c.POSURL, Sandbox: c.POSSandbox, Token: string(c.POSToken),
				Timeout: c.POSTimeout, Clock: clock}, client)
		},
	},
}

// posSettings are the settings that not every kind reads, by their names; empty where one is not set.
func (c Config) posSettings() map[string]string {
	sandbox := ""
	if c.POSSandbox {
		sandbox = "true"
	}
	return map[string]string{"POS_URL": c.POSURL, "POS_TOKEN": string(c.POSToken), "POS_REPLAY": c.POSReplay,
		"POS_LOOKUP": c.POSLookup, "POS_ACCOUNT": c.POSAccount, "POS_CLIENT_ID": c.POSClientID,
		"POS_CLIENT_SECRET": string(c.POSClientSecret), "POS_SANDBOX": sandbox,
		"POS_WEBHOOK_KEY": string(c.POSWebhookKey), "POS_WEBHOOK_URL": c.POSWebhookURL}
}

// posLookup is how the generic kind finds an entry again.
func (c Config) posLookup() coupons.Lookup {
	if c.POSLookup == "none" {
		return coupons.LookupNone
	}
	return coupons.LookupExact
}

// accountPattern is what can stand in an address as it is written.
var accountPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// checkPOS names what the kind needs and does not have, and what is set that the kind does not read: a setting that
// does nothing is a misunderstanding about points.
func (c Config) checkPOS(f *faults) {
	kind, known := posKinds[c.POSKind]
	f.oneOf("POS_KIND", c.POSKind, slices.Sorted(maps.Keys(posKinds))...)
	if c.POSReplay != "" {
		f.oneOf("POS_REPLAY", c.POSReplay, "key", "none")
	}
	if c.POSLookup != "" {
		f.oneOf("POS_LOOKUP", c.POSLookup, "exact", "none")
	}
	if c.POSURL != "" {
		checkBase(f, "POS_URL", c.POSURL)
	}
	if c.POSAccount != "" && !accountPattern.MatchString(c.POSAccount) {
		f.add("POS_ACCOUNT is not a contract id: letters, digits, - and _")
	}
	if strings.Contains(c.POSClientID, ":") {
		f.add("POS_CLIENT_ID has a colon, which would end it on its way")
	}
	settings := c.posSettings()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		switch {
		case !known:
		case slices.Contains(kind.needs, name):
			f.require(name, settings[name])
		case settings[name] != "" && !slices.Contains(kind.reads, name):
			f.add("%s is set, and POS_KIND=%s does not read it", name, c.POSKind)
		}
	}
	if slices.Contains(kind.reads, "POS_WEBHOOK_KEY") && (c.POSWebhookKey != "" || c.POSWebhookURL != "") {
		// One without the other proves nothing: the key signs the address with the body.
		f.require("POS_WEBHOOK_KEY", string(c.POSWebhookKey))
		if f.require("POS_WEBHOOK_URL", c.POSWebhookURL) {
			checkURL(f, "POS_WEBHOOK_URL", c.POSWebhookURL)
		}
	}
}

func (c Config) sandbox() string {
	if c.POSSandbox {
		return " sandbox"
	}
	return ""
}

// TillName names the POS of the settings: its kind, its address where it has one of its own, and its account. A token
// can be renewed and is no part of it.
func (c Config) TillName() string {
	name := c.tillAccount()
	if u, err := url.Parse(strings.TrimSuffix(c.POSURL, "/")); err == nil && u.Host != "" {
		name += " " + u.Scheme + "://" + u.Host + u.EscapedPath()
	}
	return name
}

// tillAccount is the POS's kind, and the account there that the settings name.
func (c Config) tillAccount() string {
	return strings.TrimSpace(c.POSKind + " " + strings.TrimSpace(posKinds[c.POSKind].at(c)))
}

// OpenPOS makes the client of the chosen kind.
func (c Config) OpenPOS(clock func() time.Time, client *http.Client) (POSClient, error) {
	return posKinds[c.POSKind].open(c, clock, client)
}

// pointsWebhooks takes in what the POS tells by itself; nil where it was not asked to.
func (c Config) pointsWebhooks(kept store.Webhooks, clock domain.Clock) api.Webhooks {
	if c.POSWebhookKey == "" {
		return nil
	}
	return &webhooks.Points{Reader: square.Webhooks{Key: string(c.POSWebhookKey), URL: c.POSWebhookURL}, Store: kept,
		Clock: clock, PerMinute: c.WebhooksPerMinute}
}

// accounts finds out whose points a member's id means, behind the breaker; nil where an id always means the same.
func (g guarded) accounts() coupons.Accounts {
	if asked, ok := g.POSClient.(coupons.Accounts); ok {
		return guardedAccounts{g, asked}
	}
	return nil
}

type guardedAccounts struct {
	guarded
	asked coupons.Accounts
}

// Account implements coupons.Accounts.
func (g guardedAccounts) Account(ctx context.Context, customerID string) (string, error) {
	return through(g.guarded, "account", func() (string, error) { return g.asked.Account(ctx, customerID) })
}

// pastOf is what a POS tells of what moved a member's points, behind the breaker: pages of entries with references, or
// every change of a window.
func (g guarded) pastOf() (books.POS, coupons.History) {
	var pages books.POS
	var changes coupons.History
	if past, ok := g.POSClient.(books.POS); ok {
		pages = guardedPages{g, past}
	}
	if past, ok := g.POSClient.(coupons.History); ok {
		changes = guardedChanges{g, past}
	}
	return pages, changes
}

// guardedPages is what only the books ask. An open circuit keeps them away too, but their failures open none: where a
// POS answers everything but its history, customers go on.
type guardedPages struct {
	guarded
	past books.POS
}

// History implements books.POS.
func (g guardedPages) History(ctx context.Context, q books.HistoryQuery) (books.HistoryPage, error) {
	return aside(g.guarded, "history", func() (books.HistoryPage, error) { return g.past.History(ctx, q) })
}

// guardedChanges is what a conversion asks as well, where entries have no references. A POS that does not answer it
// cannot be used for anything, so its failures count.
type guardedChanges struct {
	guarded
	past coupons.History
}

// Entries implements coupons.History.
func (g guardedChanges) Entries(ctx context.Context, customerID string, from, to time.Time) ([]coupons.Entry, error) {
	return through(g.guarded, "history", func() ([]coupons.Entry, error) {
		return g.past.Entries(ctx, customerID, from, to)
	})
}
