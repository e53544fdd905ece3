package main

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // the shop's time zone must load in an image without zone files

	"github.com/caarlos0/env/v11"
)

// Config is everything an operator can set, read from the environment once. `doc` is what .env.example says.
type Config struct {
	DatabaseURL string `env:"DATABASE_URL" doc:"postgres://user:password@host/database, or sqlite:path for a single machine"`
	DBMaxConns  int    `env:"DB_MAX_CONNS" envDefault:"20" doc:"Connections to PostgreSQL per process"`
	HTTPAddr    string `env:"HTTP_ADDR" envDefault:":8080" doc:"Address to listen on"`
	PublicURL   string `env:"PUBLIC_URL" doc:"Address under which callers reach the service"`
	SecretKey   Secret `env:"SECRET_KEY" doc:"At least 32 random characters, e.g. from: openssl rand -base64 48"`

	DatabasePool   string `env:"DATABASE_POOL" envDefault:"session" doc:"transaction: DATABASE_URL is a pooler's that lends connections for one transaction each, such as PgBouncer with pool_mode=transaction"`
	DatabaseDirect string `env:"DATABASE_DIRECT_URL" doc:"Address of PostgreSQL itself, which pointbridge migrate needs where DATABASE_URL is such a pooler's"`

	ShopName     string `env:"SHOP_NAME" doc:"Name of the shop, as mails sign it"`
	ShopCurrency string `env:"SHOP_CURRENCY" envDefault:"JPY" doc:"ISO 4217 code of the shop's currency"`
	ShopTimezone string `env:"SHOP_TIMEZONE" envDefault:"Asia/Tokyo" doc:"IANA name of the shop's time zone"`
	ShopLocale   string `env:"SHOP_LOCALE" envDefault:"ja" doc:"Language for people who have not chosen one: ja or en"`
	ShopCountry  string `env:"SHOP_COUNTRY" envDefault:"JP" doc:"ISO 3166 code of the country whose phone numbers are written without a country code"`

	ShopifyShop            string        `env:"SHOPIFY_SHOP" doc:"The store: example.myshopify.com"`
	ShopifyAPIURL          string        `env:"SHOPIFY_API_URL" doc:"Address of the Admin API; https://<SHOPIFY_SHOP> when empty"`
	ShopifyAPIVersion      string        `env:"SHOPIFY_API_VERSION" doc:"Version of the Admin API, e.g. 2026-10"`
	ShopifyClientID        string        `env:"SHOPIFY_CLIENT_ID" doc:"Client id of the app, for the client-credentials grant"`
	ShopifyClientSecret    Secret        `env:"SHOPIFY_CLIENT_SECRET" doc:"Client secret of the app"`
	ShopifyClientSecretOld Secret        `env:"SHOPIFY_CLIENT_SECRET_OLD" doc:"The client secret before, accepted beside the new one while it is being replaced"`
	ShopifyAccessToken     Secret        `env:"SHOPIFY_ACCESS_TOKEN" doc:"A fixed access token, instead of client id and secret"`
	ShopifyNamespace       string        `env:"SHOPIFY_METAFIELD_NAMESPACE" envDefault:"$app" doc:"Namespace of the customer metafield that lists the coupons"`
	ShopifyKey             string        `env:"SHOPIFY_METAFIELD_KEY" envDefault:"coupons" doc:"Key of that metafield"`
	ShopifyTimeout         time.Duration `env:"SHOPIFY_TIMEOUT" envDefault:"10s" doc:"Bound of one call to Shopify"`
	ShopifyWebhooks        string        `env:"SHOPIFY_WEBHOOKS" envDefault:"api" doc:"api: shopify setup subscribes to webhooks; app: the deployed shopify.app.toml does"`
	StorefrontURL          string        `env:"STOREFRONT_URL" doc:"Address of the storefront, for links that apply a code; https://<SHOPIFY_SHOP> when empty"`

	StorefrontOrigins []string `env:"STOREFRONT_ORIGINS" doc:"Further addresses under which customers see the storefront, e.g. https://shop.example"`
	ExtensionOrigins  []string `env:"EXTENSION_ORIGINS" envDefault:"https://extensions.shopifycdn.com" doc:"Origins whose scripts may make a customer's calls with a session token; * for all, null for scripts that have none"`
	MemberNamespace   string   `env:"MEMBER_NAMESPACE" doc:"Namespace of the customer metafield that holds the member's id in the till, by which customers are linked on their first visit; customers must not be able to write it. Off when empty"`
	MemberKey         string   `env:"MEMBER_KEY" doc:"Key of that metafield"`

	POSKind    string        `env:"POS_KIND" envDefault:"generic" doc:"How the till speaks: generic"`
	POSURL     string        `env:"POS_URL" doc:"Address of the till's API"`
	POSToken   Secret        `env:"POS_TOKEN" doc:"Bearer token for the till"`
	POSReplay  string        `env:"POS_REPLAY" envDefault:"key" doc:"key: a request repeated under its key applies once; none: the till makes no such promise"`
	POSLookup  string        `env:"POS_LOOKUP" envDefault:"exact" doc:"exact: an entry can be found by its reference; none: it cannot"`
	POSTimeout time.Duration `env:"POS_TIMEOUT" envDefault:"10s" doc:"Bound of one call to the till"`

	SMTPHost     string `env:"SMTP_HOST" doc:"Mail server"`
	SMTPPort     int    `env:"SMTP_PORT" envDefault:"587" doc:"Port of the mail server"`
	SMTPUsername string `env:"SMTP_USERNAME" doc:"User at the mail server; empty for none"`
	SMTPPassword Secret `env:"SMTP_PASSWORD" doc:"Password at the mail server"`
	SMTPTLS      string `env:"SMTP_TLS" envDefault:"mandatory" doc:"mandatory, opportunistic, or none (loopback only)"`
	MailFrom     string `env:"MAIL_FROM" doc:"Sender of mails"`
	MailFooter   string `env:"MAIL_FOOTER" doc:"Last line of mails: how to reach the shop"`

	PointRate       string   `env:"POINT_RATE" envDefault:"1" doc:"Whole currency units one point is worth, e.g. 1 or 0.01"`
	PointRateRanks  []string `env:"POINT_RATE_RANKS" doc:"Rates of member ranks, e.g. gold=1.2,silver=1.1"`
	PointCampaigns  []string `env:"POINT_RATE_CAMPAIGNS" doc:"Rates for a time, e.g. 2026-12-01T00:00:00+09:00/2026-12-08T00:00:00+09:00=1.5"`
	PointUnit       int64    `env:"POINT_UNIT" envDefault:"100" doc:"Points are converted in multiples of this"`
	PointMinimum    int64    `env:"POINT_MINIMUM" envDefault:"100" doc:"Fewest points in one conversion"`
	PointDailyLimit int64    `env:"POINT_DAILY_LIMIT" envDefault:"10000" doc:"Most points a customer converts in one shop day"`
	MaxActive       int      `env:"MAX_ACTIVE_COUPONS" envDefault:"0" doc:"Most coupons a customer can hold at once; 0 for no bound"`

	Validity        Days     `env:"COUPON_VALIDITY" envDefault:"365d" doc:"How long a coupon is good, e.g. 365d or 36h"`
	MinimumSubtotal string   `env:"COUPON_MINIMUM_SUBTOTAL" envDefault:"0" doc:"Smallest cart a coupon works on, in currency units; 0 for none"`
	CombinesWith    []string `env:"COUPON_COMBINES_WITH" doc:"Discounts a coupon may be combined with: order,product,shipping; none when empty"`
	Retention       Days     `env:"CODE_RETENTION" envDefault:"30d" doc:"How long after its end a code stays in Shopify"`
	ReminderDays    []int    `env:"REMINDER_DAYS" envDefault:"30,7,1" doc:"Days before the end on which a customer is reminded"`

	CancelGrace     time.Duration `env:"CANCEL_GRACE" envDefault:"10s" doc:"How long after a code's end an open checkout can still become an order; points go back after it"`
	CancelCaps      []string      `env:"CANCEL_CAPS" envDefault:"store_manager=10000/100000,ec_admin=100000/1000000" doc:"Most points a person of a role gives back: role=per action/per shop day, 0 for no bound"`
	PartialRefund   string        `env:"PARTIAL_REFUND" envDefault:"ignore" doc:"What a refund of a part of an order with a coupon means: ignore, or review for a case that a person decides"`
	TestOrders      bool          `env:"COUNT_TEST_ORDERS" envDefault:"false" doc:"true: the shop's test orders count as orders"`
	ReissueValidity Days          `env:"REISSUE_VALIDITY" envDefault:"30d" doc:"How long a code is good at least that replaces one of an order that came to nothing"`
	FourEyesPoints  int64         `env:"FOUR_EYES_POINTS" envDefault:"0" doc:"Above so many points a reissue or a grant takes two people; 0 for never"`
	AutoReissue     int64         `env:"AUTO_REISSUE_BELOW" envDefault:"0" doc:"Below so many points the code of a cancelled order is reissued without a person; 0 for never"`
	AutoGrant       int64         `env:"AUTO_GRANT_BELOW" envDefault:"0" doc:"Below so many points those of a cancelled order are granted without a person; 0 for never"`
	AutoCases       int           `env:"AUTO_CASES" envDefault:"3" doc:"From so many cases of a person in thirty days on a person decides all the same"`
	OrderTag        string        `env:"REVIEW_ORDER_TAG" doc:"Tag that an order gets in Shopify when a case about it opens; off when empty. It takes the scope write_orders"`
	CustomerTag     string        `env:"REVIEW_CUSTOMER_TAG" doc:"Tag that the customer of such a case gets in Shopify; off when empty"`
	ConvertWait     time.Duration `env:"CONVERT_WAIT" envDefault:"8s" doc:"How long a request waits for its coupon before it is told: on its way"`
	StepLease       time.Duration `env:"STEP_LEASE" envDefault:"30s" doc:"How long one process alone works on a coupon"`
	SettleAfter     time.Duration `env:"SETTLE_AFTER" envDefault:"30s" doc:"After this an act that was never answered can no longer arrive"`
	RateLimit       int           `env:"RATE_LIMIT_PER_MINUTE" envDefault:"60" doc:"Requests per caller, customer and minute"`
	LockAfter       int           `env:"CONVERSION_LOCK_AFTER" envDefault:"20" doc:"Refused conversions that lock a customer's conversions for a while; 0 for never"`
	LockWindow      time.Duration `env:"CONVERSION_LOCK_WINDOW" envDefault:"10m" doc:"Within which time those are counted"`
	LockFor         time.Duration `env:"CONVERSION_LOCK_FOR" envDefault:"15m" doc:"How long such a lock lasts"`
	UnknownCodes    int           `env:"UNKNOWN_CODE_ALERT" envDefault:"20" doc:"Unknown codes asked for by one caller in a minute that raise an alert; 0 for none"`
	JobWorkers      int           `env:"JOB_WORKERS" envDefault:"8" doc:"Jobs of one kind that run at once in a process"`
	SweepEvery      time.Duration `env:"SWEEP_EVERY" envDefault:"5s" doc:"How often the service looks for work nobody is doing"`
	OrdersEvery     time.Duration `env:"ORDERS_EVERY" envDefault:"1m" doc:"How often the shop's orders are read for codes that were used"`
	BooksEvery      time.Duration `env:"BOOKS_CHECK_EVERY" envDefault:"24h" doc:"How often the books are compared; 0 for never"`
	BooksRepair     bool          `env:"BOOKS_REPAIR" envDefault:"false" doc:"true: that comparison also makes the repairs that are safe"`
	WebhooksKeep    Days          `env:"WEBHOOKS_KEEP" envDefault:"30d" doc:"How long it is remembered which webhooks came in; Shopify repeats one for hours"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"20s" doc:"How long a stop waits for what is running"`
	LogLevel        string        `env:"LOG_LEVEL" envDefault:"info" doc:"debug, info, warn or error"`
	LogFormat       string        `env:"LOG_FORMAT" envDefault:"json" doc:"json or text"`

	TrustedProxies        []string      `env:"TRUSTED_PROXIES" doc:"Addresses or networks of proxies whose X-Forwarded-For is believed, e.g. 10.0.0.0/8; none when empty"`
	SessionLife           time.Duration `env:"SESSION_LIFE" envDefault:"12h" doc:"How long a staff sign-in lasts"`
	SignInWindow          time.Duration `env:"SIGN_IN_WINDOW" envDefault:"15m" doc:"Failed sign-ins count for this long"`
	SignInFailures        int           `env:"SIGN_IN_FAILURES" envDefault:"5" doc:"Failed sign-ins with one mail address before it has to wait"`
	SignInFailuresAddress int           `env:"SIGN_IN_FAILURES_ADDRESS" envDefault:"20" doc:"Failed sign-ins from one network address before it has to wait"`
}

// LoadConfig reads the environment and checks it. The error names every fault there is, and no secret.
func LoadConfig(environ []string) (Config, error) {
	var cfg Config
	err := env.ParseWithOptions(&cfg, env.Options{Environment: env.ToMap(environ)})
	var faults faults
	var all env.AggregateError
	if errors.As(err, &all) {
		for _, one := range all.Errors {
			faults.cannotRead(unreadable(one))
		}
	}
	cfg.check(&faults)
	return cfg, faults.err()
}

// unreadable names the variable that cannot be read, and leaves its value out.
func unreadable(err error) string {
	var parse env.ParseError
	if !errors.As(err, &parse) {
		return "the environment cannot be read"
	}
	for _, f := range variables() {
		if f.field == parse.Name {
			return fmt.Sprintf("%s is not a %s", f.name, kindOf(parse.Type.String()))
		}
	}
	return parse.Name + " cannot be read"
}

func kindOf(goType string) string {
	switch goType {
	case "int", "int64", "[]int":
		return "whole number"
	case "bool":
		return "true or false"
	case "time.Duration", "main.Days":
		return "duration such as 10s or 365d"
	default:
		return "value of the right kind"
	}
}
