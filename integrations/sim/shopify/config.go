package shopify

import (
	"errors"
	"time"

	"pointbridge/integrations/sim"
)

// Config describes the store to simulate. Shop, APIVersion and a way to sign in (AccessToken, or ClientID with
// ClientSecret) are required; everything else has the vendor's value as its default.
type Config struct {
	// Shop is the permanent host, e.g. "demo.myshopify.com".
	Shop string
	// Name is what the store is called; its host when empty.
	Name string
	// Timezone is the store's IANA zone; Asia/Tokyo.
	Timezone string
	// APIVersion is the only version served, e.g. "2026-10"; another one is 404.
	APIVersion string
	// ClientID and ClientSecret are accepted by the client-credentials grant.
	ClientID, ClientSecret string
	// AccessToken is a token that never ends, as merchants' older apps have; it also opens /_sim/.
	AccessToken string
	// Scopes are what the app was granted, with commas between them; by default what it needs at least. Only what some
	// installations lack is checked: write_orders, and read_all_orders, without which orders older than 60 days do not
	// exist for the app.
	Scopes string
	// TokenLife is how long a granted token is good; the vendor says 86399 s.
	TokenLife time.Duration
	// Currency of the shop; JPY.
	Currency string
	// AppID is the number in the resolved "$app" namespace, "app--<AppID>".
	AppID int64
	// Bucket is the cost budget of this app on this store.
	Bucket Bucket
	// Plus is the plan on which an app may have a Function: pointbridge-guard is deployed there, and runs at the checkout
	// while an automatic discount stands behind it.
	Plus bool
	// Clock tells the store's time; time.Now.
	Clock func() time.Time
	// Faults decides what goes wrong, by act: "shopify.token", "shopify.<root field>", "shopify.webhook" (subject: the
	// topic). May be nil.
	Faults *sim.Faults
	// Path is the journal that keeps the store over a restart; in memory only when empty.
	Path string
	// Webhooks says how subscriptions are served.
	Webhooks Webhooks
	// History keeps every change of a discount and every value of a metafield for tests to look at.
	History bool
}

// Bucket is the vendor's leaky bucket, in cost points. Standard plan: 2000 points, 100 restored a second, no query
// above 1000 points.
type Bucket struct {
	Maximum     float64
	RestoreRate float64 // points per second
	SingleQuery int     // the most that one query may cost
}

func (c Config) withDefaults() (Config, error) {
	var faults []error
	if c.Shop == "" {
		faults = append(faults, errors.New("Shop is missing"))
	}
	if c.APIVersion == "" {
		faults = append(faults, errors.New("APIVersion is missing"))
	}
	if c.AccessToken == "" && (c.ClientID == "" || c.ClientSecret == "") {
		faults = append(faults, errors.New("AccessToken, or ClientID and ClientSecret, are missing"))
	}
	setDefault(&c.Name, c.Shop)
	setDefault(&c.Timezone, "Asia/Tokyo")
	setDefault(&c.Scopes, usualScopes)
	setDefault(&c.TokenLife, 86399*time.Second)
	setDefault(&c.Currency, "JPY")
	setDefault(&c.AppID, 220011550)
	setDefault(&c.Bucket.Maximum, 2000)
	setDefault(&c.Bucket.RestoreRate, 100)
	setDefault(&c.Bucket.SingleQuery, 1000)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	c.Webhooks = c.Webhooks.withDefaults()
	return c, errors.Join(faults...)
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
