package console

import (
	"net/http"
	"net/url"
	"slices"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/cursor"
	"pointbridge/domain/decisions"
	"pointbridge/domain/listing"
	"pointbridge/templates"
)

const (
	oneCampaign = campaignsPath + "/:key"
	batchesPath = oneCampaign + "/batches"
	sharedPath  = oneCampaign + "/shared-codes"
	// codesShown is how many batches or codes a campaign's own page shows, codesListed a page of all of them.
	codesShown  = 10
	codesListed = 25
)

// givesCode is the right to give somebody a personal code.
var givesCode = access.To("campaign_codes", "create")

// codeRoutes are the codes of campaigns: how they are made, listed and ended.
func (con codeHandlers) codeRoutes() []route {
	read, manage, create := access.To("campaign_codes", "read"), access.To("campaigns", "manage"), givesCode
	return []route{
		pages.Get(oneCampaign+"/codes", read, con.codes),
		pages.Get(oneCampaign+"/codes/new", create, con.issueForm),
		pages.Post(oneCampaign+"/codes", create, con.issue),
		pages.Get(batchesPath+"/new", manage, con.batchForm),
		pages.Post(batchesPath+"/new", manage, con.confirmBatch),
		pages.Post(batchesPath, manage, con.makeBatch),
		pages.Get(batchesPath+"/:id", read, con.batch),
		pages.Get(batchesPath+"/:id/progress", read, con.batchProgress),
		pages.Get(batchesPath+"/:id/codes.csv", read, con.batchFile),
		pages.Get(batchesPath+"/:id/stop", manage, con.confirmStop),
		pages.Post(batchesPath+"/:id/status", manage, con.moveBatch),
		pages.Get(sharedPath+"/new", manage, con.shareForm),
		pages.Post(sharedPath, manage, con.share),
		pages.Get(sharedPath+"/:code/end", manage, con.confirmEnd),
		pages.Post(sharedPath+"/:code/end", manage, con.endShared),
	}
}

// codesPart is the codes of a campaign on a page: batches, shared codes, or coupons, by its kind.
type codesPart struct {
	Of      campaigns.Campaign
	Batches []codes.Batch
	Shared  []codes.Code
	Rows    []couponRow
	// All is the address of the whole list, First and Next those of its other pages; empty where there is none.
	All, First, Next string
	// Make and Issue are the addresses of the forms that make codes, Coupons that of the list of personal ones; empty
	// where the visitor may not.
	Make, Issue, Coupons string
	// Shut tells that the campaign gives no codes out at this moment.
	Shut bool
}

// There tells that there is something to be said of the campaign's codes.
func (p codesPart) There() bool {
	return !p.Of.Offer.Found() && (p.All != "" || p.Make != "" || p.Issue != "" || p.Coupons != "")
}

// campaignAddress is the page of a campaign, or one below it.
func campaignAddress(key string, parts ...string) string {
	address := campaignsPath + "/" + url.PathEscape(key)
	for _, p := range parts {
		address += "/" + url.PathEscape(p)
	}
	return address
}

// givesCodes tells that a campaign gives codes out at this moment; what ends with it can be made before it begins.
func (con *Console) givesCodes(c campaigns.Campaign) bool {
	now := con.deps.Now()
	if c.Offer.Codes == campaigns.Personal {
		return c.StatusAt(now) == campaigns.Live && c.Offer.OpenAt(now)
	}
	return c.Status == campaigns.Live && now.Before(c.Offer.EndsAt)
}

// ofKind reads the campaign of the address, if it has codes of one of these kinds.
func (con *Console) ofKind(req *request, kinds ...campaigns.Codes) (campaigns.Campaign, error) {
	c, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), req.Gin.Param("key"))
	if err == nil && !slices.Contains(kinds, c.Offer.Codes) {
		err = domain.Refuse(domain.CodeNotFound)
	}
	return c, err
}

// codesOf reads what the visitor may see of a campaign's codes: the newest, or those after a place.
func (con *Console) codesOf(req *request, c campaigns.Campaign, after int64, limit int) (p codesPart, err error) {
	p = codesPart{Of: c, Shut: !con.givesCodes(c)}
	if c.Offer.Found() {
		return p, nil
	}
	reads := req.may("campaign_codes", "read")
	if reads {
		p.All = campaignAddress(c.Key, "codes")
	}
	gives := req.may("campaign_codes", "create")
	if req.may("campaigns", "manage") && (gives || c.Offer.Codes != campaigns.Personal) {
		p.Make = campaignAddress(c.Key, "batches", "new")
		if c.Offer.Codes == campaigns.Shared {
			p.Make = campaignAddress(c.Key, "shared-codes", "new")
		}
	}
	if c.Offer.Codes == campaigns.Personal {
		if gives {
			p.Issue = campaignAddress(c.Key, "codes", "new")
		}
		if req.may("coupons", "read") {
			p.Coupons = couponsPath + "?" + url.Values{"campaign": {c.Key}}.Encode()
		}
	}
	if !reads {
		return p, nil
	}
	last := int64(0)
	if c.Offer.Codes == campaigns.Shared {
		p.Shared, err = con.deps.Identity.CodeBook.CodesOf(req.Ctx(), codes.Query{Campaign: c.Key, Kind: codes.Shared,
			Newest: true, After: after, Limit: limit + 1})
		if len(p.Shared) > limit {
			p.Shared, last = p.Shared[:limit], p.Shared[limit-1].ID
		}
	} else {
		p.Batches, err = con.deps.Identity.CodeBook.BatchesOf(req.Ctx(), c.Key, after, limit+1)
		if len(p.Batches) > limit {
			p.Batches, last = p.Batches[:limit], p.Batches[limit-1].ID
		}
	}
	if last != 0 {
		p.Next = p.All + "?" + url.Values{"after": {codePlaces.Write(cursor.Place{ID: last})}}.Encode()
	}
	if after != 0 {
		p.First = p.All
	}
	return p, err
}

// codePlaces are the addresses' places in lists of codes.
var codePlaces = cursor.ByID("codes:")

// placeIn reads one. What is no place is none: the list then begins at its start.
func placeIn(req *request) int64 {
	p, err := codePlaces.Read(req.Query("after"))
	if err != nil {
		return 0
	}
	return p.ID
}

// codesOnPage are the codes on a campaign's own page, personal ones among them.
func (con campaignHandlers) codesOnPage(req *request, c campaigns.Campaign) (codesPart, error) {
	p, err := con.codesOf(req, c, 0, codesShown)
	if err != nil || p.Coupons == "" {
		return p, err
	}
	listed, err := con.deps.Listing.Page(req.Ctx(), listing.Filter{Family: c.Prefix, Now: con.deps.Now(),
		Limit: codesShown})
	if err != nil {
		return p, err
	}
	found := couponsFound{list: listed.Coupons}
	if found.names, err = con.deps.Directory.Names(req.Ctx(), customersOf(found.list)); err != nil {
		return p, err
	}
	p.Rows = req.rows(found)
	if len(p.Rows) > 0 {
		err = req.read(domain.ActionCouponsFound, "", map[string]any{"found": len(p.Rows), "campaign": c.Key})
	}
	return p, err
}

// listedCodes is all of a campaign's batches, or all of its shared codes.
type listedCodes struct {
	campaigns.Campaign
	Codes codesPart
}

// Rows is what the table of coupons shows: these have a list of their own.
func (p listedCodes) Rows() []couponRow { return p.Codes.Rows }

func (con codeHandlers) codes(req *request) error {
	c, err := con.ofKind(req, campaigns.Batch, campaigns.Shared, campaigns.Personal)
	if err != nil {
		return err
	}
	page := listedCodes{Campaign: c}
	if page.Codes, err = con.codesOf(req, c, placeIn(req), codesListed); err != nil {
		return err
	}
	if code := decisions.CodeKey(req.Query("code")); code != "" && c.Offer.Codes == campaigns.Shared {
		page.Codes.First, page.Codes.Next = page.Codes.All, ""
		if page.Codes.Shared, err = con.deps.Identity.CodeBook.CodesOf(req.Ctx(), codes.Query{Campaign: c.Key,
			Kind: codes.Shared, Code: code, Limit: 1}); err != nil {
			return err
		}
	}
	page.Codes.All = ""
	req.showStatus(http.StatusOK, "campaign-codes", req.T("codes_of.title")+" · "+c.NameIn(req.Lang), page)
	return nil
}

// Count writes a number of things.
func (d *view) Count(n int) templates.Quantity { return d.req.quantity(int64(n)) }

// ValueOf writes what a code of a campaign takes off.
func (d *view) ValueOf(c campaigns.Campaign, n int64) string {
	return d.req.ValueText(c.Offer.Value, n)
}

// Refusal says why a batch does not go on, or nothing came of a code.
func (d *view) Refusal(reason string) string { return d.req.refusalText(reason) }

// Within is the same request for a part of a page.
func (d *view) Within(part any) *view { return &view{d.req.View(d.Name, d.Title, part), d.req} }
