package doctor

import "slices"

// Name names a check.
type Name string

// The checks, in the order in which they are asked.
const (
	Settings      Name = "settings"
	Database      Name = "database"
	Schema        Name = "schema"
	QueueSchema   Name = "queue"
	Writes        Name = "writes"
	Durability    Name = "durability"
	Encoding      Name = "encoding"
	Zone          Name = "zone"
	DatabaseClock Name = "database_clock"
	Installed     Name = "installed"
	Shop          Name = "shop"
	ShopVersion   Name = "shop_version"
	ShopClock     Name = "shop_clock"
	Currency      Name = "currency"
	ShopZone      Name = "shop_zone"
	Scopes        Name = "scopes"
	Plan          Name = "plan"
	Metafield     Name = "metafield"
	Webhooks      Name = "webhooks"
	Proxy         Name = "proxy"
	POS           Name = "pos"
	POSClock      Name = "pos_clock"
	Mail          Name = "mail"
	TestMail      Name = "test_mail"
	PublicAddress Name = "public_address"
	PublicAnswer  Name = "public_answer"
)

// Names lists them.
func Names() []Name {
	return []Name{Settings, Database, Schema, QueueSchema, Writes, Durability, Encoding, Zone, DatabaseClock, Installed,
		Shop, ShopVersion, ShopClock, Currency, ShopZone, Scopes, Plan, Metafield, Webhooks, Proxy, POS, POSClock, Mail,
		TestMail, PublicAddress, PublicAnswer}
}

// Sentence is what a check can come to. The catalogue has each of them in every language, and beside each that is not
// good what to do about it.
type Sentence string

// The sentences.
const (
	SettingsMissing Sentence = "settings_missing"
	NeedsAnother    Sentence = "needs_another"
	NoAnswer        Sentence = "no_answer"
	NotTold         Sentence = "not_told"
	ClockGood       Sentence = "clock_good"
	ClockOff        Sentence = "clock_off"
	ClockFar        Sentence = "clock_far"
	NoClock         Sentence = "no_clock"

	SettingsGood     Sentence = "settings_good"
	SettingsFaults   Sentence = "settings_faults"
	SettingsMistyped Sentence = "settings_mistyped"

	DatabaseAnswers Sentence = "database_answers"
	DatabaseAway    Sentence = "database_away"
	DatabaseOld     Sentence = "database_old"
	CommitsApart    Sentence = "commits_apart"
	SchemaGood      Sentence = "schema_good"
	SchemaOld       Sentence = "schema_old"
	WritesGood      Sentence = "writes_good"
	WritesRefused   Sentence = "writes_refused"
	Durable         Sentence = "durable"
	NotDurable      Sentence = "not_durable"
	EncodingGood    Sentence = "encoding_good"
	EncodingOther   Sentence = "encoding_other"
	ZoneGood        Sentence = "zone_good"
	ZoneUnknown     Sentence = "zone_unknown"
	ZoneDiffers     Sentence = "zone_differs"
	SameMachine     Sentence = "same_machine"

	InstalledGood Sentence = "installed_good"
	Uninstalled   Sentence = "uninstalled"

	ShopAnswers      Sentence = "shop_answers"
	ShopRefuses      Sentence = "shop_refuses"
	VersionServed    Sentence = "version_served"
	VersionOther     Sentence = "version_other"
	VersionUnsaid    Sentence = "version_unsaid"
	CurrencySame     Sentence = "currency_same"
	CurrencyOther    Sentence = "currency_other"
	ShopZoneSame     Sentence = "shop_zone_same"
	ShopZoneOther    Sentence = "shop_zone_other"
	ScopesGood       Sentence = "scopes_good"
	ScopesLack       Sentence = "scopes_lack"
	ScopesLackVital  Sentence = "scopes_lack_vital"
	PlanGood         Sentence = "plan_good"
	PlanWithoutGuard Sentence = "plan_without_guard"
	MetafieldGood    Sentence = "metafield_good"
	MetafieldShared  Sentence = "metafield_shared"
	MetafieldLacks   Sentence = "metafield_lacks"
	WebhooksGood     Sentence = "webhooks_good"
	WebhooksLack     Sentence = "webhooks_lack"
	WebhooksByApp    Sentence = "webhooks_by_app"
	ProxyUnasked     Sentence = "proxy_unasked"
	ProxyNoSecret    Sentence = "proxy_no_secret"

	POSAnswers Sentence = "pos_answers"
	POSBroken  Sentence = "pos_broken"
	POSUntold  Sentence = "pos_untold"

	MailTakes    Sentence = "mail_takes"
	MailPlain    Sentence = "mail_plain"
	MailRefuses  Sentence = "mail_refuses"
	MailSent     Sentence = "mail_sent"
	MailRefused  Sentence = "mail_refused"
	MailUnsought Sentence = "mail_unsought"

	PublicGood     Sentence = "public_good"
	PublicLoopback Sentence = "public_loopback"
	PublicAnswers  Sentence = "public_answers"
	PublicOther    Sentence = "public_other"
	PublicUnsought Sentence = "public_unsought"
)

// sentences says what each means.
var sentences = map[Sentence]Outcome{
	SettingsMissing: NotAsked, NeedsAnother: NotAsked, NoAnswer: Unknown, NotTold: Unknown,
	ClockGood: OK, ClockOff: Warning, ClockFar: Fault, NoClock: Unknown,
	SettingsGood: OK, SettingsFaults: Fault, SettingsMistyped: Warning,
	DatabaseAnswers: OK, DatabaseAway: Fault, DatabaseOld: Fault, CommitsApart: Warning, SchemaGood: OK, SchemaOld: Fault, WritesGood: OK,
	WritesRefused: Fault, Durable: OK, NotDurable: Fault, EncodingGood: OK, EncodingOther: Fault, ZoneGood: OK,
	ZoneUnknown: Warning, ZoneDiffers: Warning, SameMachine: NotAsked,
	InstalledGood: OK, Uninstalled: Fault,
	ShopAnswers: OK, ShopRefuses: Fault, VersionServed: OK, VersionOther: Fault, VersionUnsaid: Unknown,
	CurrencySame: OK, CurrencyOther: Fault, ShopZoneSame: OK, ShopZoneOther: Warning, ScopesGood: OK,
	ScopesLack: Warning, ScopesLackVital: Fault, PlanGood: OK, PlanWithoutGuard: Fault, MetafieldGood: OK,
	MetafieldShared: Warning, MetafieldLacks: Fault, WebhooksGood: OK, WebhooksLack: Fault, WebhooksByApp: NotAsked,
	ProxyUnasked: NotAsked, ProxyNoSecret: Warning,
	POSAnswers: OK, POSBroken: Fault, POSUntold: Unknown,
	MailTakes: OK, MailPlain: Warning, MailRefuses: Fault, MailSent: OK, MailRefused: Fault, MailUnsought: NotAsked,
	PublicGood: OK, PublicLoopback: Warning, PublicAnswers: OK, PublicOther: Fault, PublicUnsought: NotAsked,
}

// Words are the keys of the catalogue below "doctor.": titles of checks, outcomes, sentences, and what to do.
func Words() (list []string) {
	for _, n := range Names() {
		list = append(list, "check."+string(n))
	}
	for _, o := range Outcomes() {
		list = append(list, "is."+string(o))
	}
	for s, o := range sentences {
		list = append(list, "says."+string(s))
		if o != OK {
			list = append(list, "do."+string(s))
		}
	}
	slices.Sort(list)
	return list
}
