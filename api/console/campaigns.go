package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
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
		pages.Get(one, read, con.campaign),
		pages.Post(one, manage, con.protectCampaign),
		pages.Post(one+"/status", manage, con.moveCampaign),
	}
}

type campaignsPage struct {
	Rows []campaigns.Campaign
	Form url.Values
	Told *pages.Told
}

// Typed is what stood in a field of the form that comes back.
func (p campaignsPage) Typed(field string) string { return p.Form.Get(field) }

func (con campaignHandlers) campaigns(req *request) error {
	return con.showCampaigns(req, http.StatusOK, campaignsPage{})
}

func (con campaignHandlers) showCampaigns(req *request, status int, page campaignsPage) (err error) {
	if page.Rows, err = con.deps.Identity.CampaignBook.List(req.Ctx()); err != nil {
		return err
	}
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

// campaignPage is a campaign's protection, as it is or as somebody wanted it to be.
type campaignPage struct {
	campaigns.Campaign
	Policy   decisions.Policy
	Presets  []decisions.Preset
	Modes    []decisions.Mode
	Kinds    []identity.Kind
	Messages []campaignMessage
	Changes  []campaignChange
	// Moves are the statuses that it can be moved to here.
	Moves []campaigns.Status
	Told  *pages.Told
}

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

// On tells whether the rules count a kind, Alone whether it is enough by itself.
func (p campaignPage) On(k identity.Kind) bool { return slices.Contains(p.Policy.Signals, k) }

// Alone tells whether one kind is enough by itself.
func (p campaignPage) Alone(k identity.Kind) bool { return slices.Contains(p.Policy.Alone, k) }

// Currencies are those of the rules, as they are typed.
func (p campaignPage) Currencies() string { return strings.Join(p.Policy.Currencies, " ") }

func (con campaignHandlers) campaign(req *request) error {
	return con.showCampaign(req, http.StatusOK, func(*campaignPage) {})
}

func (con campaignHandlers) showCampaign(req *request, status int, add func(*campaignPage)) error {
	c, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), req.Gin.Param("key"))
	if err != nil {
		return err
	}
	page := campaignPage{Campaign: c, Policy: c.Policy, Presets: decisions.Presets(),
		Modes: []decisions.Mode{decisions.Off, decisions.Shadow, decisions.Enforce}, Kinds: identity.Counted()}
	if !c.BuiltIn() {
		page.Moves = slices.DeleteFunc(campaigns.Statuses(),
			func(to campaigns.Status) bool { return !campaigns.CanBecome(c.Status, to) })
	}
	if page.Changes, err = con.changesOf(req, c.Key); err != nil {
		return err
	}
	add(&page)
	for _, reason := range decisions.Reasons() {
		for _, lang := range []string{"ja", "en"} {
			standard, err := con.deps.Words.Say(lang, "decision.reason."+string(reason))
			if err != nil {
				return err
			}
			page.Messages = append(page.Messages, campaignMessage{Reason: reason, Language: lang, Standard: standard,
				Name: "message_" + string(reason) + "_" + lang, Text: page.Policy.MessageFor(reason, lang)})
		}
	}
	req.showStatus(status, "campaign", c.NameIn(req.Lang), page)
	return nil
}

// changesOf reads the record of a campaign, the newest first.
func (con campaignHandlers) changesOf(req *request, key string) (list []campaignChange, err error) {
	for _, action := range []string{domain.ActionCampaignProtected, domain.ActionCampaignMoved,
		domain.ActionCampaignRenamed} {
		found, err := con.deps.Audit.Audit(req.Ctx(), audit.Filter{Action: action, Limit: changesRead})
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			if e.Detail["campaign"] != key {
				continue
			}
			line := req.event(e.AuditEntry)
			change := campaignChange{At: e.At, By: line.By, Text: line.Text}
			was, hasWas := e.Detail["before"].(map[string]any)
			is, hasIs := e.Detail["after"].(map[string]any)
			if hasWas && hasIs {
				change.Changes = req.changesBetween(was, is)
			}
			if action == domain.ActionCampaignMoved {
				before, _ := e.Detail["before"].(string)
				after, _ := e.Detail["after"].(string)
				change.Changes = []policyChange{{req.T("campaign.status"), req.known("campaign.status.", before),
					req.known("campaign.status.", after)}}
			}
			list = append(list, change)
		}
	}
	slices.SortStableFunc(list, func(a, b campaignChange) int { return b.At.Compare(a.At) })
	return list[:min(len(list), changesShown)], nil
}

// protectCampaign gives a campaign other rules. They are made from the version that the form was made from.
func (con campaignHandlers) protectCampaign(req *request) error {
	key := req.Gin.Param("key")
	c, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), key)
	if err != nil {
		return err
	}
	wanted, version, err := req.wantedPolicy(c.Policy)
	if err == nil {
		_, err = con.deps.Identity.Campaigns.Protect(req.Ctx(), req.Who, key, version, wanted)
	}
	if err != nil {
		return req.stayWith(err, func(status int, told *pages.Told) error {
			return con.showCampaign(req, status, func(p *campaignPage) {
				p.Told = told
				if domain.CodeOf(err) != domain.CodeCampaignChanged {
					p.Policy = wanted
				}
			})
		})
	}
	req.redirect(campaignsPath + "/" + url.PathEscape(key))
	return nil
}

// wantedPolicy reads the form. What it does not show stays as it is.
func (req *request) wantedPolicy(p decisions.Policy) (decisions.Policy, int, error) {
	var faults []decisions.Fault
	number := func(field string) int {
		n, err := strconv.Atoi(strings.TrimSpace(req.Field(field)))
		if err != nil {
			faults = append(faults, decisions.Fault{Field: field, Rule: decisions.RuleRange})
		}
		return n
	}
	version := number("version")
	p.Version = version
	p.Preset, p.Mode = decisions.Preset(req.Field("preset")), decisions.Mode(req.Field("mode"))
	if p.Preset == decisions.Custom {
		p.Signals, p.Alone, p.Threshold = nil, nil, number("threshold")
		for _, k := range identity.Counted() {
			if req.Field("signal_"+string(k)) != "" {
				p.Signals = append(p.Signals, k)
			}
			if req.Field("alone_"+string(k)) != "" {
				p.Alone = append(p.Alone, k)
			}
		}
	}
	p.UsesPerPerson = number("uses_per_person")
	p.Currencies = strings.Fields(strings.ToUpper(strings.ReplaceAll(req.Field("currencies"), ",", " ")))
	p.NewCustomersOnly = req.Field("new_customers_only") != ""
	p.Weak = decisions.WeakSettings{DisposableDomain: req.Field("weak_disposable_domain") != "",
		SimilarName: req.Field("weak_similar_name") != "", WithinMinutes: number("weak_within_minutes"),
		EmailsPerIP: number("weak_emails_per_ip")}
	p.Messages = nil
	for _, reason := range decisions.Reasons() {
		for _, lang := range []string{"ja", "en"} {
			if text := strings.TrimSpace(req.Field("message_" + string(reason) + "_" + lang)); text != "" {
				p.Messages = append(p.Messages, decisions.Message{Reason: reason, Language: lang, Text: text})
			}
		}
	}
	return p, version, decisions.Refused(faults)
}

func (con campaignHandlers) moveCampaign(req *request) error {
	key := req.Gin.Param("key")
	_, err := con.deps.Identity.Campaigns.SetStatus(req.Ctx(), req.Who, key, campaigns.Status(req.Field("to")),
		domain.TypedNote(req.Field("reason")))
	if err != nil {
		return req.stayWith(err, func(status int, told *pages.Told) error {
			return con.showCampaign(req, status, func(p *campaignPage) { p.Told = told })
		})
	}
	req.redirect(campaignsPath + "/" + url.PathEscape(key))
	return nil
}
