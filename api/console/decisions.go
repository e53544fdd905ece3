package console

import (
	"net/url"
	"slices"
	"strconv"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

const (
	decisionsPath = consolePath + "/decisions"
	// decisionsShown is how many decisions a page of the list has.
	decisionsShown = 30
)

// decisionRoutes are decisions about codes, and what people say of them.
func (con decisionHandlers) decisionRoutes() []route {
	const one = decisionsPath + "/:id"
	read, judge := access.To("decisions", "read"), access.To("decisions", "judge")
	return []route{
		pages.Get(decisionsPath, read, con.decisions),
		pages.Get(one, read, con.decision),
		pages.Get(one+"/person", read, con.decisionPerson),
		pages.Post(one+"/replay", read, con.replayDecision),
		pages.Post(one+"/verdict", judge, con.judgeDecision),
	}
}

// decisionsAsked is what somebody asked the list for, as it stands in the address.
type decisionsAsked struct{ State, Campaign, Outcome, Reason string }

// states are the views of the list: what waits for a verdict first.
var states = []string{"waiting", "judged", "all"}

func (a decisionsAsked) filter() decisions.Filter {
	f := decisions.Filter{Campaign: a.Campaign, Outcome: decisions.Outcome(a.Outcome), Reason: decisions.Reason(a.Reason)}
	switch a.State {
	case "waiting":
		f.Unjudged, f.Stopped = true, true
	case "judged":
		f.Judged = true
	}
	return f
}

func (a decisionsAsked) address(before int64) string {
	q := url.Values{}
	for name, value := range map[string]string{"state": a.State, "campaign": a.Campaign, "outcome": a.Outcome,
		"reason": a.Reason} {
		if value != "" && value != "waiting" {
			q.Set(name, value)
		}
	}
	if before != 0 {
		q.Set("before", pages.Number(before))
	}
	if len(q) == 0 {
		return decisionsPath
	}
	return decisionsPath + "?" + q.Encode()
}

type decisionsPage struct {
	Asked     decisionsAsked
	States    []reviewFilter
	Campaigns []campaigns.Campaign
	Outcomes  []decisions.Outcome
	Reasons   []decisions.Reason
	Rows      []decisions.Decision
	Newest    string
	Older     string
}

// asked reads the address; what is none of the values that there are asks for nothing.
func (req *request) asked() decisionsAsked {
	a := decisionsAsked{State: req.Query("state"), Campaign: req.Query("campaign"), Outcome: req.Query("outcome"),
		Reason: req.Query("reason")}
	if !slices.Contains(states, a.State) {
		a.State = states[0]
	}
	if !campaigns.ValidKey(a.Campaign) {
		a.Campaign = ""
	}
	if !slices.Contains(decisions.Outcomes(), decisions.Outcome(a.Outcome)) {
		a.Outcome = ""
	}
	if !slices.Contains(decisions.Reasons(), decisions.Reason(a.Reason)) {
		a.Reason = ""
	}
	return a
}

func (con decisionHandlers) decisions(req *request) error {
	page := decisionsPage{Asked: req.asked(), Outcomes: decisions.Outcomes(), Reasons: decisions.Reasons()}
	f := page.Asked.filter()
	f.Before, _ = strconv.ParseInt(req.Query("before"), 10, 64) // what is no number asks for the first page
	f.Before, f.Limit = max(f.Before, 0), decisionsShown
	var more bool
	var err error
	if page.Rows, more, err = con.deps.Identity.Decisions.List(req.Ctx(), f); err != nil {
		return err
	}
	if page.Campaigns, err = con.deps.Identity.CampaignBook.List(req.Ctx()); err != nil {
		return err
	}
	if more {
		page.Older = page.Asked.address(page.Rows[len(page.Rows)-1].ID)
	}
	if f.Before > 0 {
		page.Newest = page.Asked.address(0)
	}
	for _, state := range states {
		asked := page.Asked
		asked.State = state
		page.States = append(page.States, reviewFilter{Key: "decisions.state." + state, Address: asked.address(0),
			Here: state == page.Asked.State})
	}
	if err := req.read(domain.ActionDecisionsFound, "", found(len(page.Rows))); err != nil {
		return err
	}
	req.show("decisions", req.T("decisions.title"), page)
	return nil
}

// CampaignName is what a campaign is called in the reader's language.
func (d *view) CampaignName(c campaigns.Campaign) string { return c.NameIn(d.req.Lang) }
