package world

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store"
)

// OrderBefore is an order so many days ago that used a code, and the person as it shows them.
func OrderBefore(n, days int, code string, who identity.Shown) decisions.SeenOrder {
	return decisions.SeenOrder{Shown: who, Use: decisions.Use{OrderID: fmt.Sprintf("gid://shopify/Order/%d", n),
		Order: fmt.Sprintf("#%d", n), Code: code, CustomerGID: who.CustomerID, At: time.Now().UTC().AddDate(0, 0, -days),
		Gross: 3000, Discount: 500, Currency: "JPY", Source: decisions.FromOrder}}
}

// LongStanding lets the rules of all campaigns have stood for years, so that orders of the last days are held to them.
func LongStanding(t *testing.T, db *store.Store) {
	t.Helper()
	if _, err := db.DB().ExecContext(t.Context(),
		`UPDATE campaign_policies SET at = '2020-01-01 00:00:00+00:00'`); err != nil {
		t.Fatal(err)
	}
}

// KeysOfOld lets every key of digests be known for years: it is in use.
func KeysOfOld(t *testing.T, db *store.Store) {
	t.Helper()
	if _, err := db.DB().ExecContext(t.Context(), `UPDATE identity_keys SET seen_at = '2020-01-01 00:00:00+00:00'`); err != nil {
		t.Fatal(err)
	}
}

// SeeInDemo tells a demo's database of such orders.
func SeeInDemo(t *testing.T, data string, orders ...decisions.SeenOrder) {
	t.Helper()
	inDemo(t, data, func(cfg app.Config, db *store.Store) error {
		LongStanding(t, db)
		service, err := cfg.DecisionService(db, app.Unwatched{})
		for _, o := range orders {
			if err == nil {
				_, err = service.SeeUse(context.WithoutCancel(t.Context()), o)
			}
		}
		return err
	})
}

// RuleInDemo changes the rules of a campaign in a demo's database.
func RuleInDemo(t *testing.T, data, key string, change func(*decisions.Policy)) {
	t.Helper()
	inDemo(t, data, func(_ app.Config, db *store.Store) error {
		c, err := db.Campaigns.ByKey(t.Context(), key)
		if err != nil {
			return err
		}
		change(&c.Policy)
		book := campaigns.Service{Campaigns: db.Campaigns, Now: time.Now}
		_, err = book.Protect(t.Context(), domain.System(), key, c.Policy.Version, c.Policy)
		return err
	})
}

func inDemo(t *testing.T, data string, do func(app.Config, *store.Store) error) {
	t.Helper()
	file, err := demo.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := demo.DemoConfig(file, data, "127.0.0.1:8080", "127.0.0.1:25")
	if err != nil {
		t.Fatal(err)
	}
	cfg.DatabaseURL = "sqlite:" + filepath.Join(data, "pointbridge.db")
	db, err := store.Open(t.Context(), cfg.Database(2, slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := do(cfg, db); err != nil {
		t.Fatal(err)
	}
}
