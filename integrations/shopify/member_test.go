package shopify_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/shopify"
	simulated "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

// TestMemberField reads which member a customer is from the simulated store, and stops believing it as soon as
// customers may write it.
func TestMemberField(t *testing.T) {
	t.Parallel()
	const adminToken = "fixed-admin-token"
	store, err := simulated.New(simulated.Config{Shop: simShop, APIVersion: "2026-10", ClientID: "id",
		ClientSecret: simSecret, AccessToken: adminToken})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.AddCustomer(member, "", "", ""); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(store)
	defer server.Close()
	client, err := shopify.New(shopify.Config{Shop: simShop, APIURL: server.URL, APIVersion: "2026-10",
		AccessToken: adminToken, MetafieldNamespace: "$app", MetafieldKey: "coupons"}, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	field, err := client.MemberField("loyalty", "member_id")
	if err != nil {
		t.Fatal(err)
	}
	admin := func(query string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+
			"/admin/api/2026-10/graphql.json", strings.NewReader(`{"query":"`+strings.ReplaceAll(query, `"`, `\"`)+
			`"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Shopify-Access-Token", adminToken)
		req.Header.Set("Content-Type", "application/json")
		res, err := server.Client().Do(req)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "res.StatusCode", res.StatusCode, http.StatusOK)
		res.Body.Close()
	}
	if id, err := field.MemberID(t.Context(), member); err != nil || id != "" {
		t.Errorf("without the field: %q, %v", id, err)
	}
	admin(`mutation { metafieldsSet(metafields: [{ownerId: "` + member +
		`", namespace: "loyalty", key: "member_id", type: "single_line_text_field", value: "8812370934 "}]) { userErrors { message } } }`)
	if id, err := field.MemberID(t.Context(), member); err != nil || id != "8812370934" {
		t.Errorf("with the field: %q, %v", id, err)
	}
	admin(`mutation { metafieldDefinitionCreate(definition: {name: "Member", namespace: "loyalty", key: "member_id", ownerType: CUSTOMER, type: "single_line_text_field", access: {customerAccount: READ}}) { userErrors { message } } }`)
	if id, err := field.MemberID(t.Context(), member); err != nil || id != "8812370934" {
		t.Errorf("with a field that customers may read: %q, %v", id, err)
	}
	admin(`mutation { metafieldDefinitionUpdate(definition: {namespace: "loyalty", key: "member_id", ownerType: CUSTOMER, access: {customerAccount: READ_WRITE}}) { userErrors { message } } }`)
	_, err = field.MemberID(t.Context(), member)
	wantReason(t, err, domain.KindRefused, "member_field_writable")
	if err != nil && strings.Contains(err.Error(), "8812370934") {
		t.Errorf("the reason names the member: %v", err)
	}
	_, err = field.MemberID(t.Context(), "gid://shopify/Customer/404")
	wantReason(t, err, domain.KindNotFound, domain.ReasonCustomerNotFound)
	for _, name := range [][2]string{{"", "member_id"}, {"loyalty", ""}, {"l", "member_id"},
		{"loyalty", "with space"}} {
		if _, err := client.MemberField(name[0], name[1]); err == nil {
			t.Errorf("%v was accepted", name)
		}
	}
}
