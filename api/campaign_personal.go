package api

import (
	"context"
	"net/http"
	"net/url"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

const (
	campaignCodesPath = campaignsPath + "/{key}/codes"
	campaignCodePath  = campaignCodesPath + "/{request}"
)

var mayIssueCodes = access.To("campaign_codes", "create")

// issues is how the giving out of a personal code can be refused.
var issues = []domain.Code{domain.CodeCampaignNotFound, domain.CodeCampaignNotOpen, domain.CodeCampaignChanged,
	domain.CodeValueNotOffered, domain.CodeCodeNotOffered, domain.CodeTooManyCoupons, domain.CodeMemberRequired,
	domain.CodeRecipientNotFound,
	domain.CodeCustomerNotFound, domain.CodeCustomerNotLinked, domain.CodeOwnMembership, domain.CodeConversionsLocked,
	domain.CodeInsufficientPoints, domain.CodeConversionInProgress, domain.CodeConversionFailed,
	domain.CodeShopSettings, domain.CodeUpstreamUnavailable}

// personalRoutes give personal codes of campaigns out: to whom staff name, and to customers who ask for themselves.
func (a *API) personalRoutes() {
	addShared(a, route{http.MethodPost, campaignCodesPath, mayIssueCodes, "Give somebody a personal code of a campaign",
		true, issues}, http.StatusCreated, a.issueCode)
	addShared(a, route{http.MethodGet, campaignCodePath, mayIssueCodes, "How a request for a personal code stands", false,
		append(issues[:len(issues):len(issues)], domain.CodeNotFound)}, http.StatusOK, a.issuedCode)
	a.engine.OPTIONS(campaignsPath+"/:key/codes", a.preflight)
	a.engine.OPTIONS(campaignsPath+"/:key/codes/:request", a.preflight)
}

// asksCode tells that a route gives personal codes out, or says what became of a request for one.
func (r route) asksCode() bool {
	return r.method == http.MethodPost && r.direct() == campaignCodesPath || r.direct() == campaignCodePath
}

// forShoppers says which customers of the shop a route serves who are no members: everybody may ask for a code, and who
// holds coupons may look at them. It is nil for none.
func (a *API) forShoppers(r route) func(ctx context.Context, shopperID string) bool {
	switch {
	case a.deps.ShopperID == nil:
		return nil
	case r.asksCode():
		return func(context.Context, string) bool { return true }
	case r.method == http.MethodGet && r.direct() == "/v1/customers/{id}/coupons":
		return func(ctx context.Context, id string) bool {
			_, err := a.deps.Directory.Customer(ctx, id)
			return err == nil
		}
	default:
		return nil
	}
}

// PersonalCode says for whom a code is, and what it takes off.
type PersonalCode struct {
	CustomerID        *string    `json:"customer_id,omitempty" maxLength:"64" doc:"A member, by their id in the POS"`
	ShopifyCustomerID *shopifyID `json:"shopify_customer_id,omitempty" doc:"A customer of the shop, member or not, as a gid or its number"`
	Email             *string    `json:"email,omitempty" maxLength:"254" doc:"The customer of the shop who has this mail address"`
	Value             int64      `json:"value,omitempty" minimum:"0" maximum:"1000000000000" doc:"What the code takes off, within the campaign's range: an amount in the currency's smallest unit, or a part in basis points, of which 10,000 are all of it. Needed where there is something to choose"`
	Points            *int64     `json:"points,omitempty" minimum:"0" doc:"What the code was said to cost; where it costs something else by now, nothing is taken (campaign_changed)"`
}

type issueInput struct {
	CampaignPath
	Key  string       `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"128" doc:"New for each new request: the same request sent again has one effect and gets the first answer"`
	Body PersonalCode `nameHint:"PersonalCode"`
}

// issueCode gives a code out: 201 with the coupon once the code exists in the shop, or 202 while it is on its way.
func (a *API) issueCode(ctx context.Context, in *issueInput) (*conversionOutput, error) {
	return a.issuePersonal(ctx, in.CampaignPath.Key, in.Key, in.Body)
}

// issuePersonal is issueCode for whoever has read the request.
func (a *API) issuePersonal(ctx context.Context, campaign, key string, body PersonalCode) (*conversionOutput, error) {
	x := exchangeOf(ctx)
	to, err := body.recipient(x)
	if err != nil {
		return nil, err
	}
	result, err := a.deps.Codes.Issue(ctx, coupons.Issue{Caller: x.caller, Key: key, Campaign: campaign, To: to,
		Value: body.Value, Points: body.Points, Proof: x.proof})
	if err != nil {
		return nil, err
	}
	return a.issued(x, result, key, http.StatusCreated), nil
}

type issuedInput struct {
	CampaignPath
	Request string `path:"request" minLength:"1" maxLength:"128" doc:"The Idempotency-Key the code was asked for with"`
}

// issuedCode is what to poll after a 202, and for whoever lost the answer: 202 again, the coupon, or the problem it failed
// with. It finds what this caller asked for, and starts nothing.
func (a *API) issuedCode(ctx context.Context, in *issuedInput) (*conversionOutput, error) {
	x := exchangeOf(ctx)
	if !visibleASCII(in.Request) {
		return nil, wrong("path.request", "visible_ascii")
	}
	result, err := a.deps.Codes.Issued(ctx, x.caller.ID, in.Request)
	if err == nil && result.Coupon.Campaign != in.CampaignPath.Key {
		err = domain.Refuse(domain.CodeNotFound)
	}
	if err != nil {
		return nil, err
	}
	return a.issued(x, result, in.Request, http.StatusOK), nil
}

// issued answers with a code, or with where to ask for it while it is on its way. Nobody learns a code from an address
// before it can be used who could not look it up.
func (a *API) issued(x *exchange, r coupons.Result, key string, done int) *conversionOutput {
	out := a.converted(x, r, key, done)
	switch {
	case a.seesAll(x.caller):
		out.Location = "/v1/coupons/" + url.PathEscape(r.Coupon.Code)
	case !r.Done:
		out.Location = x.base + campaignsPath + "/" + r.Coupon.Campaign + "/codes/" + escapedKey(key)
	case x.caller.Role == domain.RoleCustomer:
		out.Location = x.base + "/v1/customers/me/coupons"
	default:
		out.Location = "/v1/customers/" + url.PathEscape(r.Coupon.CustomerID) + "/coupons"
	}
	return out
}

// recipient is whom a code is for. A customer asks for themselves, and need not say so.
func (b PersonalCode) recipient(x *exchange) (coupons.Recipient, error) {
	to := coupons.Recipient{CustomerID: textOf(b.CustomerID), Email: textOf(b.Email)}
	if b.ShopifyCustomerID != nil {
		to.ShopifyCustomerGID = string(*b.ShopifyCustomerID)
	}
	nobody := to == coupons.Recipient{}
	switch {
	case x.caller.Role == domain.RoleCustomer && nobody && x.shopper != "":
		to.ShopifyCustomerGID = x.shopper
	case x.caller.Role == domain.RoleCustomer && nobody:
		to.CustomerID = x.caller.CustomerID
	case nobody:
		return to, wrong("body.customer_id", "required")
	}
	return to, nil
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
