package console

import (
	"net/http"
	"net/url"
	"strconv"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// decisionPage is a decision with everything that a verdict needs.
type decisionPage struct {
	decisions.Decision
	// Orders are the addresses of earlier orders in the store's own admin, by their names.
	Orders map[string]string
	// OrderAddress leads to the order that it is about.
	OrderAddress string
	// Changes are where the rules of now are others than those of then; Now is their version.
	Changes []policyChange
	Now     int
	Policy  decisions.Policy
	// Again is a decision that was made again, Version by which rules.
	Again   *decisions.Replayed
	Version int
	Note    string
	Limit   int
	Told    *pages.Told
}

// Uses are those that have something in common with the request.
func (p decisionPage) Uses() int { return len(p.Facts.Uses) + p.Facts.Left }

// AbuseWhat is the key of the words for whom the verdict "abuse" would refuse.
func (p decisionPage) AbuseWhat() string {
	switch {
	case !p.Request.Blocks():
		return "decision.verdict.abuse.what_nobody"
	case p.Request.ByShopper:
		return "decision.verdict.abuse.what_account"
	}
	return "decision.verdict.abuse.what"
}

func (con decisionHandlers) decision(req *request) error {
	return con.showDecision(req, http.StatusOK, func(*decisionPage) {})
}

// showDecision shows a decision as it is now; add says what else there is to show.
func (con decisionHandlers) showDecision(req *request, status int, add func(*decisionPage)) error {
	d, err := con.deps.Identity.DecisionBook.ByID(req.Ctx(), req.Gin.Param("id"))
	if err != nil {
		return err
	}
	if err := req.read(domain.ActionDecisionRead, "", map[string]any{"decision": d.PublicID}); err != nil {
		return err
	}
	page := decisionPage{Decision: d, Limit: domain.MaxNote, Orders: map[string]string{},
		OrderAddress: con.adminAddress("orders", d.Request.OrderID)}
	for _, u := range d.Facts.Uses {
		page.Orders[u.Order] = con.adminAddress("orders", u.OrderID)
	}
	campaign, err := con.deps.Identity.CampaignBook.ByKey(req.Ctx(), d.Campaign)
	if err != nil {
		return err
	}
	page.Policy, err = con.deps.Identity.CampaignBook.PolicyOf(req.Ctx(), d.Campaign, d.Answer.PolicyVersion)
	if err != nil {
		return err
	}
	page.Now = campaign.Policy.Version
	if page.Changes, err = req.policyChanges(page.Policy, campaign.Policy); err != nil {
		return err
	}
	add(&page)
	req.showStatus(status, "decision", req.T("decision.title")+" · "+req.T("decision.outcome."+string(d.Answer.Outcome)),
		page)
	return nil
}

func decisionAddress(id string) string { return decisionsPath + "/" + url.PathEscape(id) }

// replayDecision makes a decision again, and changes nothing.
func (con decisionHandlers) replayDecision(req *request) error {
	version, err := strconv.Atoi(req.Field("version"))
	if err != nil || version < 0 {
		return domain.Refuse(domain.CodeValidation, "field", "version")
	}
	again, err := con.deps.Identity.Decisions.Replay(req.Ctx(), req.Gin.Param("id"), version)
	if err != nil {
		return con.stayAtDecision(req, err)
	}
	return con.showDecision(req, http.StatusOK, func(p *decisionPage) {
		p.Again, p.Version = &again, again.Answer.PolicyVersion
	})
}

// judgeDecision keeps what a person says. What forbids it is told on the decision's page.
func (con decisionHandlers) judgeDecision(req *request) error {
	note := domain.TypedNote(req.Field("note"))
	d, err := con.deps.Identity.Decisions.Judge(req.Ctx(), req.Who, req.Gin.Param("id"),
		decisions.Judgement(req.Field("verdict")), note)
	if err != nil {
		return con.stayAtDecision(req, err)
	}
	req.redirect(decisionAddress(d.PublicID))
	return nil
}

// stayAtDecision tells a refusal on the decision's page; a decision that there is not has none.
func (con decisionHandlers) stayAtDecision(req *request, err error) error {
	if domain.CodeOf(err) == domain.CodeDecisionNotFound {
		return err
	}
	return req.stay(err, func(status int, told *pages.Told) error {
		return con.showDecision(req, status, func(p *decisionPage) {
			p.Told, p.Note = told, domain.TypedNote(req.Field("note"))
		})
	})
}

// personPage is what is known of whoever a decision is about.
type personOfDecision struct {
	decisions.Person
	ID string
	// Addresses are those of orders in the store's own admin, by their gids.
	Addresses map[string]string
}

func (con decisionHandlers) decisionPerson(req *request) error {
	id := req.Gin.Param("id")
	person, err := con.deps.Identity.DecisionBook.Person(req.Ctx(), id)
	if err != nil {
		return err
	}
	if err := req.read(domain.ActionIdentityPerson, "", map[string]any{"decision": id}); err != nil {
		return err
	}
	page := personOfDecision{Person: person, ID: id, Addresses: map[string]string{}}
	for _, u := range person.Uses {
		page.Addresses[u.OrderID] = con.adminAddress("orders", u.OrderID)
	}
	req.show("decision-person", req.T("decision_person.title"), page)
	return nil
}

// Kinds words kinds of signals, one after the other.
func (d *view) Kinds(kinds []identity.Kind) string {
	text := ""
	for i, k := range kinds {
		if i > 0 {
			text += d.req.T("review.comma")
		}
		text += d.req.T("decision.signal." + string(k))
	}
	return text
}

// Said is a reason in the words that the customer is told, or the campaign's own.
func (p decisionPage) Said(d *view) string {
	if own := p.Policy.MessageFor(p.Answer.Reason, d.req.Lang); own != "" {
		return own
	}
	return d.req.T("decision.reason." + string(p.Answer.Reason))
}
