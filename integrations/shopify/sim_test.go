package shopify_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
	"pointbridge/domain/orders"
	"pointbridge/integrations/shopify"
	simulated "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

const (
	simShop   = "demo.myshopify.com"
	simSecret = "simulated-secret"
	member    = "gid://shopify/Customer/7001"
)

// writeOne writes one customer's metafield, and gives what it is refused for as an error.
func writeOne(t *testing.T, c *shopify.Client, customer, value, digest string) (string, error) {
	digests, refused, err := c.WriteCoupons(t.Context(), []metafields.Entry{{CustomerGID: customer, Value: []byte(value),
		Digest: digest}})
	if reason, is := refused[0]; is {
		return "", &domain.UpstreamError{Kind: domain.KindRefused, Reason: reason}
	}
	if err != nil {
		return "", err
	}
	return digests[0], nil
}

// newStore starts a simulated store with one customer and a client that signs in by client credentials.
func newStore(t *testing.T) (*simulated.Server, *shopify.Client) { return newStoreWith(t, "") }

// newStoreWith grants the app these scopes.
func newStoreWith(t *testing.T, scopes string) (*simulated.Server, *shopify.Client) {
	t.Helper()
	return newStoreOf(t, simulated.Config{Scopes: scopes})
}

// newStoreAt is a store whose clock is the test's.
func newStoreAt(t *testing.T, clock func() time.Time) (*simulated.Server, *shopify.Client) {
	t.Helper()
	return newStoreOf(t, simulated.Config{Scopes: allScopes, Clock: clock})
}

func newStoreOf(t *testing.T, cfg simulated.Config) (*simulated.Server, *shopify.Client) {
	t.Helper()
	cfg.Shop, cfg.APIVersion, cfg.ClientID, cfg.ClientSecret, cfg.Currency = simShop, "2026-10", "id", simSecret, "JPY"
	store, err := simulated.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.AddCustomer(member, "taro@example.com", "Yamada Taro", "ja"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	client, err := shopify.New(shopify.Config{
		Shop: simShop, APIURL: server.URL, APIVersion: "2026-10", ClientID: "id", ClientSecret: simSecret,
		MetafieldNamespace: "$app", MetafieldKey: "coupons", Timeout: 5 * time.Minute, // nothing here is about waiting
	}, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	return store, client
}

func discount(code string) coupons.Discount {
	now := time.Now().UTC().Truncate(time.Second)
	return coupons.Discount{
		Code: code, Title: "Loyalty 500pt 70934", CustomerGID: member, Amount: domain.Money{Minor: 500,
			Currency: "JPY"},
		StartsAt: now, EndsAt: now.AddDate(1, 0, 0), Tags: []string{"loyalty"},
	}
}

func wantReason(t *testing.T, err error, kind domain.Kind, reason string) {
	t.Helper()
	if err == nil || domain.KindOf(err) != kind || domain.ReasonOf(err) != reason {
		t.Errorf("got %v, want %s %q", err, kind, reason)
	}
}

func TestCouponLifeInASimulatedStore(t *testing.T) {
	t.Parallel()
	_, c := newStore(t)
	ctx := t.Context()
	d := discount("70934-AB72CD-500")
	id, err := c.CreateDiscount(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.FindDiscount(ctx, strings.ToLower(d.Code))
	want := coupons.FoundDiscount{
		ID: id, Codes: []string{d.Code}, Title: d.Title, Tags: d.Tags, CustomerGID: member, CustomerCount: 1,
		Amount: d.Amount, StartsAt: d.StartsAt, EndsAt: d.EndsAt, UsageLimit: 1, Status: "ACTIVE",
		UpdatedAt: found.UpdatedAt,
	}
	if err != nil || !reflect.DeepEqual(found, want) || found.UpdatedAt.IsZero() || found.Terms() != d.Terms() {
		t.Errorf("found, %v, with terms %v (-want +got):\n%s", err, found.Terms(), cmp.Diff(want, found))
	}
	_, err = c.CreateDiscount(ctx, d)
	wantReason(t, err, domain.KindRefused, domain.ReasonCodeTaken)
	for range 2 { // both may be repeated
		if err := c.DeactivateDiscount(ctx, id); err != nil {
			t.Error(err)
		}
	}
	if found, err := c.FindDiscount(ctx, d.Code); err != nil || found.Status != "EXPIRED" {
		t.Errorf("after deactivation: %+v, %v", found, err)
	}
	for range 2 {
		if err := c.DeleteDiscount(ctx, id); err != nil {
			t.Error(err)
		}
	}
	_, err = c.FindDiscount(ctx, d.Code)
	wantReason(t, err, domain.KindNotFound, "")
}

// TestARenamedDiscountInASimulatedStore: what is known by its id is found by it, whatever its code is called.
func TestARenamedDiscountInASimulatedStore(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	ctx := t.Context()
	d := discount("70934-AB72CD-500")
	d.MinimumSubtotal, d.CombinesWith.Product = domain.Money{Minor: 3000, Currency: "JPY"}, true
	id, err := c.CreateDiscount(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.RenameCode(id, "SORRY"); err != nil {
		t.Fatal(err)
	}
	found, err := c.ReadDiscount(ctx, id)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "found.ID", found.ID, id, found.Codes)
	expect.That(t, `found.Called("sorry")`, found.Called("sorry"), found.Codes)
	expect.That(t, "!found.Called(d.Code)", !found.Called(d.Code), d.Code, found.Codes)
	expect.Equal(t, "found.Terms()", found.Terms(), d.Terms(), found.Codes)
	{
		got, err := c.DiscountOf(ctx, "sorry")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got", got, id)
	}
	_, err = c.DiscountOf(ctx, d.Code)
	wantReason(t, err, domain.KindNotFound, "")
	store.LagUsage(time.Hour)
	if _, err := store.Checkout(member, []string{"SORRY"}, "5000"); err != nil {
		t.Fatal(err)
	}
	q := orders.UsageQuery{DiscountID: id, Code: d.Code, CustomerGID: member, Since: time.Now().Add(-time.Hour)}
	if got, err := c.Usage(ctx, q); err != nil || got.Count != 0 || got.Order == nil || !got.Alive {
		t.Errorf("count %d, order %v, alive %v, %v", got.Count, got.Order, got.Alive, err)
	}
	for _, act := range []func(string) error{store.DeactivateByHand, store.ActivateByHand} {
		if err := act(id); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := c.SetDiscountEnd(ctx, id, d.EndsAt); err != nil {
			t.Error(err)
		}
	}
	if after, err := c.ReadDiscount(ctx, id); err != nil || !after.EndsAt.Equal(d.EndsAt) || after.Title != d.Title ||
		after.UsageLimit != 1 ||
		after.CustomerGID != member || after.Terms() != d.Terms() || len(after.Tags) != 1 {
		t.Errorf("an end was set, and the discount is %v until %s, %v", after.Codes, after.EndsAt, err)
	}
	if err := store.DeleteByHand(id); err != nil {
		t.Fatal(err)
	}
	_, err = c.ReadDiscount(ctx, id)
	wantReason(t, err, domain.KindNotFound, "")
	wantReason(t, c.SetDiscountEnd(ctx, id, d.EndsAt), domain.KindNotFound, "")
}

func TestUnknownCustomerInASimulatedStore(t *testing.T) {
	t.Parallel()
	_, c := newStore(t)
	d := discount("70934-EF34GH-500")
	d.CustomerGID = "gid://shopify/Customer/404"
	_, err := c.CreateDiscount(t.Context(), d)
	wantReason(t, err, domain.KindRefused, "invalid_customer")
	_, err = writeOne(t, c, d.CustomerGID, `[]`, "")
	wantReason(t, err, domain.KindRefused, domain.ReasonCustomerNotFound)
	_, _, err = c.ReadCoupons(t.Context(), d.CustomerGID)
	wantReason(t, err, domain.KindNotFound, domain.ReasonCustomerNotFound)
}

// covers: H-10
func TestMetafieldInASimulatedStore(t *testing.T) {
	t.Parallel()
	_, c := newStore(t)
	ctx := t.Context()
	if missing, err := c.SetupMissing(ctx); err != nil || len(missing) != 1 {
		t.Errorf("missing %v, %v", missing, err)
	}
	for range 2 {
		if err := c.Setup(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if missing, err := c.SetupMissing(ctx); err != nil || len(missing) != 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
	{
		entries, digest, err := c.ReadCoupons(ctx, member)
		expect.MustEqual(t, "err", err, nil)
		expect.MustThat(t, "entries == nil", entries == nil, entries)
		expect.Equal(t, "digest", digest, "")
	}
	first, err := writeOne(t, c, member, `[{"code":"A"}]`, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a write over somebody else's is refused", func(t *testing.T) {
		second, err := writeOne(t, c, member, `[{"code":"B"}]`, first)
		if err != nil {
			t.Fatal(err)
		}
		_, err = writeOne(t, c, member, `[{"code":"C"}]`, first)
		wantReason(t, err, domain.KindRefused, domain.ReasonStale)
		_, err = writeOne(t, c, member, `[{"code":"C"}]`, "")
		wantReason(t, err, domain.KindRefused, domain.ReasonStale)
		entries, digest, err := c.ReadCoupons(ctx, member)
		expect.MustEqual(t, "err", err, nil, entries)
		expect.Equal(t, "string(entries)", string(entries), `[{"code":"B"}]`, entries)
		expect.Equal(t, "digest", digest, second, entries)
	})
}

// TestMetafieldsOfManyInASimulatedStore: up to 25 are one call, all or none; who is refused is named, and the cost is
// that of one call.
func TestMetafieldsOfManyInASimulatedStore(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	entries := func(n int) (list []metafields.Entry) {
		for i := range n {
			gid := fmt.Sprintf("gid://shopify/Customer/%d", 8000+i)
			_, err := store.AddCustomer(gid, fmt.Sprintf("m%d@example.com", i), "Member", "ja")
			expect.MustEqual(t, "err", err, nil)
			list = append(list, metafields.Entry{CustomerGID: gid, Value: fmt.Appendf(nil, `[{"code":"C%d"}]`, i)})
		}
		return list
	}
	all := entries(26)
	_, refused, err := c.WriteCoupons(t.Context(), all)
	wantReason(t, err, domain.KindRefused, "less_than_or_equal_to")
	expect.Equal(t, "named", len(refused), 0)
	spent := store.Budget().Spent
	digests, refused, err := c.WriteCoupons(t.Context(), all[:25])
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "refused", len(refused), 0)
	expect.Equal(t, "the cost of one mutation", store.Budget().Spent-spent, 10)
	for i, e := range all[:25] {
		value, digest, err := c.ReadCoupons(t.Context(), e.CustomerGID)
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "value", string(value), string(e.Value))
		expect.Equal(t, "digest", digest, digests[i])
		all[i].Digest, all[i].Value = digest, []byte(`[]`)
	}
	all[3].CustomerGID, all[7].Digest = "gid://shopify/Customer/404", "old"
	_, refused, err = c.WriteCoupons(t.Context(), all[:25])
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "refused", refused, map[int]string{3: domain.ReasonCustomerNotFound, 7: domain.ReasonStale})
	value, _, err := c.ReadCoupons(t.Context(), all[0].CustomerGID)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "nothing is written of it", string(value), `[{"code":"C0"}]`)
}

func TestOrdersInASimulatedStore(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	d := discount("70934-JK56LM-500")
	if _, err := c.CreateDiscount(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	order, err := store.Checkout(member, []string{d.Code}, "3000")
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.OrdersSince(t.Context(), d.StartsAt.Add(-time.Hour), "")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "len(page.Orders)", len(page.Orders), 1)
	expect.MustEqual(t, "page.Next", page.Next, "")
	got := page.Orders[0]
	expect.Equal(t, "got.ID", got.ID, order)
	expect.Equal(t, "got.CustomerGID", got.CustomerGID, member)
	expect.MustEqual(t, "len(got.Codes)", len(got.Codes), 1)
	expect.Equal(t, "got.Codes[0]", got.Codes[0], d.Code)
}

// covers: 000-01, 000-10
func TestVoidedOrdersInASimulatedStore(t *testing.T) {
	t.Parallel()
	store, c := newStore(t)
	d := discount("70934-JK56LM-500")
	if _, err := c.CreateDiscount(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	order, err := store.Checkout(member, []string{d.Code}, "3000")
	if err != nil {
		t.Fatal(err)
	}
	placed, err := c.Order(t.Context(), order)
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "placed.ID", placed.ID, order)
	expect.MustEqual(t, "placed.Voided()", placed.Voided(), false)
	expect.MustEqual(t, "placed.CancelReason", placed.CancelReason, "")
	expect.MustThat(t, "placed.Holds(d.Code)", placed.Holds(d.Code), d.Code)
	if err := store.CancelOrder(order, "DECLINED"); err != nil {
		t.Fatal(err)
	}
	voided, err := c.Order(t.Context(), order)
	if err != nil || !voided.Voided() || voided.CancelReason != "declined" || voided.CancelledAt.IsZero() ||
		voided.Payment != domain.PaymentVoided || !voided.Holds(d.Code) {
		t.Errorf("the declined order is read as %+v, %v", voided, err)
	}
	usage, err := c.Usage(t.Context(), orders.UsageQuery{Code: d.Code, CustomerGID: member,
		Since: d.StartsAt.Add(-time.Hour)})
	if err != nil || !usage.Used() || usage.Live() || usage.Order == nil {
		t.Errorf("a cancelled order frees the code: %+v, %v", usage, err)
	}
	if _, err := c.Order(t.Context(), "gid://shopify/Order/404"); domain.KindOf(err) != domain.KindNotFound {
		t.Errorf("an order that is not there: %v", err)
	}
}

func TestWrongSecretInASimulatedStore(t *testing.T) {
	t.Parallel()
	store, _ := newStore(t)
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	c, err := shopify.New(shopify.Config{
		Shop: simShop, APIURL: server.URL, APIVersion: "2026-10", ClientID: "id", ClientSecret: "wrong-secret",
		MetafieldNamespace: "$app", MetafieldKey: "coupons",
	}, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Ping(t.Context())
	wantReason(t, err, domain.KindAuth, "token")
	if strings.Contains(err.Error(), "wrong-secret") {
		t.Error(err)
	}
}
