package app

import (
	"context"
	"fmt"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/identity/learn"
	"pointbridge/domain/orders"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/shopify"
	"pointbridge/integrations/store"
	"pointbridge/templates"
)

const (
	// identityEvery is how often what is old is forgotten, and what a new key has not reached is brought under it;
	// both begin with a start.
	identityEvery = time.Hour
	identityLimit = 10 * time.Minute
)

// learner does what the queue asks for about orders and decisions.
type learner struct {
	*learn.Orders
	learn.Acts
}

// wireIdentity connects decisions with orders, conversions and what follows in the shop.
func (a *App) wireIdentity(watch *metrics.Metrics) error {
	service, err := a.Config.DecisionService(a.Store, watch)
	if err != nil {
		return err
	}
	now := domain.SystemClock{}.Now
	a.protected = &learn.Switch{Campaigns: a.Store.Campaigns, Now: now}
	shop := a.Shop.Background()
	acts := learn.Acts{Decisions: a.Store.Identity, Uses: a.Store.Identity, Admin: shop, OrderTag: a.Config.IdentityTagOrder,
		CustomerTag: a.Config.IdentityTagCustomer, Risk: a.Config.IdentityRisk, Hold: a.Config.IdentityHold,
		Logger: a.Logger}
	words, err := templates.Texts()
	if err != nil {
		return err
	}
	staff := staffWords{words: words, locale: a.Config.ShopLocale, zone: a.Service.Policy.Location}
	acts.Facts, acts.Note = staff.facts, staff.note()
	service.Follow, service.Judged, service.Took = acts.Follow, acts.Judged, watch.DecisionTook
	service.Self = a.Store.Identity.Self
	service.Shop = shopFacts{ofBuyers: a.Shop, ofOrders: shop}
	a.Decisions = service
	a.Learning = &learn.Orders{Switch: a.protected, Uses: a.Store.Identity, Holders: a.Store.Identity, Shop: shop,
		Decider: service, TestOrders: a.Config.TestOrders, Retention: time.Duration(a.Config.IdentityRetention), Now: now,
		Logger: a.Logger}
	a.learner = learner{a.Learning, acts}
	a.Orders.Uses = noticed{a.Learning}
	a.Service.Guard = learn.Issue{Switch: a.protected, Asker: service,
		Policies: a.Store.Campaigns, Currency: a.Service.Policy.Currency}
	return nil
}

// shopFacts asks what rules need to know: of an order behind those who wait at a checkout.
type shopFacts struct{ ofBuyers, ofOrders *shopify.Client }

// ShopFacts implements decisions.ShopFacts.
func (f shopFacts) ShopFacts(ctx context.Context, q decisions.ShopQuestion) (decisions.ShopAnswer, error) {
	if q.Before.IsZero() {
		return f.ofBuyers.ShopFacts(ctx, q)
	}
	return f.ofOrders.ShopFacts(ctx, q)
}

// Traces forgets what was learned of people. Without usable keys, which the settings are checked for, it refuses.
func (c Config) Traces(db *store.Store, clock domain.Clock) learn.Traces {
	forms, _ := c.Canonical()
	ring, _ := c.IdentityKeys()
	return learn.Traces{Archive: db.Identity, Canonical: forms, Keys: ring, Members: db.Members,
		Recipients: db.Batches, Now: clock.Now,
		Current: keysInUse(db, ring).Current}
}

// writeTime writes a moment in a language's form, in the shop's time.
func (a *App) writeTime(language string, at time.Time) string {
	return templates.DateTime(language, at, a.Service.Policy.Location)
}

// identityRounds keep digests in order.
func (a *App) identityRounds() []jobs.Round {
	old := learn.Maintenance{Archive: a.Store.Identity, Retention: time.Duration(a.Config.IdentityRetention),
		Now: domain.SystemClock{}.Now}
	return []jobs.Round{
		{Name: "identity", Every: identityEvery, Limit: identityLimit, Run: old.Forget},
		{Name: "campaigns_ending", Every: identityEvery, Limit: identityLimit, Run: campaigns.Digest{
			Campaigns: a.Store.Campaigns, Teller: a.Store.Campaigns, Days: a.Config.CampaignDigest,
			Write: a.writeTime, Now: domain.SystemClock{}.Now}.Look},
		{Name: "refusals", Every: identityEvery, Limit: identityLimit, Run: decisions.Unusual{Rollups: a.Store.Identity,
			Settings: a.Store.Settings, Alert: a.alert, Least: a.Config.RefusalAlert, Now: domain.SystemClock{}.Now}.Look},
		{Name: "identity_keys", Every: identityEvery, Limit: identityLimit, Run: func(ctx context.Context) error {
			done, _, err := a.Config.RotateIdentity(ctx, a.Store, func(int) {})
			if done > 0 {
				a.Logger.InfoContext(ctx, "digests were brought under the newest key", "digests", done)
			}
			return err
		}},
	}
}

// noticed tells what learns from orders of those that were heard of.
type noticed struct{ learning *learn.Orders }

// Notice implements orders.Uses. A text that somebody put into an order by hand used no code.
func (n noticed) Notice(ctx context.Context, o orders.Order) error {
	codes := append(append([]string{}, o.Codes...), o.Applied...)
	return n.learning.Notice(ctx, learn.Sighting{ID: o.ID, Codes: codes, PlacedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt,
		Test: o.Test, Void: o.Voided() || o.Payment == domain.PaymentVoided})
}

// heardCampaigns are campaigns of which a change counts at once.
type heardCampaigns struct {
	campaigns.Repository
	changed func()
}

// Make implements campaigns.Repository.
func (h heardCampaigns) Make(ctx context.Context, c campaigns.Campaign, allow func([]campaigns.Campaign) error,
	entry domain.AuditEntry) (campaigns.Campaign, error) {
	defer h.changed()
	return h.Repository.Make(ctx, c, allow, entry)
}

// Change implements campaigns.Repository.
func (h heardCampaigns) Change(ctx context.Context, c campaigns.Campaign, by string,
	entry domain.AuditEntry) (campaigns.Campaign, error) {
	defer h.changed()
	return h.Repository.Change(ctx, c, by, entry)
}

// staffWords says to the shop's own staff what speaks for a decision, in the shop's language.
type staffWords struct {
	words  *templates.Catalogue
	locale string
	zone   *time.Location
}

func (w staffWords) say(key string, figures map[string]any) string {
	text, err := w.words.Fill(w.locale, key, figures)
	if err != nil {
		return key
	}
	return text
}

func (w staffWords) note() string { return w.say("identity.hold.note", nil) }

// facts are the score, and each signal with the earlier orders that it is about. No value of a person is in them.
func (w staffWords) facts(d decisions.Decision) []identity.RiskFact {
	list := []identity.RiskFact{{Sentiment: identity.RiskNeutral, Text: w.say("identity.risk.score", map[string]any{
		"score": fmt.Sprint(d.Answer.Score()), "threshold": fmt.Sprint(d.Answer.Threshold), "decision": d.PublicID})}}
	for _, s := range d.Answer.Signals {
		kind := w.say("decision.signal."+string(s.Kind), nil)
		if len(s.Matched) == 0 {
			list = append(list, identity.RiskFact{Sentiment: identity.RiskNegative, Text: kind})
		}
		for _, m := range s.Matched[:min(len(s.Matched), 3)] {
			list = append(list, identity.RiskFact{Sentiment: identity.RiskNegative,
				Text: w.say("identity.risk.matched", map[string]any{"kind": kind, "order": m.Order,
					"day": m.At.In(w.zone).Format(time.DateOnly)})})
		}
	}
	return list[:min(len(list), identity.MostRiskFacts)]
}
