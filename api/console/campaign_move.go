package console

import (
	"net/http"
	"net/url"
	"slices"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// movePage asks once more before a campaign is moved on, and says what will happen.
type movePage struct {
	campaigns.Campaign
	To     campaigns.Status
	Reason string
	// Says are the sentences of what follows, Customers what customers are told from then on.
	Says      []string
	Customers []campaignMessage
	Told      *pages.Told
}

// moved are the statuses that somebody moves a campaign to.
var moved = []campaigns.Status{campaigns.Live, campaigns.Paused, campaigns.Ended}

// confirmMove shows what a move would do. What is no move of this campaign's is a page that there is not.
func (con campaignHandlers) confirmMove(req *request) error {
	return con.showMove(req, http.StatusOK, campaigns.Status(req.Query("to")), "", nil)
}

func (con campaignHandlers) showMove(req *request, status int, to campaigns.Status, reason string,
	told *pages.Told) error {
	c, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), req.Gin.Param("key"))
	if err != nil {
		return err
	}
	if c.BuiltIn() || !slices.Contains(moved, to) || !campaigns.CanBecome(c.Status, to) && told == nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	page := movePage{Campaign: c, To: to, Reason: reason, Told: told}
	page.Says = con.moveSays(req, c, to)
	why := map[campaigns.Status]decisions.Reason{campaigns.Paused: decisions.ReasonCampaignPaused,
		campaigns.Ended: decisions.ReasonCampaignEnded}[to]
	if why != "" && c.Policy.Mode == decisions.Enforce {
		for _, lang := range []string{"ja", "en"} {
			text := c.Policy.MessageFor(why, lang)
			if text == "" {
				if text, err = con.deps.Words.Say(lang, "decision.reason."+string(why)); err != nil {
					return err
				}
			}
			page.Customers = append(page.Customers, campaignMessage{Language: lang, Text: text})
		}
	}
	req.showStatus(status, "campaign-move", c.NameIn(req.Lang), page)
	return nil
}

// moveSays is what follows from a move, in sentences.
func (con campaignHandlers) moveSays(req *request, c campaigns.Campaign, to campaigns.Status) (list []string) {
	list = append(list, req.T("campaign.move."+string(to)))
	if to == campaigns.Live {
		switch now := con.deps.Now(); {
		case c.Offer.Found():
		case now.Before(c.Offer.StartsAt):
			list = append(list, req.T("campaign.move.not_before", req.Time(c.Offer.StartsAt), req.Time(c.Offer.EndsAt)))
		default:
			list = append(list, req.T("campaign.move.until", req.Time(c.Offer.EndsAt)))
		}
	}
	if to == campaigns.Live {
		return append(list, req.T("policy.mode."+string(c.Policy.Mode)+".what"))
	}
	return append(list, req.T("campaign.move."+codesAfterwards(c)))
}

// codesAfterwards says what becomes of the codes that are out there when a campaign is paused or ended: those of batches
// and shared ones are switched off in the shop whatever the mode, a personal one was promised to somebody.
func codesAfterwards(c campaigns.Campaign) string {
	switch {
	case c.Offer.Codes == campaigns.Batch || c.Offer.Codes == campaigns.Shared:
		return "switched_off"
	case c.Policy.Mode == decisions.Enforce:
		return "refused"
	case c.Offer.Codes == campaigns.Personal:
		return "kept"
	default:
		return "elsewhere"
	}
}

func (con campaignHandlers) moveCampaign(req *request) error {
	key, to := req.Gin.Param("key"), campaigns.Status(req.Field("to"))
	_, err := con.deps.Identity.Campaigns.SetStatus(req.Ctx(), req.Who, key, to, domain.TypedNote(req.Field("reason")))
	if err != nil {
		return req.stayWith(err, func(status int, told *pages.Told) error {
			return con.showMove(req, status, to, req.Field("reason"), told)
		})
	}
	req.redirect(campaignsPath + "/" + url.PathEscape(key))
	return nil
}
