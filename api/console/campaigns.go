package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

const (
	campaignsPath = consolePath + "/campaigns"
	// changesShown is how many changes of a campaign a page shows, changesRead how many of all campaigns are read for
	// them.
	changesShown = 20
	changesRead  = 200
)

// campaignRoutes are campaigns and their protection.
func (con campaignHandlers) campaignRoutes() []route {
	const one = campaignsPath + "/:key"
	read, manage := access.To("campaigns", "read"), access.To("campaigns", "manage")
	return []route{
		pages.Get(campaignsPath, read, con.campaigns),
		pages.Post(campaignsPath, manage, con.makeCampaign),
		pages.Get(templatesPath+"/:template", manage, con.newCampaign),
		pages.Post(templatesPath+"/:template", manage, con.makeFromTemplate),
		pages.Get(one, read, con.campaign),
		pages.Post(one, manage, con.changeCampaign),
		pages.Get(one+"/edit", manage, con.editCampaign),
		pages.Get(one+"/status", manage, con.confirmMove),
		pages.Post(one+"/status", manage, con.moveCampaign),
		pages.Get(one+"/trial", manage, con.toCampaign),
		pages.Post(one+"/trial", manage, con.tryCampaign),
	}
}

type campaignsPage struct {
	Rows      []campaignRow
	Templates []campaigns.TemplateKey
	Form      url.Values
	Told      *pages.Told
}

// campaignRow is a campaign of the list: how it stands now, and what became of it lately.
type campaignRow struct {
	campaigns.Campaign
	Now    campaigns.Status
	Counts campaigns.Counts
}

// campaignDays is how many days the figures of campaigns look back, today included.
const campaignDays = 30

// rank is the order of the list: what is live first, what has ended last.
func rank(s campaigns.Status) int {
	return slices.Index([]campaigns.Status{campaigns.Live, campaigns.Paused, campaigns.Draft, campaigns.Ended}, s)
}

// Typed is what stood in a field of the form that comes back.
func (p campaignsPage) Typed(field string) string { return p.Form.Get(field) }

func (con campaignHandlers) campaigns(req *request) error {
	return con.showCampaigns(req, http.StatusOK, campaignsPage{})
}

func (con campaignHandlers) showCampaigns(req *request, status int, page campaignsPage) (err error) {
	list, err := con.deps.Identity.CampaignBook.List(req.Ctx())
	if err != nil {
		return err
	}
	now := con.deps.Now()
	counts, err := con.deps.Identity.Figures.Counts(req.Ctx(), now.AddDate(0, 0, -campaignDays))
	if err != nil {
		return err
	}
	page.Templates = campaigns.TemplateKeys()
	for _, c := range list {
		page.Rows = append(page.Rows, campaignRow{c, c.StatusAt(now), counts[c.Key]})
	}
	slices.SortStableFunc(page.Rows, func(a, b campaignRow) int { return rank(a.Now) - rank(b.Now) })
	req.showStatus(status, "campaigns", req.T("campaigns.title"), page)
	return nil
}

func (con campaignHandlers) makeCampaign(req *request) error {
	c := campaigns.Campaign{Key: strings.TrimSpace(req.Field("key")),
		Prefix: strings.ToUpper(strings.TrimSpace(req.Field("prefix"))), Policy: decisions.NewPolicy(decisions.Medium)}
	for _, lang := range []string{"ja", "en"} {
		if name := strings.TrimSpace(req.Field("name_" + lang)); name != "" {
			c.Names = append(c.Names, campaigns.Name{Language: lang, Text: name})
		}
	}
	made, err := con.deps.Identity.Campaigns.Make(req.Ctx(), req.Who, c)
	if err != nil {
		return req.stayWith(err, func(status int, told *pages.Told) error {
			return con.showCampaigns(req, status, campaignsPage{Told: told, Form: req.Gin.Request.PostForm})
		})
	}
	req.redirect(campaignsPath + "/" + made.Key)
	return nil
}
