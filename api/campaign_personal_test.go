package api

import (
	"net/http"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/test/expect"
)

const summerCodes = "/v1/campaigns/summer/codes"

// TestACustomerOfTheShopAsksForACode: whom Shopify vouches for asks for themselves, member or not, through the storefront
// and from an extension; what else a body names goes to the service, which refuses it. One signature starts one request.
func TestACustomerOfTheShopAsksForACode(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(d *Deps) { d.ShopperID = func(gid string) string { return "_shop_of_" + gid[len(gid)-4:] } })
	s.call("", http.MethodPost, s.signed(proxyPath+summerCodes, "7002"), `{}`, keyed("k1")).want(t, 201, "")
	s.call("", http.MethodPost, s.signed(proxyPath+summerCodes, "7001"), `{}`, keyed("k1")).want(t, 201, "")
	s.call("", http.MethodPost, summerCodes, `{}`, keyed("k2"),
		withSession(s.extension(map[string]any{"sub": "gid://shopify/Customer/7002"}))).want(t, 201, "")
	s.call("", http.MethodPost, s.signed(proxyPath+summerCodes, "7002"), `{"customer_id":"4711"}`, keyed("k3")).
		want(t, 201, "")
	s.call("", http.MethodPost, s.signed(proxyPath+summerCodes, ""), `{}`, keyed("k4")).want(t, 401,
		domain.CodeNotSignedIn)
	want := []struct{ caller, member, gid string }{{"_shop_of_7002", "", "gid://shopify/Customer/7002"},
		{"8812370934", "8812370934", ""}, {"_shop_of_7002", "", "gid://shopify/Customer/7002"},
		{"_shop_of_7002", "4711", ""}}
	expect.MustEqual(t, "len(s.service.issued)", len(s.service.issued), len(want))
	for n, i := range s.service.issued {
		expect.Equal(t, "i.Caller.CustomerID", i.Caller.CustomerID, want[n].caller, n)
		expect.Equal(t, "i.To", i.To, coupons.Recipient{CustomerID: want[n].member, ShopifyCustomerGID: want[n].gid}, n)
		expect.Equal(t, "proved", i.Proof != "", n != 2, n)
	}
}

// TestWhomACodeIsForMustBeSaid by everybody but a customer, and a key is needed.
func TestWhomACodeIsForMustBeSaid(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	in := s.signedIn(domain.RoleECAdmin)
	s.call(domain.RoleECAdmin, http.MethodPost, summerCodes, `{}`, keyed("k1"), in).want(t, 422, domain.CodeValidation)
	s.call(domain.RoleECAdmin, http.MethodPost, summerCodes, `{"email":"a@example.com"}`, in).want(t, 400,
		domain.CodeKeyMissing)
	s.call(domain.RoleECAdmin, http.MethodPost, summerCodes, `{"email":"a@example.com","value":-1}`, keyed("k2"), in).
		want(t, 422, domain.CodeValidation)
	expect.Equal(t, "s.service.called()", s.service.called(), 0)
}

// TestWhoeverLostTheAnswerAsksByTheirKey: the request is found by its idempotency key and by who made it, as long as it is
// on its way, and when it is done; under another campaign it is not there. An address names the request, not the code.
func TestWhoeverLostTheAnswerAsksByTheirKey(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(d *Deps) { d.ShopperID = func(gid string) string { return "_shop_of_" + gid[len(gid)-4:] } })
	s.service.pending = true
	told := s.call("", http.MethodPost, s.signed(proxyPath+summerCodes, "7002"), `{}`, keyed("k:1+")).want(t, 202, "")
	where := "/apps/pointbridge" + summerCodes + "/k:1%2B"
	expect.Equal(t, "Location", told.header.Get("Location"), where)
	s.call("", http.MethodGet, s.signed(proxyPath+summerCodes+"/k:1%2B", "7002"), "").want(t, 202, "")
	s.service.pending = false
	for _, gid := range []string{"7002", "7001"} {
		s.call("", http.MethodGet, s.signed(proxyPath+summerCodes+"/k:1%2B", gid), "").want(t, 200, "")
	}
	s.call("", http.MethodGet, s.signed(proxyPath+"/v1/campaigns/winter/codes/k:1%2B", "7002"), "").want(t, 404,
		domain.CodeNotFound)
	s.call("", http.MethodGet, s.signed(proxyPath+summerCodes+"/%E3%81%82", "7002"), "").want(t, 422,
		domain.CodeValidation)
	want := [][2]string{{"member:_shop_of_7002", "k:1+"}, {"member:_shop_of_7002", "k:1+"}, {"member:8812370934", "k:1+"},
		{"member:_shop_of_7002", "k:1+"}}
	expect.Equal(t, "asked for", s.service.polled, want)
}
