package app

import (
	"context"
	"slices"
	"strings"

	"pointbridge/domain/doctor"
	"pointbridge/domain/setup"
)

func (e *Examination) shopChecks() []doctor.Check {
	reached := []doctor.Name{doctor.Shop}
	return with(faultsOf(e.Config.checkShopify, e.Config.checkDevice), []doctor.Check{
		{Name: doctor.Shop, Limit: outsideLimit, Ask: e.askShop},
		{Name: doctor.ShopVersion, Needs: reached, Limit: readyTimeout, Ask: e.shopVersion},
		{Name: doctor.ShopClock, Needs: reached, Limit: readyTimeout,
			Ask: func(context.Context) doctor.Finding { return skewOf(e.shopSays) }},
		{Name: doctor.Currency, Needs: reached, Limit: readyTimeout, Ask: e.currency},
		{Name: doctor.ShopZone, Needs: reached, Limit: readyTimeout, Ask: e.shopZone},
		{Name: doctor.Scopes, Needs: reached, Limit: readyTimeout, Ask: e.scopes},
		{Name: doctor.Plan, Needs: reached, Limit: readyTimeout, Ask: e.plan},
		{Name: doctor.Metafield, Needs: reached, Limit: outsideLimit, Ask: e.metafield},
		{Name: doctor.Webhooks, Needs: reached, Limit: outsideLimit, Ask: e.webhooks},
		{Name: doctor.Proxy, Limit: readyTimeout, Ask: e.proxy},
	})
}

// askShop asks the shop what it says of itself: the token works if it answers.
func (e *Examination) askShop(ctx context.Context) doctor.Finding {
	client, says := listening(e.now)
	shop, err := e.Config.shopThrough(client, nil, nil, nil)
	if err != nil {
		return doctor.Say(doctor.NotTold, "cause", err.Error())
	}
	found, err := shop.ReadSetup(ctx)
	if err != nil {
		return doctor.Failed(err, doctor.ShopRefuses, outsideLimit)
	}
	e.shop, e.shopSays, e.found = shop, says, found
	return doctor.Say(doctor.ShopAnswers, "shop", e.Config.ShopifyShop)
}

// shopVersion holds the version that served us against the one we asked for: a version that has ended is served by a
// later one, without a word but this header.
func (e *Examination) shopVersion(context.Context) doctor.Finding {
	wanted := e.Config.ShopifyAPIVersion
	switch served := e.shopSays.said("X-Shopify-Api-Version"); served {
	case wanted:
		return doctor.Say(doctor.VersionServed, "wanted", wanted)
	case "":
		return doctor.Say(doctor.VersionUnsaid, "wanted", wanted)
	default:
		return doctor.Say(doctor.VersionOther, "wanted", wanted, "served", served)
	}
}

func skewOf(l *listener) doctor.Finding {
	if off, ok := l.skew(); ok {
		return doctor.Skewed(off)
	}
	return doctor.Say(doctor.NoClock)
}

// differences are those of one kind between shop and settings.
func (e *Examination) differences(what string) (list []setup.Difference) {
	for _, d := range e.Config.wantedShop().Differences(e.found) {
		if d.What == what {
			list = append(list, d)
		}
	}
	return list
}

func (e *Examination) currency(context.Context) doctor.Finding {
	for _, d := range e.differences("currency") {
		return doctor.Say(doctor.CurrencyOther, "found", d.Found, "wanted", d.Wanted)
	}
	return doctor.Say(doctor.CurrencySame, "found", e.found.Currency)
}

func (e *Examination) shopZone(context.Context) doctor.Finding {
	for _, d := range e.differences("timezone") {
		return doctor.Say(doctor.ShopZoneOther, "found", d.Found, "wanted", d.Wanted)
	}
	return doctor.Say(doctor.ShopZoneSame, "found", e.found.Timezone)
}

func (e *Examination) scopes(context.Context) doctor.Finding {
	lacking := e.differences("scope")
	if len(lacking) == 0 {
		return doctor.Say(doctor.ScopesGood)
	}
	names := make([]string, len(lacking))
	for i, d := range lacking {
		names[i] = d.Wanted
	}
	if slices.ContainsFunc(lacking, func(d setup.Difference) bool { return d.Stops }) {
		return doctor.Say(doctor.ScopesLackVital, "scopes", names)
	}
	return doctor.Say(doctor.ScopesLack, "scopes", names)
}

func (e *Examination) plan(context.Context) doctor.Finding {
	if e.Config.Guard && !e.found.Plus() {
		return doctor.Say(doctor.PlanWithoutGuard, "plan", e.found.Plan)
	}
	return doctor.Say(doctor.PlanGood, "plan", e.found.Plan)
}

// appReserved begins the namespaces that the app alone may define and write.
const appReserved = "$app"

func (e *Examination) metafield(ctx context.Context) doctor.Finding {
	missing, err := e.shop.SetupMissing(ctx)
	name := e.Config.ShopifyNamespace + "." + e.Config.ShopifyKey
	switch {
	case err != nil:
		return doctor.Failed(err, doctor.ShopRefuses, outsideLimit)
	case len(missing) > 0:
		return doctor.Say(doctor.MetafieldLacks, "missing", missing)
	case e.Config.ShopifyNamespace != appReserved && !strings.HasPrefix(e.Config.ShopifyNamespace, appReserved+":"):
		return doctor.Say(doctor.MetafieldShared, "name", name)
	}
	return doctor.Say(doctor.MetafieldGood, "name", name)
}

func (e *Examination) webhooks(ctx context.Context) doctor.Finding {
	if e.Config.ShopifyWebhooks == "app" {
		return doctor.Say(doctor.WebhooksByApp)
	}
	address := e.Config.webhookAddress()
	if address == "" {
		return doctor.Say(doctor.SettingsMissing, "faults", []string{"PUBLIC_URL is not set"})
	}
	missing, err := e.shop.SubscriptionsMissing(ctx, address, e.Config.subscriptions())
	switch {
	case err != nil:
		return doctor.Failed(err, doctor.ShopRefuses, outsideLimit)
	case len(missing) > 0:
		return doctor.Say(doctor.WebhooksLack, "missing", missing)
	}
	return doctor.Say(doctor.WebhooksGood, "address", address)
}

// proxy says what can be told without Shopify, which tells no program where its app proxy leads.
func (e *Examination) proxy(context.Context) doctor.Finding {
	if e.Config.ShopifyClientSecret == "" {
		return doctor.Say(doctor.ProxyNoSecret)
	}
	return doctor.Say(doctor.ProxyUnasked, "shop", e.Config.ShopifyShop)
}
