package shopify_test

import (
	"slices"
	"strconv"
	"testing"

	"pointbridge/test/expect"
)

const setText = `mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
	metafields { namespace key type value compareDigest } userErrors { field code message elementIndex } } }`

// set writes metafields and returns the refusals and the first digest.
func (s store) set(inputs ...map[string]any) (refusals []string, digest string) {
	s.t.Helper()
	answer := s.run(setText, map[string]any{"m": inputs})
	digest, _ = answer.at("metafieldsSet", "metafields", 0, "compareDigest").(string)
	return answer.userErrors("metafieldsSet"), digest
}

// coupons is an input for the customer's list; more pairs of key and value follow.
func coupons(owner, value string, more ...any) map[string]any {
	in := map[string]any{"ownerId": owner, "namespace": "loyalty", "key": "coupons", "type": "json", "value": value}
	for i := 0; i < len(more); i += 2 {
		in[more[i].(string)] = more[i+1]
	}
	return in
}

func (s store) value() string {
	m, _ := s.Metafield(taro, "loyalty", "coupons")
	return m.Value
}

func TestCompareDigest(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	expect := func(what string, in map[string]any, wantRefusal, wantValue string) string {
		t.Helper()
		refusals, digest := s.set(in)
		want := []string{}
		if wantRefusal != "" {
			want = append(want, wantRefusal)
		}
		if !slices.Equal(refusals, want) {
			t.Errorf("%s: got %q, want %q", what, refusals, want)
		}
		equal(t, what+": value", s.value(), wantValue)
		return digest
	}
	expect("a digest where nothing exists", coupons(taro, "[0]", "compareDigest", "00"),
		"INVALID_COMPARE_DIGEST metafields 0", "")
	first := expect("null says that nothing may exist", coupons(taro, "[1]", "compareDigest", nil), "", "[1]")
	expect("null where something exists", coupons(taro, "[2]", "compareDigest", nil), "STALE_OBJECT metafields 0",
		"[1]")
	second := expect("the right digest", coupons(taro, "[2]", "compareDigest", first), "", "[2]")
	expect("the digest of before", coupons(taro, "[3]", "compareDigest", first), "STALE_OBJECT metafields 0", "[2]")
	same := expect("a wrong digest and the same value", coupons(taro, "[2]", "compareDigest", "nonsense"), "", "[2]")
	equal(t, "digest of the same value", same, second)
	expect("no guard", coupons(taro, "[4]"), "", "[4]")
	var values []string
	for _, m := range s.MetafieldHistory(taro, "loyalty", "coupons") {
		values = append(values, m.Value)
	}
	if !slices.Equal(values, []string{"[1]", "[2]", "[4]"}) {
		t.Errorf("history: %q", values)
	}
}

func TestMetafieldsSet(t *testing.T) {
	t.Parallel()
	t.Run("all or nothing, with the index in the field", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		answer := s.run(setText, map[string]any{"m": []any{coupons(taro, "[1]"), coupons("gid://shopify/Customer/1",
			"[1]")}})
		if got := answer.userErrors("metafieldsSet"); !slices.Equal(got,
			[]string{"INVALID_VALUE metafields 1 ownerId"}) {
			t.Errorf("got %q", got)
		}
		equal(t, "elementIndex", answer.at("metafieldsSet", "userErrors", 0, "elementIndex"), nil)
		equal(t, "value", s.value(), "")
	})
	t.Run("twenty-five at most", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		var inputs []map[string]any
		for i := range 26 {
			inputs = append(inputs, coupons(taro, "[]", "key", "key"+strconv.Itoa(i)))
		}
		refusals, _ := s.set(inputs...)
		expect.Equal(t, "refusals", refusals, []string{"LESS_THAN_OR_EQUAL_TO metafields"})
		refusals, _ = s.set(inputs[:25]...)
		expect.Equal(t, "len(refusals)", len(refusals), 0, refusals)
	})
	t.Run("each bad input is refused", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		for want, in := range map[string]map[string]any{
			"INVALID_VALUE metafields 0 value":   coupons(taro, "{"),
			"BLANK metafields 0 type":            coupons(taro, "[]", "type", nil),
			"TOO_SHORT metafields 0 namespace":   coupons(taro, "[]", "namespace", "ab"),
			"TOO_SHORT metafields 0 key":         coupons(taro, "[]", "key", "k"),
			"APP_NOT_AUTHORIZED metafields 0":    coupons(taro, "[]", "namespace", "app--1--x"),
			"INVALID_VALUE metafields 0 ownerId": coupons("gid://shopify/DiscountCodeNode/1", "[]"),
		} {
			if refusals, _ := s.set(in); !slices.Equal(refusals, []string{want}) {
				t.Errorf("got %q, want %q", refusals, want)
			}
		}
	})
	t.Run("the app's own namespace is written out", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		s.set(coupons(taro, "[7]", "namespace", "$app"))
		answer := s.run(`query($id: ID!) { customer(id: $id) {
			short: metafield(namespace: "$app", key: "coupons") { namespace jsonValue }
			long: metafield(namespace: "app--220011550", key: "coupons") { value } } }`, map[string]any{"id": taro})
		equal(t, "namespace", answer.at("customer", "short", "namespace"), any("app--220011550"))
		equal(t, "json", answer.at("customer", "short", "jsonValue", 0), any(7.0))
		equal(t, "resolved", answer.at("customer", "long", "value"), any("[7]"))
	})
	t.Run("a discount has metafields, until it is deleted", func(t *testing.T) {
		t.Parallel()
		s := newStore(t)
		id := s.create("OWNER", nil)
		if refusals, _ := s.set(coupons(id, `{"a":1}`)); len(refusals) != 0 {
			t.Fatalf("refused: %q", refusals)
		}
		answer := s.run(`{ codeDiscountNodeByCode(code: "owner") { metafield(namespace: "loyalty", key: "coupons") { value } } }`, nil)
		equal(t, "value", answer.at("codeDiscountNodeByCode", "metafield", "value"), any(`{"a":1}`))
		s.byID("discountCodeDelete", id)
		_, found := s.Metafield(id, "loyalty", "coupons")
		equal(t, "found after deletion", found, false)
	})
}

func TestDefinitions(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	define := func(namespace string, access map[string]any) []string {
		return s.run(`mutation($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) {
			createdDefinition { id } userErrors { field code message } } }`, map[string]any{"d": map[string]any{
			"name": "Coupons", "namespace": namespace, "key": "coupons", "ownerType": "CUSTOMER", "type": "json",
			"access": access,
		}}).userErrors("metafieldDefinitionCreate")
	}
	for _, step := range []struct {
		namespace string
		access    map[string]any
		want      []string
	}{
		{"loyalty", map[string]any{"customerAccount": "READ"}, []string{}},
		{"loyalty", nil, []string{"TAKEN definition key"}},
		{"other", map[string]any{"admin": "MERCHANT_READ"}, []string{"INVALID definition"}},
		{"$app", map[string]any{"admin": "MERCHANT_READ"}, []string{}},
	} {
		if got := define(step.namespace, step.access); !slices.Equal(got, step.want) {
			t.Errorf("%s: got %q, want %q", step.namespace, got, step.want)
		}
	}
	answer := s.run(`{ metafieldDefinitions(first: 5, ownerType: CUSTOMER, namespace: "loyalty") { nodes { key access { customerAccount storefront } } } }`, nil)
	equal(t, "access", answer.at("metafieldDefinitions", "nodes", 0, "access", "customerAccount"), any("READ"))
	equal(t, "only one", answer.at("metafieldDefinitions", "nodes", 1), nil)
	if refusals, _ := s.set(coupons(taro, "x", "type", "single_line_text_field")); !slices.Equal(refusals,
		[]string{"INVALID_TYPE metafields 0 type"}) {
		t.Errorf("against the definition: %q", refusals)
	}
	if refusals, _ := s.set(coupons(taro, "[]", "type", nil)); len(refusals) != 0 {
		t.Errorf("type from the definition: %q", refusals)
	}
	update := s.run(`mutation($d: MetafieldDefinitionUpdateInput!) { metafieldDefinitionUpdate(definition: $d) {
		updatedDefinition { access { storefront } } userErrors { field code } } }`, map[string]any{"d": map[string]any{
		"namespace": "loyalty", "key": "coupons", "ownerType": "CUSTOMER",
		"access": map[string]any{"storefront": "PUBLIC_READ"}}})
	equal(t, "updated", update.at("metafieldDefinitionUpdate", "updatedDefinition", "access", "storefront"),
		any("PUBLIC_READ"))
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	subscribe := func() reply {
		return s.run(`mutation($s: WebhookSubscriptionInput!) { webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: $s) {
			webhookSubscription { id topic uri } userErrors { field message } } }`,
			map[string]any{"s": map[string]any{"uri": "https://coupons.example.com/webhooks/shopify"}})
	}
	equal(t, "topic", subscribe().at("webhookSubscriptionCreate", "webhookSubscription", "topic"), any("ORDERS_CREATE"))
	equal(t, "second", len(subscribe().userErrors("webhookSubscriptionCreate")), 1)
	answer := s.run(`{ webhookSubscriptions(first: 5, topics: [ORDERS_CREATE, ORDERS_PAID]) { nodes { uri } } }`, nil)
	equal(t, "listed", answer.at("webhookSubscriptions", "nodes", 0, "uri"),
		any("https://coupons.example.com/webhooks/shopify"))
	equal(t, "once", len(s.Subscriptions()), 1)
}
