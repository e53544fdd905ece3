package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

const decisionsPath = "/v1/decisions"

var (
	mayAsk           = access.To("decisions", "create")
	mayReadDecisions = access.To("decisions", "read")
	mayJudge         = access.To("decisions", "judge")
)

// decisionRoutes decide about codes, and show what was decided.
func (a *API) decisionRoutes() {
	const get, post = http.MethodGet, http.MethodPost
	const one = decisionsPath + "/{id}"
	unknown := []domain.Code{domain.CodeDecisionNotFound}
	ask := route{post, decisionsPath, mayAsk, "Ask whether a code may be given out or used", false,
		[]domain.Code{domain.CodeCampaignNotFound, domain.CodeCustomerNotFound}}
	a.needs(ask)
	register(a, ask, http.StatusOK, a.crossOrigin(nullsMissing(a.guard(ask))), []map[string][]string{{"apiKey": {}}, {"sessionToken": {}}},
		a.ask)
	a.engine.OPTIONS(decisionsPath, a.preflight)
	add(a, route{get, decisionsPath, mayReadDecisions, "Decisions, newest first", false, nil}, http.StatusOK,
		a.decisions)
	add(a, route{get, one, mayReadDecisions, "A decision", false, unknown}, http.StatusOK, a.decision)
	add(a, route{post, one + "/replay", mayReadDecisions,
		"Decide again from what was kept, under the rules of then or under another version of them", false,
		[]domain.Code{domain.CodeDecisionNotFound, domain.CodeDecisionErased, domain.CodeCampaignNotFound}},
		http.StatusOK, a.replay)
	add(a, route{post, one + "/verdict", mayJudge,
		"Say whether a decision was about abuse; the same verdict again changes nothing", false,
		[]domain.Code{domain.CodeDecisionNotFound, domain.CodeDecisionErased, domain.CodeVerdictGiven,
			domain.CodeOwnCoupon}}, http.StatusOK, a.judge)
}

// asksDecision tells that a route is the one that a shopper asks without being a member.
func (r route) asksDecision() bool { return r.method == http.MethodPost && r.path == decisionsPath }

// AskedAddress is an address as the shop's forms have it.
type AskedAddress struct {
	Company  string `json:"company,omitempty" maxLength:"512"`
	Line1    string `json:"line1,omitempty" maxLength:"512"`
	Line2    string `json:"line2,omitempty" maxLength:"512"`
	City     string `json:"city,omitempty" maxLength:"512"`
	Province string `json:"province,omitempty" maxLength:"512"`
	Zip      string `json:"zip,omitempty" maxLength:"64"`
	Country  string `json:"country,omitempty" maxLength:"64" doc:"ISO 3166 code such as JP; the shop's country where it is missing"`
}

// AskedCustomer is what is known of whoever shows a code. Everything may be missing.
type AskedCustomer struct {
	ID     *shopifyID `json:"id,omitempty" doc:"Shopify's customer, as a gid or its number; with a session token it is the token's"`
	Email  string     `json:"email,omitempty" maxLength:"512"`
	Phone  string     `json:"phone,omitempty" maxLength:"512"`
	Name   string     `json:"name,omitempty" maxLength:"512"`
	Orders *int       `json:"orders,omitempty" minimum:"0" maximum:"1000000" doc:"How many orders they have placed before. Where it is given the shop is not asked for it; with a session token it is not looked at"`
	Tags   []string   `json:"tags,omitempty" maxItems:"250" nullable:"false" doc:"All of the customer's tags. Where they are given the shop is not asked for them; with a session token they are not looked at"`
}

// QuestionBody is who shows which code, and where. A campaign or a code is needed. What is no address, no phone or no
// IP is one signal less and no error.
type QuestionBody struct {
	Code     string         `json:"code,omitempty" maxLength:"255" doc:"The code as it was typed"`
	Campaign string         `json:"campaign,omitempty" maxLength:"40" pattern:"^([a-z0-9-]{2,40})?$" doc:"The campaign's key; found by the code where it is missing"`
	Customer *AskedCustomer `json:"customer,omitempty"`
	Address  *AskedAddress  `json:"address,omitempty"`
	IP       string         `json:"ip,omitempty" maxLength:"64" doc:"The shopper's network address; with a session token it is where the call comes from"`
	Device   string         `json:"device,omitempty" maxLength:"255" doc:"The storefront's own id of the shopper's device, opaque"`
	Cart     *AskedCart     `json:"cart,omitempty"`
	Stage    string         `json:"stage" enum:"issue,cart,checkout" doc:"Before a code is given out, in the cart, or at the checkout"`
}

type askInput struct {
	Body QuestionBody `nameHint:"Question"`
}

type answerOutput struct {
	Body AnswerBody `nameHint:"DecisionAnswer"`
}

// question reads what was asked. Nothing of a person is looked up or kept here.
func (b QuestionBody) question() decisions.Question {
	q := decisions.Question{Campaign: b.Campaign, Code: b.Code, Stage: decisions.Stage(b.Stage)}
	add := func(list *[]string, value string) {
		if strings.TrimSpace(value) != "" {
			*list = append(*list, value)
		}
	}
	if c := b.Customer; c != nil {
		if c.ID != nil {
			q.Shown.CustomerID = string(*c.ID)
		}
		add(&q.Shown.Emails, c.Email)
		add(&q.Shown.Phones, c.Phone)
		add(&q.Shown.Names, c.Name)
		q.OrdersBefore, q.Tags = c.Orders, c.Tags
	}
	if ad := b.Address; ad != nil {
		q.Shown.Addresses = []identity.PostalAddress{{Company: ad.Company, Line1: ad.Line1, Line2: ad.Line2,
			City: ad.City, Province: ad.Province, Zip: ad.Zip, Country: ad.Country}}
	}
	add(&q.Shown.IPs, b.IP)
	add(&q.Shown.Devices, b.Device)
	b.Cart.onto(&q)
	return q
}

// ask decides. A customer's own call is about that customer, from where it comes, whatever its body says.
func (a *API) ask(ctx context.Context, in *askInput) (*answerOutput, error) {
	x, q := exchangeOf(ctx), in.Body.question()
	shopper := x.caller.Role == domain.RoleCustomer
	if shopper {
		var err error
		if q.Shown.CustomerID, err = a.shopperOf(ctx, x); err != nil {
			return nil, err
		}
		q.ByShopper, q.Shown.IPs, q.OrdersBefore, q.Tags = true, []string{x.address}, nil, nil
	}
	d, err := a.deps.Identity.Decisions.Ask(ctx, q)
	if err != nil {
		return nil, err
	}
	body := x.answerOf(d.PublicID, d.Answer)
	body.say(ctx, d.Policy)
	if shopper {
		body = body.told()
	}
	return &answerOutput{Body: body}, nil
}

// shopperOf is the shop's customer behind a customer's call: whom the session token names, or the member's own.
func (a *API) shopperOf(ctx context.Context, x *exchange) (gid string, err error) {
	if x.caller.CustomerID == "" {
		return x.shopper, nil
	}
	member, err := a.deps.Directory.Customer(ctx, x.caller.CustomerID)
	return member.ShopifyCustomerGID, err
}

// askShopper lets a shopper ask about themselves: a customer whom the token names, or a guest, who is counted by where
// they come from.
func (a *API) askShopper(x *exchange, r route, gid string) error {
	x.caller, x.shopper = domain.Shopper(byExtension), gid
	who := gid
	if who == "" {
		who = "guest " + network(x.address)
	}
	if wait, ok := a.requests.take(who, a.deps.Now()); !ok {
		return &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
	}
	x.counted = true
	return a.access.Demand(x.caller, r.may)
}

type decisionsInput struct {
	Page
	Campaign string    `query:"campaign" maxLength:"40" pattern:"^[a-z0-9-]{2,40}$" doc:"Of one campaign"`
	Outcome  string    `query:"outcome" enum:"allow,allow_flagged,refuse" doc:"Only decisions that came to this"`
	Reason   string    `query:"reason" enum:"already_used,new_customers_only,wrong_currency,not_your_code,code_not_valid,campaign_paused,campaign_ended,not_eligible,not_started,account_required,audience_not_met,bought_recently,minimum_not_met,wrong_market,cart_not_eligible,usage_limit_reached,code_limit_reached,could_not_check" doc:"Only refusals for this reason"`
	Verdict  string    `query:"verdict" enum:"abuse,not_abuse,none" doc:"none: those that nobody has judged"`
	From     time.Time `query:"from" doc:"Not before this moment"`
	To       time.Time `query:"to" doc:"Before this moment"`
}

type decisionsOutput struct {
	Body struct {
		Items      []DecisionRecord `json:"items" nullable:"false"`
		NextCursor *string          `json:"next_cursor" doc:"Asks for the next page; null on the last one"`
	} `nameHint:"DecisionList"`
}

// decisions lists them, newest first.
func (a *API) decisions(ctx context.Context, in *decisionsInput) (*decisionsOutput, error) {
	f := decisions.Filter{Campaign: in.Campaign, Outcome: decisions.Outcome(in.Outcome),
		Reason: decisions.Reason(in.Reason), From: in.From, To: in.To, Limit: in.Limit}
	if f.Unjudged = in.Verdict == "none"; !f.Unjudged {
		f.Verdict = decisions.Judgement(in.Verdict)
	}
	var err error
	if f.Before, err = readCursor(in.Cursor); err != nil {
		return nil, err
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return nil, wrong("query.to", "invalid")
	}
	page, more, err := a.deps.Identity.Decisions.List(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &decisionsOutput{}
	out.Body.Items = make([]DecisionRecord, 0, len(page))
	for _, d := range page {
		out.Body.Items = append(out.Body.Items, exchangeOf(ctx).decisionOf(d))
	}
	if more {
		next := writeCursor(page[len(page)-1].ID)
		out.Body.NextCursor = &next
	}
	return out, a.read(ctx, domain.ActionDecisionsFound, "", found(len(page)))
}

// DecisionPath documents the decision in the path.
type DecisionPath struct {
	ID string `path:"id" minLength:"1" maxLength:"64" doc:"The decision's id"`
}

type decisionOutput struct {
	Body DecisionRecord
}

func (a *API) decision(ctx context.Context, in *DecisionPath) (*decisionOutput, error) {
	d, err := a.deps.Identity.DecisionBook.ByID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.read(ctx, domain.ActionDecisionRead, "", map[string]any{"decision": d.PublicID}); err != nil {
		return nil, err
	}
	out := &decisionOutput{exchangeOf(ctx).decisionOf(d)}
	return out, a.ownWords(ctx, d.Campaign, &out.Body.AnswerBody)
}

// ownWords puts the campaign's own text of a refusal in the place of the standard one.
func (a *API) ownWords(ctx context.Context, campaign string, b *AnswerBody) error {
	if b.Reason == nil {
		return nil
	}
	p, err := a.deps.Identity.CampaignBook.PolicyOf(ctx, campaign, b.PolicyVersion)
	if domain.CodeOf(err) == domain.CodeCampaignNotFound { // then the standard text is said
		return nil
	}
	b.say(ctx, p)
	return err
}

// say puts the text of these rules in the place of the standard one.
func (b *AnswerBody) say(ctx context.Context, p decisions.Policy) {
	if b.Reason == nil {
		return
	}
	if own := p.MessageFor(decisions.Reason(*b.Reason), exchangeOf(ctx).words.tag.String()); own != "" {
		b.Message = &own
	}
}

type replayInput struct {
	DecisionPath
	Body struct {
		PolicyVersion int `json:"policy_version,omitempty" minimum:"1" maximum:"1000000" doc:"Another version of the campaign's rules; that of then where it is missing"`
	} `nameHint:"Replay"`
}

type replayOutput struct {
	Body struct {
		AnswerBody
		Same bool `json:"same" doc:"true: exactly what was answered then. Under the version of then it is never false"`
	} `nameHint:"ReplayedDecision"`
}

func (a *API) replay(ctx context.Context, in *replayInput) (*replayOutput, error) {
	r, err := a.deps.Identity.Decisions.Replay(ctx, in.ID, in.Body.PolicyVersion)
	if err != nil {
		return nil, err
	}
	if err := a.read(ctx, domain.ActionDecisionRead, "", map[string]any{"decision": in.ID}); err != nil {
		return nil, err
	}
	out := &replayOutput{}
	out.Body.AnswerBody, out.Body.Same = exchangeOf(ctx).answerOf(in.ID, r.Answer), r.Same
	return out, nil
}

type verdictInput struct {
	DecisionPath
	Body struct {
		Verdict string `json:"verdict" enum:"abuse,not_abuse" doc:"abuse: further uses by the same customer account or e-mail are refused, of a shopper's own question by the same customer account alone. not_abuse: they and those they were taken for are told apart from now on"`
		Note    string `json:"note,omitempty" maxLength:"2000" doc:"Why, in any script"`
	} `nameHint:"VerdictRequest"`
}

// judge keeps what a person says of a decision.
func (a *API) judge(ctx context.Context, in *verdictInput) (*decisionOutput, error) {
	d, err := a.deps.Identity.Decisions.Judge(ctx, exchangeOf(ctx).caller, in.ID, decisions.Judgement(in.Body.Verdict),
		in.Body.Note)
	if err != nil {
		return nil, err
	}
	return &decisionOutput{exchangeOf(ctx).decisionOf(d)}, nil
}

// faultsOf gives what the domain found wrong with a body, field by field.
func faultsOf(e *domain.Error) (list []*fieldError) {
	faults, _ := e.Params["faults"].([]decisions.Fault)
	for _, f := range faults {
		rule := f.Rule
		switch f.Rule {
		case decisions.RuleUnknown, decisions.RuleForm:
			rule = "invalid"
		case decisions.RuleNeeded:
			rule = "required"
		case decisions.RuleTwice:
			rule = "repeated"
		}
		one := &fieldError{location: "body." + f.Field, rule: rule}
		if !slices.ContainsFunc(list, func(o *fieldError) bool { return *o == *one }) {
			list = append(list, one)
		}
	}
	return list
}
