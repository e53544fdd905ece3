package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/caarlos0/env/v11"

	"pointbridge/policies"
)

// Config is everything an operator can set, read from the environment once. `doc` is what .env.example says.
type Config struct {
	DatabaseURL  string `env:"DATABASE_URL" needed:"yes" doc:"postgres://user:password@host/database, or sqlite:path for a single machine"`
	DBMaxConns   int    `env:"DB_MAX_CONNS" envDefault:"20" doc:"Connections to PostgreSQL per process"`
	DBPlaintext  bool   `env:"DATABASE_PLAINTEXT" envDefault:"false" doc:"true: PostgreSQL on another host may be spoken to without TLS, which everybody in between can read and change. Better: sslmode=verify-full in DATABASE_URL"`
	HTTPAddr     string `env:"HTTP_ADDR" envDefault:":8080" doc:"Address to listen on"`
	MetricsAddr  string `env:"METRICS_ADDR" doc:"Address of its own for /metrics, e.g. 127.0.0.1:9090; without a host it is this machine alone, beyond it takes METRICS_TOKEN. None when empty"`
	MetricsToken Secret `env:"METRICS_TOKEN" doc:"At least 32 random characters that /metrics asks for as a bearer token, on HTTP_ADDR too; without one HTTP_ADDR has no /metrics"`
	PublicURL    string `env:"PUBLIC_URL" needed:"yes" doc:"Address under which callers reach the service"`
	SecretKey    Secret `env:"SECRET_KEY" needed:"yes" doc:"At least 32 random characters, e.g. from: openssl rand -base64 48"`

	SecretKeyOld []Secret `env:"SECRET_KEY_OLD" doc:"Values of SECRET_KEY from before, the oldest first, with commas between them: requests for codes that were made under one are known again, and customers of the shop keep their ids. What else needs them: docs/operations.md, Changing SECRET_KEY"`

	AuditKey         Secret   `env:"AUDIT_KEY" doc:"At least 32 random characters that the audit is sealed with; derived from SECRET_KEY when empty. Keep a copy where the database's owner cannot read it"`
	AuditKeyOld      []Secret `env:"AUDIT_KEY_OLD" doc:"Keys from before, with commas between them: what they sealed stays verifiable. A SECRET_KEY from before is one as well"`
	AuditHeadsFile   string   `env:"AUDIT_HEADS_FILE" doc:"File to which each new head of the audit is added, on storage that the database's owner cannot write; none when empty"`
	AuditHeadsURL    string   `env:"AUDIT_HEADS_URL" doc:"Address to which each new head of the audit is posted; none when empty"`
	AuditHeadsSecret Secret   `env:"AUDIT_HEADS_SECRET" doc:"At least 32 random characters, shared with that address: they sign what is posted"`

	IdentityKey         Secret        `env:"IDENTITY_KEY" doc:"At least 32 random characters that what orders show of a person is digested with; derived from SECRET_KEY when empty. It can never be left out again: a newer key wraps it"`
	IdentityKeyOld      []Secret      `env:"IDENTITY_KEY_OLD" doc:"Every key from before, the oldest first, with commas between them; the SECRET_KEY of then where there was no IDENTITY_KEY. After a new key: pointbridge identity rotate"`
	DecisionWait        time.Duration `env:"DECISION_WAIT" envDefault:"2s" doc:"How long a decision at a cart or checkout waits for what a campaign's rules ask of Shopify; what is not answered by then nobody can tell, and the campaign says what becomes of it"`
	IdentityRetention   Days          `env:"IDENTITY_RETENTION" envDefault:"400d" doc:"How long digests of people, and which order used which code, are kept"`
	IdentityTagOrder    string        `env:"IDENTITY_TAG_ORDER" doc:"Tag that an order gets in Shopify when its code was refused or flagged; off when empty. It takes the scope write_orders"`
	IdentityTagCustomer string        `env:"IDENTITY_TAG_CUSTOMER" doc:"Tag that its customer gets; off when empty. It takes the scope write_customers"`
	IdentityRisk        bool          `env:"IDENTITY_RISK" envDefault:"false" doc:"true: such an order gets a risk assessment in Shopify that says what was found. It takes the scope write_orders"`
	IdentityHold        bool          `env:"IDENTITY_HOLD" envDefault:"false" doc:"true: the fulfilment of such an order waits in Shopify until a person decides. It takes the scopes for fulfilment orders"`
	IdentityDevice      string        `env:"IDENTITY_DEVICE_ATTRIBUTE" envDefault:"_pointbridge_device" doc:"Cart attribute in which the storefront leaves its id of the buyer's device"`

	IdentityDisposable []string `env:"IDENTITY_DISPOSABLE_DOMAINS" envDefault:"10minutemail.com,guerrillamail.com,mailinator.com,maildrop.cc,sharklasers.com,temp-mail.org,tempmail.com,throwawaymail.com,trashmail.com,yopmail.com" doc:"Domains of throw-away mailboxes, and what lies below them; an e-mail there is a weak signal, which never refuses"`

	Guard bool `env:"GUARD" envDefault:"false" doc:"true: a Shopify Function tells buyers at the checkout why a campaign's code cannot be used; for Shopify Plus alone, see docs/checkout-function.md. After a change: pointbridge shopify setup"`

	DatabasePool   string `env:"DATABASE_POOL" envDefault:"session" doc:"transaction: DATABASE_URL is a pooler's that lends connections for one transaction each, such as PgBouncer with pool_mode=transaction"`
	DatabaseDirect string `env:"DATABASE_DIRECT_URL" doc:"Address of PostgreSQL itself, which pointbridge migrate needs where DATABASE_URL is such a pooler's"`

	ShopName     string `env:"SHOP_NAME" needed:"yes" doc:"Name of the shop, as mails sign it"`
	ShopContact  string `env:"SHOP_CONTACT" doc:"How customers reach the shop: a mail address, a phone number or an https address. It stands on the customer's page and in mails"`
	ShopCurrency string `env:"SHOP_CURRENCY" envDefault:"JPY" doc:"ISO 4217 code of the shop's currency"`
	ShopTimezone string `env:"SHOP_TIMEZONE" envDefault:"Asia/Tokyo" doc:"IANA name of the shop's time zone"`
	ShopLocale   string `env:"SHOP_LOCALE" envDefault:"ja" doc:"Language for people who have not chosen one: ja or en"`
	ShopCountry  string `env:"SHOP_COUNTRY" envDefault:"JP" doc:"ISO 3166 code of the country whose phone numbers are written without a country code"`

	ShopperPhones bool `env:"SHOPPER_PHONES" envDefault:"false" doc:"true: staff give no campaign's code to a customer of the shop who has the phone number of one of their own memberships. The number is read from the shop when staff give somebody a code, and its spelling kept with who holds one; the app has to be let see phone numbers"`

	ShopifyShop            string        `env:"SHOPIFY_SHOP" needed:"yes" doc:"The store: example.myshopify.com"`
	ShopifyAPIURL          string        `env:"SHOPIFY_API_URL" doc:"Address of the Admin API; https://<SHOPIFY_SHOP> when empty"`
	ShopifyAPIVersion      string        `env:"SHOPIFY_API_VERSION" needed:"yes" doc:"Version of the Admin API, e.g. 2026-10"`
	ShopifyClientID        string        `env:"SHOPIFY_CLIENT_ID" needed:"yes" doc:"Client id of the app, for the client-credentials grant"`
	ShopifyClientSecret    Secret        `env:"SHOPIFY_CLIENT_SECRET" needed:"yes" doc:"Client secret of the app"`
	ShopifyClientSecretOld Secret        `env:"SHOPIFY_CLIENT_SECRET_OLD" doc:"The client secret before, accepted beside the new one while it is being replaced"`
	ShopifyAccessToken     Secret        `env:"SHOPIFY_ACCESS_TOKEN" doc:"A fixed access token, instead of client id and secret"`
	ShopifyNamespace       string        `env:"SHOPIFY_METAFIELD_NAMESPACE" envDefault:"$app" doc:"Namespace of the customer metafield that lists the coupons"`
	ShopifyKey             string        `env:"SHOPIFY_METAFIELD_KEY" envDefault:"coupons" doc:"Key of that metafield"`
	ShopifyTimeout         time.Duration `env:"SHOPIFY_TIMEOUT" envDefault:"10s" doc:"Bound of one call to Shopify"`
	ShopifyWebhooks        string        `env:"SHOPIFY_WEBHOOKS" envDefault:"api" doc:"api: shopify setup subscribes to webhooks; app: the deployed shopify.app.toml does"`
	StorefrontURL          string        `env:"STOREFRONT_URL" doc:"Address of the storefront, for links that apply a code; https://<SHOPIFY_SHOP> when empty"`

	StorefrontOrigins []string `env:"STOREFRONT_ORIGINS" doc:"Further addresses under which customers see the storefront, e.g. https://shop.example"`
	ExtensionOrigins  []string `env:"EXTENSION_ORIGINS" envDefault:"https://extensions.shopifycdn.com" doc:"Origins whose scripts may make a customer's calls with a session token; * for all, null for scripts that have none"`
	MemberNamespace   string   `env:"MEMBER_NAMESPACE" doc:"Namespace of the customer metafield that holds the member's id in the POS, by which customers are linked on their first visit; customers must not be able to write it. Off when empty"`
	MemberKey         string   `env:"MEMBER_KEY" doc:"Key of that metafield"`

	POSKind  string `env:"POS_KIND" envDefault:"generic" doc:"Which POS: generic speaks the contract of docs/pos-contract.md; square is Square Loyalty; smaregi is Smaregi"`
	POSURL   string `env:"POS_URL" needed:"yes" doc:"Address of the POS's API. generic needs it; for the other kinds it takes the place of the vendor's own addresses, where something stands in for them"`
	POSToken Secret `env:"POS_TOKEN" needed:"yes" doc:"Bearer token for the POS; for square an access token with LOYALTY_READ and LOYALTY_WRITE"`
	// POSMemberURL is for people, not for the service.
	POSMemberURL string `env:"POS_MEMBER_URL" doc:"Where staff see a member in the POS, with {number} for the member's number, e.g. https://till.example/members/{number}; a member's page leads there. None when empty"`
	POSSandbox   bool   `env:"POS_SANDBOX" doc:"The vendor's sandbox instead of production; not for generic"`
	POSReplay    string `env:"POS_REPLAY" doc:"generic alone. key, which is meant when empty: a request repeated under its key applies once; none: the POS makes no such promise"`
	POSLookup    string `env:"POS_LOOKUP" doc:"generic alone. exact, which is meant when empty: an entry can be found by its reference; none: it cannot"`

	POSAccount      string `env:"POS_ACCOUNT" doc:"smaregi: the contract id"`
	POSClientID     string `env:"POS_CLIENT_ID" doc:"smaregi: the app's client id"`
	POSClientSecret Secret `env:"POS_CLIENT_SECRET" doc:"smaregi: the app's client secret"`

	POSReasonLocale string `env:"POS_REASON_LOCALE" envDefault:"en" doc:"Language of the reasons that the POS keeps of movements: en or ja. What was sent before stays as it is"`

	POSTimeout time.Duration `env:"POS_TIMEOUT" envDefault:"10s" doc:"Bound of one call to the POS"`

	POSWebhookKey Secret `env:"POS_WEBHOOK_KEY" doc:"square: signature key of the webhook subscription; with POS_WEBHOOK_URL it opens /webhooks/square"`
	POSWebhookURL string `env:"POS_WEBHOOK_URL" doc:"square: the notification URL, exactly as it was entered at Square: https://… and /webhooks/square at the end"`

	SMTPHost     string `env:"SMTP_HOST" needed:"yes" doc:"Mail server"`
	SMTPPort     int    `env:"SMTP_PORT" envDefault:"587" doc:"Port of the mail server"`
	SMTPUsername string `env:"SMTP_USERNAME" doc:"User at the mail server; empty for none"`
	SMTPPassword Secret `env:"SMTP_PASSWORD" doc:"Password at the mail server"`
	SMTPTLS      string `env:"SMTP_TLS" envDefault:"mandatory" doc:"mandatory, opportunistic, or none (loopback only)"`
	MailFrom     string `env:"MAIL_FROM" needed:"yes" doc:"Sender of mails"`
	MailFooter   string `env:"MAIL_FOOTER" doc:"Last line of mails: how to reach the shop"`
	MailLogo     string `env:"MAIL_LOGO_URL" doc:"https address of a picture above every mail; it is shown 48 pixels high. None when empty"`
	MailColor    string `env:"MAIL_COLOR" envDefault:"#2f4cb3" doc:"Colour of the button in mails, # and six hex digits; white letters must be readable on it"`
	TemplatesDir string `env:"TEMPLATES_DIR" doc:"Folder with templates of the shop's own for mails; see Mails of your own in docs/operations.md. None when empty"`

	MailLogKeep Days `env:"MAIL_LOG_KEEP" envDefault:"180d" doc:"How long it is kept which mails went where, and what the mail server said"`

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
	SelfCancel      time.Duration `env:"SELF_CANCEL_WITHIN" envDefault:"0s" doc:"For how long after it was made a customer takes an unused coupon back, e.g. 30m; 0 for never"`
	ConfirmAbove    int64         `env:"CONFIRM_ABOVE" envDefault:"0" doc:"Above so many points the customer's page asks once more before it makes a coupon; 0 for never"`
	PolicyFile      string        `env:"POLICY_FILE" doc:"File with roles and denials of the shop's own, in Casbin's policy format; see Rights of your own in docs/operations.md. None when empty"`
	CancelCaps      []string      `env:"CANCEL_CAPS" envDefault:"store_manager=10000/100000,ec_admin=100000/1000000" doc:"Most points a person of a role moves by the capped acts of policies/acts.csv: role=per act/per shop day, 0 for no bound"`
	PartialRefund   string        `env:"PARTIAL_REFUND" envDefault:"ignore" doc:"What a refund of a part of an order with a coupon means: ignore, or review for a case that a person decides"`
	CouponsPerOrder int           `env:"COUPONS_PER_ORDER" envDefault:"0" doc:"Most coupons of points and of campaigns' personal codes in one order; each one more is a case that a person decides. 0 for no bound"`
	TestOrders      bool          `env:"COUNT_TEST_ORDERS" envDefault:"false" doc:"true: the shop's test orders count as orders"`
	ReissueValidity Days          `env:"REISSUE_VALIDITY" envDefault:"30d" doc:"How long a code is good at least that replaces one of an order that came to nothing"`
	FourEyesPoints  int64         `env:"FOUR_EYES_POINTS" envDefault:"0" doc:"Above so many points an act takes two people where policies/acts.csv says above; 0 for never"`
	AutoReissue     int64         `env:"AUTO_REISSUE_BELOW" envDefault:"0" doc:"Below so many points the code of a cancelled order is reissued without a person; 0 for never"`
	AutoGrant       int64         `env:"AUTO_GRANT_BELOW" envDefault:"0" doc:"Below so many points those of a cancelled order are granted without a person; 0 for never"`
	AutoReviews     int           `env:"AUTO_CASES" envDefault:"3" doc:"From so many cases of a person in thirty days on a person decides all the same"`
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
	RefusalAlert    int           `env:"REFUSAL_ALERT" envDefault:"10" doc:"So many refused codes of an hour, if they are three times the usual, raise an alert; 0 for none"`
	CampaignDigest  int           `env:"CAMPAIGN_DIGEST_DAYS" envDefault:"3" doc:"So many days before a campaign ends the EC admins are told by mail; 0 for never"`
	JobsUI          bool          `env:"JOBS_UI" envDefault:"false" doc:"true: system admins look at the queue by River's own pages, at /admin/queue; PostgreSQL alone"`
	JobWorkers      int           `env:"JOB_WORKERS" envDefault:"8" doc:"Jobs that run at once in a process: of those that finish coupons, of mails, and of the others, so many each"`
	SweepEvery      time.Duration `env:"SWEEP_EVERY" envDefault:"5s" doc:"How often the service looks for work nobody is doing"`
	OrdersEvery     time.Duration `env:"ORDERS_EVERY" envDefault:"1m" doc:"How often the shop's orders are read for codes that were used"`
	ForfeitTwo      bool          `env:"FORFEIT_TWO_PEOPLE" envDefault:"true" doc:"true: points are forfeited by two people, whatever their number; false: by one up to FOUR_EYES_POINTS"`
	NotifyEvery     time.Duration `env:"NOTIFY_EVERY" envDefault:"30m" doc:"Shortest time from one mail to the next to people who may decide, about requests, reviews, failed mails and differences; 0 sends none"`
	NotifyKeep      Days          `env:"NOTIFICATIONS_KEEP" envDefault:"400d" doc:"How long it is kept what people were told of, for events that are sent again"`
	BooksEvery      time.Duration `env:"BOOKS_CHECK_EVERY" envDefault:"24h" doc:"How often the books are compared; 0 for never"`
	BooksRepair     bool          `env:"BOOKS_REPAIR" envDefault:"false" doc:"true: that comparison also makes the repairs that are safe"`
	WebhooksKeep    Days          `env:"WEBHOOKS_KEEP" envDefault:"30d" doc:"How long it is remembered which webhooks came in; Shopify repeats one for hours"`
	EraseAtOnce     int           `env:"ERASE_AT_ONCE" envDefault:"5" doc:"Most members that one request to forget erases at once; more are announced first, and wait for ERASE_DELAY"`
	EraseDelay      Days          `env:"ERASE_DELAY" envDefault:"72h" doc:"How long an announced erasure waits, so that an operator can stop it: pointbridge privacy stop"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"20s" doc:"How long a stop waits for what is running"`
	LogLevel        string        `env:"LOG_LEVEL" envDefault:"info" doc:"debug, info, warn or error"`
	LogFormat       string        `env:"LOG_FORMAT" envDefault:"json" doc:"json or text"`

	WebhooksPerMinute int `env:"WEBHOOKS_PER_MINUTE" envDefault:"6000" doc:"Webhooks of one topic that a process takes in a minute; Shopify sends what is refused again"`

	EventNetworks  []string `env:"EVENT_NETWORKS" doc:"Networks of your own that events may be sent into, also without TLS, e.g. 10.20.0.0/16; without any they go to public addresses alone"`
	EventRetention Days     `env:"EVENT_RETENTION" envDefault:"30d" doc:"How long it is remembered which event was delivered to whom; what happened can be sent again beyond that"`

	TrustedProxies        []string      `env:"TRUSTED_PROXIES" doc:"Addresses or networks of proxies whose X-Forwarded-For is believed, e.g. 10.0.0.0/8; none when empty"`
	SessionLife           time.Duration `env:"SESSION_LIFE" envDefault:"12h" doc:"How long a staff sign-in lasts"`
	SessionIdle           time.Duration `env:"SESSION_IDLE" envDefault:"30m" doc:"After so long without a request a staff sign-in ends; 0 for never"`
	SecondFactor          string        `env:"STAFF_SECOND_FACTOR" envDefault:"optional" doc:"optional: staff may set up a second factor; required: everybody has to; or the roles that have to, e.g. ec_admin,system_admin"`
	SignInWindow          time.Duration `env:"SIGN_IN_WINDOW" envDefault:"15m" doc:"Failed sign-ins count for this long"`
	SignInFailures        int           `env:"SIGN_IN_FAILURES" envDefault:"5" doc:"Failed sign-ins with one mail address from one network address or known device before the next ones have to wait, longer each time"`
	SignInFailuresAddress int           `env:"SIGN_IN_FAILURES_ADDRESS" envDefault:"20" doc:"Failed sign-ins from one network address before the next ones have to wait"`

	SignInFailuresEverywhere int  `env:"SIGN_IN_FAILURES_EVERYWHERE" envDefault:"50" doc:"Failed sign-ins with one mail address from all network addresses before devices that are not known have to wait"`
	LogClientAddress         bool `env:"LOG_CLIENT_ADDRESS" envDefault:"true" doc:"true: the log of requests, and the record of what was refused, hold the client's network address; false: neither does"`

	OIDCIssuer       string   `env:"OIDC_ISSUER" doc:"Identity provider (OpenID Connect) by which staff sign in: its issuer, exactly as it writes it. Off when empty"`
	OIDCClientID     string   `env:"OIDC_CLIENT_ID" doc:"Client id that the provider gave this service"`
	OIDCClientSecret Secret   `env:"OIDC_CLIENT_SECRET" doc:"Client secret that goes with it"`
	OIDCScopes       []string `env:"OIDC_SCOPES" envDefault:"openid,profile,email" doc:"Scopes asked for at the provider"`
	OIDCRoleClaim    string   `env:"OIDC_ROLE_CLAIM" envDefault:"groups" doc:"Claim that gives roles; dots lead into it, e.g. realm_access.roles"`
	OIDCRoles        []string `env:"OIDC_ROLES" doc:"Roles by that claim's values, e.g. points-admins=system_admin,shop-staff=staff; the first that fits counts, whom none fits is refused"`
	OIDCTrustEmail   bool     `env:"OIDC_TRUST_EMAIL" envDefault:"false" doc:"true: mail addresses count as checked when the provider does not say whether they are"`
	OIDCOnly         bool     `env:"OIDC_ONLY" envDefault:"false" doc:"true: no password lets anybody in, neither to the console nor to the API"`

	// rules is the policy as it was read with the settings; nil stands for the shipped one.
	rules *policies.Enforcer
	// mistyped are variables that are no settings and probably were to be.
	mistyped []Mistyped
	// partly says that the environment lacks what the service itself needs.
	partly bool
	// prompt is no setting; see Prompt.
	prompt bool
}

// Prompt makes the rounds begin with the service instead of at random within its first seconds. It is for tests, which wait
// for them; of replicas that start together one leads, whether they are prompt or not.
func (c Config) Prompt() Config {
	c.prompt = true
	return c
}

// LoadConfig reads the environment and checks it. The error names every fault there is, and no secret.
func LoadConfig(environ []string) (Config, error) {
	cfg, faults := readEnvironment(environ)
	cfg.readRules(&faults)
	cfg.check(&faults)
	return cfg, faults.err()
}

// LoadShopConfig does the same for what only reads the shop: of the settings those about the shop have to be there.
func LoadShopConfig(environ []string) (Config, error) {
	cfg, faults := readEnvironment(environ)
	cfg.checkShopify(&faults)
	cfg.checkCountry(&faults)
	cfg.checkDevice(&faults)
	return cfg, faults.err()
}

func readEnvironment(environ []string) (cfg Config, f faults) {
	checkWritten(environ, &f)
	cfg.mistyped = MistypedSettings(environ)
	err := env.ParseWithOptions(&cfg, env.Options{Environment: env.ToMap(environ)})
	var all env.AggregateError
	if errors.As(err, &all) {
		for _, one := range all.Errors {
			f.cannotRead(unreadable(one))
		}
	}
	return cfg, f
}

// unreadable names the variable that cannot be read, and leaves its value out.
func unreadable(err error) string {
	var parse env.ParseError
	if !errors.As(err, &parse) {
		return "the environment cannot be read"
	}
	for _, f := range Variables() {
		if f.Field == parse.Name {
			return fmt.Sprintf("%s %s", f.Name, wantedKind(parse.Type.String()))
		}
	}
	return parse.Name + " cannot be read"
}

func wantedKind(goType string) string {
	switch goType {
	case "int", "int64":
		return "is not a whole number, or too large a one"
	case "[]int":
		return "is not a list of whole numbers with commas between them"
	case "bool":
		return "must be true or false"
	case "time.Duration":
		return "is not a duration such as 10s, 30m or 24h"
	case "app.Days":
		return "is not a duration such as 10s or 365d"
	default:
		return "is not a value of the right kind"
	}
}
