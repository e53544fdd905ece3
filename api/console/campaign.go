package console

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
)

// campaignPage is a campaign: what became of it, what its rules say, and what was changed of them.
type campaignPage struct {
	campaigns.Campaign
	Now     campaigns.Status
	Rules   []ruleGroup
	Changes []campaignChange
	// Moves are the statuses that it can be moved to here.
	Moves []campaigns.Status
	Uses  campaigns.Uses
	// UsesLeft is how many are left of the limit in all; nil where there is none.
	UsesLeft *int64
	Chart    chart
	Decided  decisions.DayFigures
	// Points are the terms of coupons for points; nil of every other campaign.
	Points *coupons.Policy
	Trial  *trialPage
	Codes  codesPart
	Told   *pages.Told
}

// Rows is what the table of coupons shows.
func (p campaignPage) Rows() []couponRow { return p.Codes.Rows }

// campaignMessage is the text of a reason in a language; Standard is what is said where Text is empty.
type campaignMessage struct {
	Reason               decisions.Reason
	Language, Name, Text string
	Standard             string
}

// campaignChange is a change on record.
type campaignChange struct {
	At      time.Time
	By      string
	Text    string
	Changes []policyChange
}

// Reasons are those by which decisions refused, in their order.
func (p campaignPage) Reasons() (list []decisions.Reason) {
	for _, reason := range decisions.Reasons() {
		if p.Decided.ByReason[reason] > 0 {
			list = append(list, reason)
		}
	}
	return list
}

// Newest is the table behind the chart, the newest day first.
func (p campaignPage) Newest() []campaigns.DayUses {
	days := slices.Clone(p.Uses.Days)
	slices.Reverse(days)
	return days
}

// MoreCodes is how many codes are not listed.
func (p campaignPage) MoreCodes() int64 { return p.Uses.AllCodes - int64(len(p.Uses.Codes)) }

func (con campaignHandlers) campaign(req *request) error {
	return con.showCampaign(req, http.StatusOK, nil, nil)
}

// toCampaign leads whoever asks for the address of a trial to where one is made.
func (con campaignHandlers) toCampaign(req *request) error {
	req.redirect(campaignsPath + "/" + url.PathEscape(req.Gin.Param("key")) + "#trial")
	return nil
}

func (con campaignHandlers) showCampaign(req *request, status int, trial *trialPage, told *pages.Told) error {
	c, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), req.Gin.Param("key"))
	if err != nil {
		return err
	}
	page := campaignPage{Campaign: c, Now: c.StatusAt(con.deps.Now()), Rules: req.ruleGroups(c), Trial: trial, Told: told}
	if c.BuiltIn() {
		page.Points = &con.deps.Identity.Points
	} else {
		page.Moves = slices.DeleteFunc(campaigns.Statuses(),
			func(to campaigns.Status) bool { return !campaigns.CanBecome(c.Status, to) })
	}
	if page.Trial == nil {
		page.Trial = newTrial(c)
	}
	if page.Codes, err = con.codesOnPage(req, c); err != nil {
		return err
	}
	if err := con.countCampaign(req, &page); err != nil {
		return err
	}
	if page.Changes, err = con.changesOf(req, c.Key); err != nil {
		return err
	}
	req.showStatus(status, "campaign", c.NameIn(req.Lang), page)
	return nil
}

// countCampaign reads the figures of the last days.
func (con campaignHandlers) countCampaign(req *request, page *campaignPage) (err error) {
	today := con.deps.Reports.Today()
	from := today.AddDate(0, 0, 1-campaignDays)
	if page.Uses, err = con.deps.Identity.Figures.Uses(req.Ctx(), page.Key, from, today, con.deps.Zone); err != nil {
		return err
	}
	report, err := con.deps.Identity.DecisionBook.Report(req.Ctx(), page.Key, from, today)
	if err != nil {
		return err
	}
	page.Decided = report.Total
	if limit := int64(page.Policy.UsesInAll); limit > 0 {
		left := max(limit-page.Uses.Total, 0)
		page.UsesLeft = &left
	}
	days, counts := make([]time.Time, 0, campaignDays), make([]int64, 0, campaignDays)
	for _, d := range page.Uses.Days {
		days, counts = append(days, d.Date), append(counts, d.Count)
	}
	page.Chart = newChart("uses", days, counts)
	return nil
}

// changesOf reads the record of a campaign, the newest first.
func (con campaignHandlers) changesOf(req *request, key string) (list []campaignChange, err error) {
	for _, action := range []string{domain.ActionCampaignMade, domain.ActionCampaignProtected,
		domain.ActionCampaignMoved, domain.ActionCampaignRenamed} {
		found, err := con.deps.Audit.Audit(req.Ctx(), audit.Filter{Action: action, Limit: changesRead})
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			if e.Detail["campaign"] == key {
				list = append(list, req.changeOf(e.AuditEntry))
			}
		}
	}
	slices.SortStableFunc(list, func(a, b campaignChange) int { return b.At.Compare(a.At) })
	return list[:min(len(list), changesShown)], nil
}

// changeOf words one change on record.
func (req *request) changeOf(e domain.AuditEntry) campaignChange {
	line := req.event(e)
	change := campaignChange{At: e.At, By: line.By, Text: line.Text}
	switch e.Action {
	case domain.ActionCampaignProtected:
		was, _ := e.Detail["before"].(map[string]any)
		is, _ := e.Detail["after"].(map[string]any)
		change.Changes = req.changesBetween(was, is)
	case domain.ActionCampaignMoved:
		before, _ := e.Detail["before"].(string)
		after, _ := e.Detail["after"].(string)
		change.Changes = []policyChange{{req.T("campaign.status"), req.known("campaign.status.", before),
			req.known("campaign.status.", after)}}
	case domain.ActionCampaignRenamed:
		change.Changes = []policyChange{{req.T("campaigns.names"), namesText(e.Detail["before"]),
			namesText(e.Detail["after"])}}
	}
	return change
}

// namesText joins names as the audit keeps them.
func namesText(names any) (text string) {
	list, _ := names.([]any)
	for _, one := range list {
		name, _ := one.(map[string]any)
		if said, ok := name["text"].(string); ok && text != "" {
			text += " / " + said
		} else if ok {
			text = said
		}
	}
	return text
}
