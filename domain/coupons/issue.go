package coupons

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// Issue gives a personal code of a campaign to somebody. It is the way of a conversion: one that costs points takes them
// first, one that costs nothing has no points to take, and everything after the first commit is the same.
// In that commit the campaign is looked at once more.
//
// What is checked before the first commit, in this order, and each before what costs more: the request's form; whether
// it was made before; that the campaign is live and open at this moment, has personal codes, and offers the value; that
// a customer who asks may, for themselves; whom it is for, and that it is not who gives it; that codes can be made; the
// decision, for which no answer is no code; and under the customer's lock how many codes they hold.
//
// Errors: validation_failed, idempotency_key_missing, idempotency_key_reused, request_in_progress,
// conversion_in_progress, permission_denied, campaign_not_found, campaign_not_open, campaign_changed, value_not_offered,
// customer_not_found, customer_not_linked, own_membership, member_required, recipient_not_found, code_not_offered,
// too_many_active_coupons, conversions_locked, insufficient_points, upstream_unavailable, shop_settings_differ,
// conversion_failed.
func (s *Service) Issue(ctx context.Context, i Issue) (Result, error) {
	a := asking{attempt: Attempt{Caller: i.Caller, CustomerID: i.To.CustomerID, Campaign: i.Campaign},
		proof: i.Proof, campaign: i.Campaign, started: domain.ActionIssueStarted}
	a.request, a.meaning = s.request(i)
	if err := i.check(); err != nil {
		return Result{}, s.refused(ctx, a, err)
	}
	if request, err := s.Store.FindRequest(ctx, a.request); err == nil {
		return s.replay(ctx, a, request)
	} else if domain.CodeOf(err) != domain.CodeNotFound {
		return Result{}, err
	}
	of, err := s.offering(ctx, i)
	if err == nil {
		err = s.addressed(ctx, i.To, &a)
	}
	if err == nil {
		err = s.notTheirOwn(ctx, a)
	}
	if err != nil {
		return Result{}, s.refused(ctx, a, err)
	}
	return s.ask(ctx, s.by(of, a, i))
}

// errRevised says that the campaign is not as it was when it was looked at and decided by.
var errRevised = errors.New("the campaign was changed meanwhile")

// by is the request under the rules of a campaign. What counts is the campaign in the transaction that commits the
// coupon: where it was changed since it was read, or its time is over, the request is looked at anew.
func (s *Service) by(of campaigns.Campaign, a asking, i Issue) asking {
	a.points, a.attempt.Points = of.Offer.Points, of.Offer.Points
	a.worth = new(of.Offer.Value.Chosen(i.Value))
	a.protected = new(of.Protected())
	a.check = func(in Intake, now time.Time) error {
		if in.Campaign.Version != of.Version {
			return errRevised
		}
		if err := s.offered(in.Campaign, i, now); err != nil {
			return err
		}
		return mayHold(of.Offer, in, now)
	}
	a.coupon = func(_ Intake, now time.Time) (domain.Coupon, error) { return s.given(of, i.Value, now), nil }
	a.renew = func(ctx context.Context) (asking, error) {
		now, err := s.offering(ctx, i)
		return s.by(now, a, i), err
	}
	return a
}

// offering is a campaign that gives what is asked for at this moment.
func (s *Service) offering(ctx context.Context, i Issue) (campaigns.Campaign, error) {
	of, err := s.Campaigns.ByKey(ctx, i.Campaign)
	if err == nil {
		err = s.offered(of, i, s.Clock.Now())
	}
	return of, err
}

// Issued tells how a request for a campaign's code stands that this caller made under this key. Errors: not_found, and
// the refusal in which it ended.
func (s *Service) Issued(ctx context.Context, callerID, key string) (Result, error) {
	return s.standing(ctx, RequestKey{CallerID: callerID, Operation: operationIssue, Key: key})
}

// offered refuses what a campaign does not give at a moment.
func (s *Service) offered(of campaigns.Campaign, i Issue, now time.Time) error {
	o := of.Offer
	switch {
	case o.Codes != campaigns.Personal, of.StatusAt(now) != campaigns.Live, !o.OpenAt(now):
		return domain.Refuse(domain.CodeCampaignNotOpen, "status", string(of.StatusAt(now)))
	case i.Points != nil && *i.Points != o.Points:
		return domain.Refuse(domain.CodeCampaignChanged, "points", o.Points)
	case i.Caller.Role == domain.RoleCustomer && (!o.SelfService || !s.askFor(i.Caller, i.To)):
		return domain.Refuse(domain.CodePermissionDenied)
	case !o.Value.Range.Holds(o.Value.Chosen(i.Value)):
		return domain.Refuse(domain.CodeValueNotOffered, "minimum", o.Value.Range.Min, "maximum", o.Value.Range.Max)
	case o.Value.Kind == campaigns.Amount && o.Value.Currency != s.Policy.Currency:
		return domain.Refuse(domain.CodeShopSettings)
	}
	return nil
}

// askFor reports whether a customer who asks is whom the code is for.
func (s *Service) askFor(who domain.Caller, to Recipient) bool {
	return who.CustomerID != "" && (to.CustomerID == who.CustomerID ||
		to.ShopifyCustomerGID != "" && s.ShopperID(to.ShopifyCustomerGID) == who.CustomerID)
}

// addressed finds out whom a code is for.
func (s *Service) addressed(ctx context.Context, to Recipient, a *asking) error {
	if to.CustomerID != "" {
		a.customerID = to.CustomerID
		return nil // whether there is one is read under the lock
	}
	who, err := s.shopper(ctx, to)
	if err != nil {
		return err
	}
	a.customerID, a.shopper, a.attempt.CustomerID = who.ID, &who, who.ID
	return nil
}

// notTheirOwn refuses people who work here a code for themselves: nobody else would have looked at it. A customer who
// asks for themselves is none of them.
func (s *Service) notTheirOwn(ctx context.Context, a asking) error {
	who := a.attempt.Caller
	if s.Staff == nil || who.Role == domain.RoleCustomer || who.PersonID == 0 && who.MakerID == 0 {
		return nil
	}
	customer, err := s.who(a)(ctx)
	if err == nil {
		err = s.phoneOf(ctx, &customer)
	}
	if err != nil {
		return err
	}
	if a.shopper != nil {
		a.shopper.PhoneKey = customer.PhoneKey // it is kept with them: later acts on the coupon are held against it
	}
	own, err := s.Staff.OwnMember(ctx, who, customer)
	if err == nil && (own || who.CustomerID != "" && who.CustomerID == customer.ID) {
		err = domain.Refuse(domain.CodeOwnMembership)
	}
	return err
}

// phoneOf adds the phone number that the shop has of somebody who is no member. A shop that does not answer leaves open
// whose number it is, and nobody gets a code.
func (s *Service) phoneOf(ctx context.Context, c *domain.Customer) error {
	if s.Phones == nil || c.Member() || c.PhoneKey != "" || !c.Linked() {
		return nil
	}
	key, err := act(ctx, s, "shopify.customer", func(ctx context.Context) (string, error) {
		return s.Phones.PhoneKey(ctx, c.ShopifyCustomerGID)
	})
	if err != nil {
		return notRead(err)
	}
	c.PhoneKey = key
	return nil
}

// notRead is what a customer of the shop who could not be read comes to.
func notRead(err error) error {
	if domain.KindOf(err) == domain.KindNotFound {
		return domain.Refuse(domain.CodeRecipientNotFound)
	}
	return &domain.Error{Code: domain.CodeUpstreamUnavailable, RetryAfter: domain.RetryAfterOf(err), Err: err}
}

// shopper finds the customer of the shop who is meant, as we know them or as the shop does.
func (s *Service) shopper(ctx context.Context, to Recipient) (domain.Customer, error) {
	read := func(ctx context.Context) (domain.Customer, error) { return s.Shoppers.ShopperByEmail(ctx, to.Email) }
	if to.Email == "" {
		known, err := s.Members.Holder(ctx, to.ShopifyCustomerGID)
		if err == nil || domain.CodeOf(err) != domain.CodeCustomerNotFound {
			return known, err
		}
		read = func(ctx context.Context) (domain.Customer, error) {
			return s.Shoppers.Shopper(ctx, to.ShopifyCustomerGID)
		}
	}
	found, err := act(ctx, s, "shopify.customer", read)
	if err != nil {
		return domain.Customer{}, notRead(err)
	}
	known, err := s.Members.Holder(ctx, found.ShopifyCustomerGID)
	if err == nil || domain.CodeOf(err) != domain.CodeCustomerNotFound {
		return known, err
	}
	found.ID, found.EmailKey = s.ShopperID(found.ShopifyCustomerGID), domain.MailKey(found.Email)
	return found, nil
}

// mayHold refuses a code to somebody who holds as many as one person may, or who cannot pay for it.
func mayHold(o campaigns.Offer, in Intake, now time.Time) error {
	switch {
	case !in.Customer.Linked():
		return domain.Refuse(domain.CodeCustomerNotLinked)
	case o.Points > 0 && !in.Customer.Member():
		return domain.Refuse(domain.CodeMemberRequired)
	case o.Points > 0 && in.Customer.LockedUntil != nil && now.Before(*in.Customer.LockedUntil):
		return RefuseLocked(*in.Customer.LockedUntil, now)
	case in.ActiveCoupons >= o.LivePerPerson:
		return domain.Refuse(domain.CodeTooManyCoupons, "maximum", o.LivePerPerson)
	}
	return nil
}

// given is what a code of a campaign is worth, and until when. Its text is what it begins with: the rest is drawn.
func (s *Service) given(of campaigns.Campaign, value int64, now time.Time) domain.Coupon {
	c := domain.Coupon{Code: of.Prefix, Rules: of.Policy.Version, Amount: domain.Money{Currency: s.Policy.Currency},
		ExpiresAt: of.Offer.CodeEnd(now)}
	if value = of.Offer.Value.Chosen(value); of.Offer.Value.Kind == campaigns.Percentage {
		c.Percent = value
	} else {
		c.Amount = of.Offer.Value.Money(value)
	}
	return c
}

// longestEmail is that of RFC 5321.
const longestEmail = 254

var shopCustomer = regexp.MustCompile(`^` + domain.ShopCustomerPrefix + `[0-9]{1,20}$`)

func (i Issue) check() error {
	named := 0
	for _, name := range []string{i.To.CustomerID, i.To.ShopifyCustomerGID, i.To.Email} {
		if name != "" {
			named++
		}
	}
	wrong := func(field string) error { return domain.Refuse(domain.CodeValidation, "field", field) }
	switch {
	case i.Key == "":
		return domain.Refuse(domain.CodeKeyMissing)
	case named != 1, i.To.CustomerID != "" && !domain.KnownCustomerID(i.To.CustomerID):
		return wrong("customer_id")
	case i.To.ShopifyCustomerGID != "" && !shopCustomer.MatchString(i.To.ShopifyCustomerGID):
		return wrong("shopify_customer_id")
	case i.To.Email != "" && (len(i.To.Email) > longestEmail || !isMailAddress(i.To.Email)):
		return wrong("email")
	case i.Value < 0:
		return wrong("value")
	case i.Campaign == domain.CampaignPoints || !campaigns.ValidKey(i.Campaign):
		return domain.Refuse(domain.CodeCampaignNotFound)
	}
	return nil
}

func isMailAddress(text string) bool {
	address, ok := domain.ReadMailAddress(text)
	return ok && address == text
}

func (s *Service) request(i Issue) (key RequestKey, meaning string) {
	meaning = partsOf(i.Campaign, i.To.CustomerID, i.To.ShopifyCustomerGID, strings.ToLower(i.To.Email),
		strconv.FormatInt(i.Value, 10))
	return RequestKey{CallerID: i.Caller.ID, Operation: operationIssue, Key: i.Key, Hash: s.Meanings.Of(meaning)}, meaning
}
