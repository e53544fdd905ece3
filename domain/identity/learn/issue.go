package learn

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// Asker decides before something is given out; decisions.Service does.
type Asker interface {
	Ask(ctx context.Context, q decisions.Question) (decisions.Decision, error)
	Trial(ctx context.Context, q decisions.Question, p *decisions.Policy) (decisions.Decision, error)
}

// Policies gives versions of rules; decisions.Campaigns does.
type Policies interface {
	PolicyOf(ctx context.Context, campaign string, version int) (decisions.Policy, error)
}

// Issue asks a campaign before a code of it is given out. Without its protection nobody is asked.
type Issue struct {
	Switch   *Switch
	Asker    Asker
	Policies Policies
	Currency string
}

// asked tells whether the campaign asks for decisions.
func (i Issue) asked(ctx context.Context, w campaigns.Wish) (bool, error) {
	if w.Protected != nil {
		return *w.Protected, nil
	}
	return i.Switch.On(ctx, w.Campaign)
}

// MayIssueCode decides whether somebody may have a code of a campaign now. A rehearsal leaves no trace. Errors:
// conversion_not_offered or code_not_offered when the campaign refuses and is enforced; whatever keeps it from deciding.
func (i Issue) MayIssueCode(ctx context.Context, w campaigns.Wish) error {
	if on, err := i.asked(ctx, w); err != nil || !on {
		return err
	}
	recipient, err := w.Who(ctx)
	if err != nil {
		return err
	}
	q := decisions.Question{Campaign: w.Campaign, Stage: decisions.StageIssue, Currency: i.Currency,
		Shown: shownBy(ctx, w.By, recipient), Worth: w.Worth}
	var d decisions.Decision
	if w.Rehearsal {
		d, err = i.Asker.Trial(ctx, q, nil)
	} else {
		d, err = i.Asker.Ask(ctx, q)
	}
	if err != nil || d.Answer.Outcome != decisions.Refuse || !d.Answer.Enforced {
		return err
	}
	policy, err := i.Policies.PolicyOf(ctx, d.Campaign, d.Answer.PolicyVersion)
	if err != nil {
		return err
	}
	own := map[string]string{}
	for _, language := range []string{"ja", "en"} {
		if text := policy.MessageFor(d.Answer.Reason, language); text != "" {
			own[language] = text
		}
	}
	code := domain.CodeCodeNotOffered
	if w.Campaign == campaigns.Points {
		code = domain.CodeNotOffered
	}
	return domain.Refuse(code, "reason", string(d.Answer.Reason), domain.ParamOwnWords, own)
}

// byStorefront is the credential of requests that the shop passes on: they come from the shop's own address.
const byStorefront = "storefront"

// shownBy is what is kept of a recipient. Where the request came from says something of them only when they sent it
// themselves.
func shownBy(ctx context.Context, caller domain.Caller, member domain.Customer) identity.Shown {
	s := identity.Shown{CustomerID: member.ShopifyCustomerGID}
	add := func(list *[]string, value string) {
		if value != "" {
			*list = append(*list, value)
		}
	}
	add(&s.Emails, member.Email)
	add(&s.Phones, member.Phone)
	add(&s.Names, member.Name)
	if caller.Role == domain.RoleCustomer && caller.Credential != byStorefront {
		add(&s.IPs, domain.OriginOf(ctx))
	}
	return s
}
