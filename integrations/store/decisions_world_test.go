package store_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// asWritten takes signals as they are written, in small letters.
type asWritten struct{}

func (asWritten) Forms(s identity.Shown) map[identity.Kind][]string {
	forms := map[identity.Kind][]string{}
	add := func(kind identity.Kind, values ...string) {
		for _, v := range values {
			if v != "" {
				forms[kind] = append(forms[kind], strings.ToLower(v))
			}
		}
	}
	add(identity.Customer, s.CustomerID)
	add(identity.Email, s.Emails...)
	add(identity.Phone, s.Phones...)
	add(identity.IP, s.IPs...)
	add(identity.Device, s.Devices...)
	add(identity.Name, s.Names...)
	for _, a := range s.Addresses {
		add(identity.Address, a.Line1+a.Zip)
	}
	return forms
}

// ring is a keyring of so many keys: each newer one wraps what the older ones made.
type ring int

func (r ring) Version() int { return int(r) }

func (r ring) versions(kind identity.Kind, form string) []identity.Digest {
	all := []identity.Digest{{Key: 1, Sum: sealed(1, string(kind)+"\x00"+form)}}
	for len(all) < int(r) {
		last := all[len(all)-1]
		all = append(all, identity.Digest{Key: last.Key + 1, Sum: sealed(last.Key+1, string(last.Sum[:]))})
	}
	return all
}

func sealed(key int, text string) (sum [16]byte) {
	mac := hmac.New(sha256.New, []byte{byte(key)})
	mac.Write([]byte(text))
	copy(sum[:], mac.Sum(nil))
	return sum
}

func (r ring) printed(forms map[identity.Kind][]string, newest bool) (identity.Print, error) {
	print := identity.Print{}
	for kind, texts := range forms {
		for _, form := range texts {
			all := r.versions(kind, form)
			if newest {
				all = all[len(all)-1:]
			}
			print[kind] = append(print[kind], all...)
		}
	}
	return print, nil
}

func (r ring) Print(forms map[identity.Kind][]string) (identity.Print, error) {
	return r.printed(forms, true)
}

func (r ring) Candidates(forms map[identity.Kind][]string) (identity.Print, error) {
	return r.printed(forms, false)
}

func (r ring) WrapTo(d identity.Digest, version int) (identity.Digest, error) {
	if version < d.Key || version > int(r) {
		return identity.Digest{}, errors.New("no such key")
	}
	for d.Key < version {
		d = identity.Digest{Key: d.Key + 1, Sum: sealed(d.Key+1, string(d.Sum[:]))}
	}
	return d, nil
}

// observed is what an observer was told.
type observed struct {
	mu   sync.Mutex
	told []string
}

func (c *observed) note(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, text)
}

func (c *observed) Decided(campaign string, stage decisions.Stage, a decisions.Answer) {
	c.note(fmt.Sprintf("%s %s %s", campaign, stage, a.Outcome))
}
func (c *observed) LeakedCode(campaign string) { c.note("leaked " + campaign) }
func (c *observed) Judged(campaign string, outcome decisions.Outcome, j decisions.Judgement) {
	c.note(fmt.Sprintf("%s %s is %s", campaign, outcome, j))
}

// deciding is a service on a database of its own, with a campaign "summer" that is enforced under the preset medium.
type deciding struct {
	*decisions.Service
	t        *testing.T
	store    *store.Store
	told     *observed
	jobs     []domain.Job
	campaign campaigns.Service
	now      time.Time
	// rulesAt is when rules are made and changed: before all orders, unless a test says otherwise.
	rulesAt time.Time
}

var boss = domain.Caller{ID: "staff:1", Name: "Boss", Role: domain.RoleECAdmin, Credential: "session:1"}

func decide(t *testing.T, db storetest.Database) *deciding {
	t.Helper()
	w := &deciding{t: t, told: &observed{}, now: noon}
	var mu sync.Mutex
	w.store = db.Open(t, now, func(_ context.Context, _ *sql.Tx, jobs []domain.Job) error {
		mu.Lock()
		defer mu.Unlock()
		w.jobs = append(w.jobs, jobs...)
		return nil
	})
	w.rulesAt = noon.Add(-800 * day)
	w.campaign = campaigns.Service{Campaigns: w.store.Campaigns, Now: func() time.Time { return w.rulesAt }}
	w.Service = &decisions.Service{Campaigns: w.store.Campaigns, Decisions: w.store.Identity, Uses: w.store.Identity,
		Verdicts: w.store.Identity, Canonical: asWritten{}, Keys: ring(1), Observer: w.told,
		Now: func() time.Time { return w.now }, Retention: 400 * day,
		Disposable: func(d string) bool { return d == "trash.example" }}
	w.make("summer", "SUMMER-", decisions.Medium)
	return w
}

// make makes a campaign that is live and enforced.
func (w *deciding) make(key, prefix string, preset decisions.Preset) {
	w.t.Helper()
	p := decisions.NewPolicy(preset)
	p.Mode, p.Weak = decisions.Enforce, decisions.WeakSettings{DisposableDomain: true}
	_, err := w.campaign.Make(w.t.Context(), boss, campaigns.Campaign{Key: key, Prefix: prefix, Policy: p,
		Names: []campaigns.Name{{Language: "en", Text: key}}})
	if err == nil {
		_, err = w.campaign.SetStatus(w.t.Context(), boss, key, campaigns.Live, "")
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// protect changes the policy of "summer".
func (w *deciding) protect(change func(*decisions.Policy)) {
	w.t.Helper()
	c, err := w.store.Campaigns.ByKey(w.t.Context(), "summer")
	if err != nil {
		w.t.Fatal(err)
	}
	change(&c.Policy)
	if _, err := w.campaign.Protect(w.t.Context(), boss, "summer", c.Policy.Version, c.Policy); err != nil {
		w.t.Fatal(err)
	}
}

// ask asks at the checkout for a code of "summer".
func (w *deciding) ask(shown identity.Shown) decisions.Decision {
	w.t.Helper()
	d, err := w.Ask(w.t.Context(), decisions.Question{Code: "summer-new", Stage: decisions.StageCheckout, Shown: shown,
		Currency: "JPY"})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// used is an order of so many hours ago.
func (w *deciding) used(number, hours int, shown identity.Shown) decisions.SeenOrder {
	return decisions.SeenOrder{Shown: shown, Use: decisions.Use{OrderID: fmt.Sprint("gid://shopify/Order/", number),
		Order: fmt.Sprint("#", number), Code: fmt.Sprint("SUMMER-", number), CustomerGID: shown.CustomerID,
		At: w.now.Add(-time.Duration(hours) * time.Hour), Gross: 5000, Discount: 500, Currency: "JPY",
		Source: decisions.FromOrder}}
}

func (w *deciding) see(number, hours int, shown identity.Shown) decisions.Decision {
	w.t.Helper()
	d, err := w.SeeUse(w.t.Context(), w.used(number, hours, shown))
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// void is the order once it has come to nothing.
func (w *deciding) void(o decisions.SeenOrder) {
	w.t.Helper()
	o.Use.VoidReason = "refunded"
	if d, err := w.SeeUse(w.t.Context(), o); err != nil || d.PublicID != "" {
		w.t.Fatalf("an order that came to nothing is decided about: %q, %v", d.PublicID, err)
	}
}

func (w *deciding) count(query string) (n int) {
	w.t.Helper()
	if err := w.store.DB().QueryRowContext(w.t.Context(), query).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// dump writes all that stands in a table, but for one column.
func (w *deciding) dump(to *strings.Builder, table, without string) {
	w.t.Helper()
	rows, err := w.store.DB().QueryContext(w.t.Context(), "SELECT * FROM "+table)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		w.t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.t.Fatal(err)
		}
		for i, v := range values {
			if columns[i] != without {
				_, _ = fmt.Fprintf(to, "%s %v\n", v, v)
			}
		}
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
}

func wants(t *testing.T, what string, d decisions.Decision, outcome decisions.Outcome, reason decisions.Reason) {
	t.Helper()
	if d.Answer.Outcome != outcome || d.Answer.Reason != reason {
		t.Errorf("%s: %s %s, want %s %s", what, d.Answer.Outcome, d.Answer.Reason, outcome, reason)
	}
}

func taro() identity.Shown {
	return identity.Shown{CustomerID: "gid://shopify/Customer/7", Emails: []string{"taro@example.com"},
		Phones: []string{"+819012345678"}, IPs: []string{"203.0.113.7"}, Names: []string{"山田太郎"},
		Addresses: []identity.PostalAddress{{Line1: "1-2-3 Ginza", Zip: "1040061", Country: "JP"}}}
}

// hanako lives with taro, and has everything of her own but the address and the phone.
func hanako() identity.Shown {
	s := taro()
	s.CustomerID, s.Emails, s.Names = "gid://shopify/Customer/8", []string{"hanako@example.com"}, []string{"山田花子"}
	return s
}
