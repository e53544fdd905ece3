package app

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/integrations/jobs"
	"pointbridge/integrations/phones"
	"pointbridge/integrations/store"
)

// faults is what is wrong with the settings, one line each.
type faults struct {
	list []string
	// unreadable are the variables whose values could not be read. What else could be said of them would be about the
	// zero that stands in their place.
	unreadable []string
}

// add takes a fault that is new and about what was read.
func (f *faults) add(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if slices.Contains(f.list, line) || slices.ContainsFunc(namesIn(line),
		func(name string) bool { return slices.Contains(f.unreadable, name) }) {
		return
	}
	f.list = append(f.list, line)
}

// cannotRead takes the fault of a variable whose value could not be read; the line names it.
func (f *faults) cannotRead(line string) {
	f.add("%s", line)
	f.unreadable = append(f.unreadable, namesIn(line)...)
}

var variablePattern = regexp.MustCompile(`\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b`)

// namesIn returns the variables that a line names.
func namesIn(line string) []string { return variablePattern.FindAllString(line, -1) }

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
	return &FaultsError{Lines: f.list}
}

// FaultsError is what is wrong with the settings, one line each.
type FaultsError struct{ Lines []string }

// Error lists them.
func (e *FaultsError) Error() string {
	return "the configuration has faults:\n  - " + strings.Join(e.Lines, "\n  - ")
}

var versionPattern = regexp.MustCompile(`^20[0-9]{2}-(01|04|07|10)$`)

var shopPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*\.myshopify\.com$`)

// shortestRound bounds how often the service looks for work: below it looking is all that a machine does.
const shortestRound = 100 * time.Millisecond

// check finds what can be told without asking anybody.
func (c Config) check(f *faults) {
	c.checkService(f)
	c.checkMetrics(f)
	c.checkAudit(f)
	c.checkIdentity(f)
	c.checkPool(f)
	c.checkShopify(f)
	c.checkStorefront(f)
	c.checkPOS(f)
	c.checkMail(f)
	c.checkContact(f)
	c.checkLetters(f)
	c.checkOIDC(f)
	if _, err := c.Policy(); err != nil {
		for _, line := range strings.Split(err.Error(), "\n") {
			f.add("%s", line)
		}
	}
	c.checkTiming(f)
}

func (c Config) checkDatabase(f *faults) {
	if path, is := strings.CutPrefix(c.DatabaseURL, "sqlite:"); is && path == "" {
		f.add("DATABASE_URL must name a file behind sqlite:")
	} else if is && strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "///") {
		f.add("DATABASE_URL is written sqlite:path, without // before the path")
	}
	if f.require("DATABASE_URL", c.DatabaseURL) && !strings.HasPrefix(c.DatabaseURL, "sqlite:") &&
		!strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		f.add("DATABASE_URL must begin with postgres:// or sqlite:")
	} else if c.DatabaseURL != "" {
		c.checkPlaintext(f)
	}
}

func (c Config) checkService(f *faults) {
	c.checkDatabase(f)
	if f.require("SECRET_KEY", string(c.SecretKey)) {
		checkSecret(f, "SECRET_KEY", string(c.SecretKey), 32)
	}
	for _, old := range c.SecretKeyOld {
		if len(old) < 32 || old == c.SecretKey {
			f.add("SECRET_KEY_OLD must hold values of at least 32 characters, and not the one in use")
		}
	}
	c.checkPublic(f)
	f.require("SHOP_NAME", c.ShopName)
	if _, err := c.eventNetworks(); err != nil {
		f.add("EVENT_NETWORKS must be networks such as 10.20.0.0/16")
	}
	if c.EventRetention < Days(24*time.Hour) {
		f.add("EVENT_RETENTION must be at least 1d")
	}
	c.checkProxies(f)
	checkListen(f, "HTTP_ADDR", c.HTTPAddr, ":8080 or 127.0.0.1:8080")
	c.checkCountry(f)
	f.oneOf("SHOP_LOCALE", c.ShopLocale, "ja", "en")
	f.oneOf("LOG_LEVEL", c.LogLevel, "debug", "info", "warn", "error")
	f.oneOf("LOG_FORMAT", c.LogFormat, "json", "text")
	for name, n := range map[string]int{"DB_MAX_CONNS": c.DBMaxConns, "JOB_WORKERS": c.JobWorkers,
		"RATE_LIMIT_PER_MINUTE": c.RateLimit, "SIGN_IN_FAILURES": c.SignInFailures,
		"SIGN_IN_FAILURES_ADDRESS":    c.SignInFailuresAddress,
		"SIGN_IN_FAILURES_EVERYWHERE": c.SignInFailuresEverywhere} {
		if n < 1 {
			f.add("%s must be at least 1", name)
		}
	}
	for name, n := range map[string]int{"CONVERSION_LOCK_AFTER": c.LockAfter, "UNKNOWN_CODE_ALERT": c.UnknownCodes,
		"REFUSAL_ALERT": c.RefusalAlert, "CAMPAIGN_DIGEST_DAYS": c.CampaignDigest, "MAX_ACTIVE_COUPONS": c.MaxActive} {
		if n < 0 {
			f.add("%s must not be negative", name)
		}
	}
	if c.JobWorkers > jobs.MostWorkers {
		f.add("JOB_WORKERS must be at most %d", jobs.MostWorkers)
	}
}

func (c Config) checkPublic(f *faults) {
	if !f.require("PUBLIC_URL", c.PublicURL) {
		return
	}
	checkBase(f, "PUBLIC_URL", c.PublicURL)
}

// checkProxies refuses what would let everybody say which address they come from.
func (c Config) checkProxies(f *faults) {
	for _, proxy := range c.TrustedProxies {
		if _, err := netip.ParseAddr(proxy); err == nil {
			continue
		}
		network, err := netip.ParsePrefix(proxy)
		if err != nil {
			f.add("TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8")
		} else if network.Bits() == 0 {
			f.add("TRUSTED_PROXIES would believe everybody, who could then say that they come from anywhere; name the proxies")
		}
	}
}

func (c Config) checkCountry(f *faults) {
	if _, err := phones.New(c.ShopCountry); err != nil {
		f.add("SHOP_COUNTRY: %v", err)
	}
}

// checkPlaintext refuses a database on another host that is spoken to without TLS, unless that is asked for.
func (c Config) checkPlaintext(f *faults) {
	for name, address := range map[string]string{"DATABASE_URL": c.DatabaseURL,
		"DATABASE_DIRECT_URL": c.DatabaseDirect} {
		if address == "" && name != "DATABASE_URL" {
			continue
		}
		hosts, err := store.Plaintext(address)
		switch {
		case err != nil:
			f.add("%s: %v", name, err)
		case len(hosts) > 0 && !c.DBPlaintext:
			f.add("%s must have sslmode=verify-full, verify-ca or require for a host that is not this machine; DATABASE_PLAINTEXT=true allows plain text", name)
		case store.AnyServer(address):
			f.add("%s names several servers: add target_session_attrs=read-write, so that the one that takes writes is found", name)
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
	case len(different) < 10, strings.Contains(lower, "changeme"), strings.Contains(lower, "change-me"),
		strings.Contains(lower, "secret"), strings.Contains(lower, "example"):
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

// checkBase is checkURL for an address that paths are put behind.
func checkBase(f *faults, name, value string) {
	checkURL(f, name, value)
	if strings.ContainsAny(value, "?#") {
		f.add("%s must have neither ? nor #: the rest of each address is put behind it", name)
	}
}

// checkListen accepts an address to listen on, whose port is a number.
func checkListen(f *faults, name, address, example string) bool {
	_, port, err := net.SplitHostPort(address)
	if _, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil {
		f.add("%s is not an address such as %s", name, example)
		return false
	}
	return true
}

// numberPlace is where a member's number stands in POS_MEMBER_URL.
const numberPlace = "{number}"

// checkMemberURL reads the address of a member in the POS. The number may stand behind the host alone: whose page it
// is must not choose whom a browser asks.
func checkMemberURL(f *faults, name, value string) {
	if value == "" {
		return
	}
	if strings.Count(value, numberPlace) != 1 {
		f.add("%s must have %s in it once", name, numberPlace)
		return
	}
	before, _, _ := strings.Cut(value, numberPlace)
	if u, err := url.Parse(before); err != nil || u.Host == "" || u.Path == "" {
		f.add("%s must have %s behind the host's name", name, numberPlace)
		return
	}
	checkURL(f, name, strings.Replace(value, numberPlace, "1", 1))
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
		checkBase(f, "SHOPIFY_API_URL", c.ShopifyAPIURL)
	}
	if c.StorefrontURL != "" {
		checkBase(f, "STOREFRONT_URL", c.StorefrontURL)
	}
	checkMemberURL(f, "POS_MEMBER_URL", c.POSMemberURL)
	if f.require("SHOPIFY_API_VERSION", c.ShopifyAPIVersion) && !versionPattern.MatchString(c.ShopifyAPIVersion) {
		f.add("SHOPIFY_API_VERSION must be one of Shopify's quarterly versions, such as 2026-10")
	}
	f.oneOf("SHOPIFY_WEBHOOKS", c.ShopifyWebhooks, "api", "app")
	byGrant, fixed := c.ShopifyClientID != "" && c.ShopifyClientSecret != "", c.ShopifyAccessToken != ""
	if !byGrant && !fixed {
		f.add("SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET, or SHOPIFY_ACCESS_TOKEN, must be set")
	}
	if fixed && c.ShopifyClientID != "" {
		f.add("SHOPIFY_ACCESS_TOKEN and SHOPIFY_CLIENT_ID are both set; one way in is enough")
	}
}

func (c Config) checkMail(f *faults) {
	if f.require("SMTP_HOST", c.SMTPHost) && net.ParseIP(c.SMTPHost) == nil && strings.ContainsAny(c.SMTPHost, ":/@ ") {
		f.add("SMTP_HOST must be the name of a host alone; the port is SMTP_PORT, the user SMTP_USERNAME")
	}
	if c.SMTPPort < 1 || c.SMTPPort > 65535 {
		f.add("SMTP_PORT is not a port")
	}
	f.oneOf("SMTP_TLS", c.SMTPTLS, "mandatory", "opportunistic", "none")
	if c.SMTPTLS == "none" && !loopback(c.SMTPHost) {
		f.add("SMTP_TLS can be none on a loopback address only")
	}
	if (c.SMTPUsername == "") != (c.SMTPPassword == "") {
		f.add("SMTP_USERNAME and SMTP_PASSWORD must be set together")
	}
	if f.require("MAIL_FROM", c.MailFrom) {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			f.add("MAIL_FROM is not an address such as shop@example.com")
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
	if c.NotifyEvery < 0 || c.NotifyEvery > 0 && c.NotifyEvery < time.Minute || c.NotifyEvery > 24*time.Hour {
		f.add("NOTIFY_EVERY must be 0, or between 1m and 24h")
	}
	if c.NotifyKeep < max(c.EventRetention, Days(24*time.Hour)) {
		f.add("NOTIFICATIONS_KEEP must be at least 1d, and EVENT_RETENTION: an event that is in the log can be sent again")
	}
	if c.BooksEvery != 0 && c.BooksEvery < 10*time.Minute {
		f.add("BOOKS_CHECK_EVERY must be 0 or at least 10m")
	}
	c.checkErasures(f)
	if time.Duration(c.MailLogKeep) < 24*time.Hour {
		f.add("MAIL_LOG_KEEP must be at least 1d")
	}
	if time.Duration(c.WebhooksKeep) < 24*time.Hour {
		f.add("WEBHOOKS_KEEP must be at least 1d")
	}
	if c.WebhooksPerMinute < 60 || c.WebhooksPerMinute > 1_000_000 {
		f.add("WEBHOOKS_PER_MINUTE must be between 60 and 1000000")
	}
	if c.SessionIdle != 0 && c.SessionIdle < time.Minute {
		f.add("SESSION_IDLE must be 0 or at least 1m")
	}
	if _, err := c.SecondFactorRoles(); err != nil {
		f.add("STAFF_SECOND_FACTOR %v", err)
	}
	for name, d := range map[string]time.Duration{"CONVERT_WAIT": c.ConvertWait, "DECISION_WAIT": c.DecisionWait, "POS_TIMEOUT": c.POSTimeout,
		"SHOPIFY_TIMEOUT": c.ShopifyTimeout, "SHUTDOWN_TIMEOUT": c.ShutdownTimeout,
		"CONVERSION_LOCK_WINDOW": c.LockWindow, "CONVERSION_LOCK_FOR": c.LockFor, "SIGN_IN_WINDOW": c.SignInWindow} {
		if d <= 0 {
			f.add("%s must be positive", name)
		}
	}
	for name, d := range map[string]time.Duration{"SWEEP_EVERY": c.SweepEvery, "ORDERS_EVERY": c.OrdersEvery} {
		if d < shortestRound {
			f.add("%s must be at least %s", name, shortestRound)
		}
	}
	if c.SessionLife < time.Minute {
		f.add("SESSION_LIFE must be at least 1m")
	}
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
