package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the shop's time zone must load in an image without zone files

	"github.com/caarlos0/env/v11"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// Config is everything an operator can set, read from the environment once. `doc` is what .env.example says.
type Config struct {
	DatabaseURL string `env:"DATABASE_URL" doc:"postgres://user:password@host/database, or sqlite:path for a single machine"`
	DBMaxConns  int    `env:"DB_MAX_CONNS" envDefault:"20" doc:"Connections to PostgreSQL per process"`
	HTTPAddr    string `env:"HTTP_ADDR" envDefault:":8080" doc:"Address to listen on"`
	PublicURL   string `env:"PUBLIC_URL" doc:"Address under which callers reach the service"`
	SecretKey   Secret `env:"SECRET_KEY" doc:"At least 32 random characters, e.g. from: openssl rand -base64 48"`

	ShopName     string `env:"SHOP_NAME" doc:"Name of the shop, as mails sign it"`
	ShopCurrency string `env:"SHOP_CURRENCY" envDefault:"JPY" doc:"ISO 4217 code of the shop's currency"`
	ShopTimezone string `env:"SHOP_TIMEZONE" envDefault:"Asia/Tokyo" doc:"IANA name of the shop's time zone"`
	ShopLocale   string `env:"SHOP_LOCALE" envDefault:"ja" doc:"Language for people who have not chosen one: ja or en"`

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
	AutoCases       int           `env:"AUTO_CASES" envDefault:"3" doc:"From so many cases of a customer in thirty days on a person decides all the same"`
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

// Secret is a text that never prints.
type Secret string

const stars = "*****"

// String prints stars, or nothing where nothing is set.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return stars
}

// GoString prints stars under %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText prints stars in JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue prints stars in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Days is a duration that also reads "365d".
type Days time.Duration

// UnmarshalText reads "365d" and what time.ParseDuration reads.
func (d *Days) UnmarshalText(text []byte) error {
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 36500 {
			return fmt.Errorf("%q is not a number of days", text)
		}
		*d = Days(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	parsed, err := time.ParseDuration(string(text))
	*d = Days(parsed)
	return err
}

// LoadConfig reads the environment and checks it. The error names every fault there is, and no secret.
func LoadConfig(environ []string) (Config, error) {
	var cfg Config
	err := env.ParseWithOptions(&cfg, env.Options{Environment: env.ToMap(environ)})
	var faults faults
	var all env.AggregateError
	if errors.As(err, &all) {
		for _, one := range all.Errors {
			faults.add("%s", unreadable(one))
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

type faults struct{ list []string }

func (f *faults) add(format string, args ...any) {
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

func (f *faults) require(name, value string) bool {
	if value == "" {
		f.add("%s is not set", name)
	}
	return value != ""
}

func (f *faults) oneOf(name, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		f.add("%s must be one of: %s", name, strings.Join(allowed, ", "))
	}
}

func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	return errors.New("the configuration has faults:\n  - " + strings.Join(f.list, "\n  - "))
}

var shopPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*\.myshopify\.com$`)

// check finds what can be told without asking anybody.
func (c Config) check(f *faults) {
	c.checkService(f)
	c.checkShopify(f)
	c.checkStorefront(f)
	c.checkPOS(f)
	c.checkMail(f)
	if _, err := c.Policy(); err != nil {
		for _, line := range strings.Split(err.Error(), "\n") {
			f.add("%s", line)
		}
	}
	c.checkTiming(f)
}

func (c Config) checkService(f *faults) {
	if f.require("DATABASE_URL", c.DatabaseURL) && !strings.HasPrefix(c.DatabaseURL, "sqlite:") &&
		!strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		f.add("DATABASE_URL must begin with postgres:// or sqlite:")
	}
	if f.require("SECRET_KEY", string(c.SecretKey)) {
		checkSecret(f, "SECRET_KEY", string(c.SecretKey), 32)
	}
	if f.require("PUBLIC_URL", c.PublicURL) {
		checkURL(f, "PUBLIC_URL", c.PublicURL)
	}
	f.require("SHOP_NAME", c.ShopName)
	for _, proxy := range c.TrustedProxies {
		if _, err := netip.ParseAddr(proxy); err != nil {
			if _, err := netip.ParsePrefix(proxy); err != nil {
				f.add("TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8")
			}
		}
	}
	f.oneOf("SHOP_LOCALE", c.ShopLocale, "ja", "en")
	f.oneOf("LOG_LEVEL", c.LogLevel, "debug", "info", "warn", "error")
	f.oneOf("LOG_FORMAT", c.LogFormat, "json", "text")
	for name, n := range map[string]int{"DB_MAX_CONNS": c.DBMaxConns, "JOB_WORKERS": c.JobWorkers, "RATE_LIMIT_PER_MINUTE": c.RateLimit,
		"SIGN_IN_FAILURES": c.SignInFailures, "SIGN_IN_FAILURES_ADDRESS": c.SignInFailuresAddress} {
		if n < 1 {
			f.add("%s must be at least 1", name)
		}
	}
	for name, n := range map[string]int{"CONVERSION_LOCK_AFTER": c.LockAfter, "UNKNOWN_CODE_ALERT": c.UnknownCodes} {
		if n < 0 {
			f.add("%s must not be negative", name)
		}
	}
}

// checkSecret refuses what everybody can guess.
func checkSecret(f *faults, name, value string, length int) {
	different := map[rune]bool{}
	for _, r := range value {
		different[r] = true
	}
	lower := strings.ToLower(value)
	switch {
	case len(value) < length:
		f.add("%s must have at least %d characters", name, length)
	case len(different) < 10, strings.Contains(lower, "changeme"), strings.Contains(lower, "change-me"), strings.Contains(lower, "secret"), strings.Contains(lower, "example"):
		f.add("%s is too easy to guess", name)
	}
}

// checkURL accepts https, and http on a loopback address.
func checkURL(f *faults, name, value string) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil {
		f.add("%s is not an address", name)
		return
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		f.add("%s must be https, or http on a loopback address", name)
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func (c Config) checkShopify(f *faults) {
	if f.require("SHOPIFY_SHOP", c.ShopifyShop) && !shopPattern.MatchString(c.ShopifyShop) {
		f.add("SHOPIFY_SHOP must look like example.myshopify.com")
	}
	if c.ShopifyAPIURL != "" {
		checkURL(f, "SHOPIFY_API_URL", c.ShopifyAPIURL)
	}
	if c.StorefrontURL != "" {
		checkURL(f, "STOREFRONT_URL", c.StorefrontURL)
	}
	f.require("SHOPIFY_API_VERSION", c.ShopifyAPIVersion)
	f.oneOf("SHOPIFY_WEBHOOKS", c.ShopifyWebhooks, "api", "app")
	byGrant, fixed := c.ShopifyClientID != "" && c.ShopifyClientSecret != "", c.ShopifyAccessToken != ""
	if !byGrant && !fixed {
		f.add("SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET, or SHOPIFY_ACCESS_TOKEN, must be set")
	}
	if fixed && c.ShopifyClientID != "" {
		f.add("SHOPIFY_ACCESS_TOKEN and SHOPIFY_CLIENT_ID are both set; one way in is enough")
	}
}

func (c Config) checkPOS(f *faults) {
	f.oneOf("POS_KIND", c.POSKind, "generic")
	f.oneOf("POS_REPLAY", c.POSReplay, "key", "none")
	f.oneOf("POS_LOOKUP", c.POSLookup, "exact", "none")
	f.require("POS_TOKEN", string(c.POSToken))
	if f.require("POS_URL", c.POSURL) {
		checkURL(f, "POS_URL", c.POSURL)
	}
}

func (c Config) checkMail(f *faults) {
	f.require("SMTP_HOST", c.SMTPHost)
	if c.SMTPPort < 1 || c.SMTPPort > 65535 {
		f.add("SMTP_PORT is not a port")
	}
	f.oneOf("SMTP_TLS", c.SMTPTLS, "mandatory", "opportunistic", "none")
	if c.SMTPTLS == "none" && !loopback(c.SMTPHost) {
		f.add("SMTP_TLS can be none on a loopback address only")
	}
	if f.require("MAIL_FROM", c.MailFrom) {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			f.add("MAIL_FROM is not an address")
		}
	}
}

func (c Config) checkTiming(f *faults) {
	if c.StepLease <= c.POSTimeout || c.StepLease <= c.ShopifyTimeout {
		f.add("STEP_LEASE must be longer than POS_TIMEOUT and SHOPIFY_TIMEOUT")
	}
	if c.SettleAfter <= c.POSTimeout || c.SettleAfter <= c.ShopifyTimeout {
		f.add("SETTLE_AFTER must be longer than POS_TIMEOUT and SHOPIFY_TIMEOUT")
	}
	if c.CancelGrace < 0 || c.CancelGrace > 10*time.Minute {
		f.add("CANCEL_GRACE must be between 0s and 10m")
	}
	if c.BooksEvery != 0 && c.BooksEvery < 10*time.Minute {
		f.add("BOOKS_CHECK_EVERY must be 0 or at least 10m")
	}
	if time.Duration(c.WebhooksKeep) < 24*time.Hour {
		f.add("WEBHOOKS_KEEP must be at least 1d")
	}
	for name, d := range map[string]time.Duration{"CONVERT_WAIT": c.ConvertWait, "POS_TIMEOUT": c.POSTimeout, "SHOPIFY_TIMEOUT": c.ShopifyTimeout,
		"SHUTDOWN_TIMEOUT": c.ShutdownTimeout, "SWEEP_EVERY": c.SweepEvery, "ORDERS_EVERY": c.OrdersEvery, "CONVERSION_LOCK_WINDOW": c.LockWindow, "CONVERSION_LOCK_FOR": c.LockFor,
		"SESSION_LIFE": c.SessionLife, "SIGN_IN_WINDOW": c.SignInWindow} {
		if d <= 0 {
			f.add("%s must be positive", name)
		}
	}
}

// Policy turns the settings into the rules of conversions. The error has one line per fault.
func (c Config) Policy() (coupons.Policy, error) {
	var f faults
	p := coupons.Policy{Currency: c.ShopCurrency, Unit: c.PointUnit, Minimum: c.PointMinimum, DailyLimit: c.PointDailyLimit,
		MaxActive: c.MaxActive, Validity: time.Duration(c.Validity), Retention: time.Duration(c.Retention), ReminderDays: c.ReminderDays,
		RankRates: map[string]domain.Rate{}, Lock: coupons.LockRule{After: c.LockAfter, Window: c.LockWindow, For: c.LockFor}}
	var err error
	if p.Rate, err = domain.ParseRate(c.PointRate); err != nil {
		f.add("POINT_RATE: %v", err)
	}
	if p.Location, err = time.LoadLocation(c.ShopTimezone); err != nil {
		f.add("SHOP_TIMEZONE is not a time zone")
	}
	if !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(c.ShopCurrency) {
		f.add("SHOP_CURRENCY is not an ISO 4217 code")
	}
	if p.MinimumSubtotal, err = domain.ParseMoney(c.MinimumSubtotal, c.ShopCurrency); err != nil || p.MinimumSubtotal.Minor < 0 {
		f.add("COUPON_MINIMUM_SUBTOTAL is not an amount")
	}
	if c.PointUnit < 1 || c.PointMinimum < c.PointUnit || c.PointMinimum%max(1, c.PointUnit) != 0 || c.PointDailyLimit < c.PointMinimum {
		f.add("POINT_UNIT, POINT_MINIMUM and POINT_DAILY_LIMIT must be positive, the minimum a multiple of the unit, the limit no less than the minimum")
	}
	if p.Validity < time.Hour || p.Validity > 10*366*24*time.Hour {
		f.add("COUPON_VALIDITY must be between 1h and 10 years")
	}
	c.readRates(&p, &f)
	c.readCaps(&p, &f)
	c.readVoids(&p, &f)
	for _, with := range c.CombinesWith {
		f.oneOf("COUPON_COMBINES_WITH", with, "order", "product", "shipping")
		p.CombinesWith.Order = p.CombinesWith.Order || with == "order"
		p.CombinesWith.Product = p.CombinesWith.Product || with == "product"
		p.CombinesWith.Shipping = p.CombinesWith.Shipping || with == "shipping"
	}
	for _, day := range c.ReminderDays {
		if day < 1 || day > 365 {
			f.add("REMINDER_DAYS must be between 1 and 365")
		}
	}
	if len(f.list) > 0 {
		return p, errors.New(strings.Join(f.list, "\n"))
	}
	return p, nil
}

func (c Config) readRates(p *coupons.Policy, f *faults) {
	for _, text := range c.PointRateRanks {
		rank, number, _ := strings.Cut(text, "=")
		rate, err := domain.ParseRate(number)
		if err != nil || rank == "" {
			f.add("POINT_RATE_RANKS: %q is not rank=rate", text)
			continue
		}
		p.RankRates[rank] = rate
	}
	for _, text := range c.PointCampaigns {
		times, number, _ := strings.Cut(text, "=")
		from, to, _ := strings.Cut(times, "/")
		start, err1 := time.Parse(time.RFC3339, from)
		end, err2 := time.Parse(time.RFC3339, to)
		rate, err3 := domain.ParseRate(number)
		if err1 != nil || err2 != nil || err3 != nil || !start.Before(end) {
			f.add("POINT_RATE_CAMPAIGNS: %q is not from/to=rate", text)
			continue
		}
		p.Campaigns = append(p.Campaigns, coupons.Campaign{From: start, To: end, Rate: rate})
	}
}

func (c Config) readCaps(p *coupons.Policy, f *faults) {
	p.Caps = map[domain.Role]coupons.Cap{}
	for _, text := range c.CancelCaps {
		role, bounds, _ := strings.Cut(text, "=")
		action, day, _ := strings.Cut(bounds, "/")
		perAction, err1 := strconv.ParseInt(action, 10, 64)
		perDay, err2 := strconv.ParseInt(day, 10, 64)
		if err1 != nil || err2 != nil || perAction < 0 || perDay < 0 || !slices.Contains(domain.Roles(), domain.Role(role)) {
			f.add("CANCEL_CAPS: %q is not role=per action/per day", text)
			continue
		}
		p.Caps[domain.Role(role)] = coupons.Cap{PerAction: perAction, PerDay: perDay}
	}
}

// readVoids reads what is done about orders that came to nothing.
func (c Config) readVoids(p *coupons.Policy, f *faults) {
	f.oneOf("PARTIAL_REFUND", c.PartialRefund, "ignore", "review")
	p.PartialRefunds, p.TestOrders, p.ReissueValidity = c.PartialRefund == "review", c.TestOrders, time.Duration(c.ReissueValidity)
	if p.ReissueValidity < time.Hour || p.ReissueValidity > 10*366*24*time.Hour {
		f.add("REISSUE_VALIDITY must be between 1h and 10 years")
	}
	for name, n := range map[string]int64{"FOUR_EYES_POINTS": c.FourEyesPoints, "AUTO_REISSUE_BELOW": c.AutoReissue, "AUTO_GRANT_BELOW": c.AutoGrant} {
		if n < 0 {
			f.add("%s must not be negative", name)
		}
	}
	if c.AutoReissue > 0 && c.AutoGrant > 0 {
		f.add("AUTO_REISSUE_BELOW and AUTO_GRANT_BELOW are both set; an order is made good in one way")
	}
	if c.AutoCases < 1 {
		f.add("AUTO_CASES must be at least 1")
	}
	p.FourEyes, p.Auto = c.FourEyesPoints, coupons.Auto{ReissueBelow: c.AutoReissue, GrantBelow: c.AutoGrant, Cases: c.AutoCases}
}

// LoopbackUpstreams names the upstreams that are on this machine: right for trying out, wrong for a shop.
func (c Config) LoopbackUpstreams() []string {
	var names []string
	for name, value := range map[string]string{"POS_URL": c.POSURL, "SHOPIFY_API_URL": c.ShopifyAPIURL} {
		if u, err := url.Parse(value); err == nil && loopback(u.Hostname()) {
			names = append(names, name)
		}
	}
	if loopback(c.SMTPHost) {
		names = append(names, "SMTP_HOST")
	}
	slices.Sort(names)
	return names
}
