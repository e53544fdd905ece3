package square

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/square/wire"
)

const adjustment wire.LoyaltyEventType = "ADJUST_POINTS"

// adjust moves points once. Before anything is sent it is known whose account it is, and that an attempt whose key
// Square may have forgotten is not among the account's events.
func (c *Client) adjust(ctx context.Context, act string, m domain.Movement, points int64) (coupons.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if reason := unfit(m); reason != "" {
		return coupons.Entry{}, failed(act, domain.KindRefused, reason, nil)
	}
	who := whoIs(m.CustomerID)
	account, err := c.accountOf(ctx, act, m)
	if err != nil {
		return coupons.Entry{}, notBegun(err)
	}
	if c.old(m) {
		if got, err := c.scan(ctx, act, account, m, points); err == nil || domain.KindOf(err) != domain.KindNotFound {
			return got, undecided(err)
		}
	}
	never, text := false, reasonOf(m)
	var got wire.AdjustLoyaltyPointsResponse
	err = c.do(ctx, call{act: act, method: http.MethodPost, path: []string{"accounts", account, "adjust"}, ofAccount: true,
		body: wire.AdjustLoyaltyPointsRequest{IdempotencyKey: m.Key, AllowNegativeBalance: &never,
			AdjustPoints: wire.LoyaltyEventAdjustPoints{Points: int(points), Reason: &text}}}, &got)
	switch reason := domain.ReasonOf(err); {
	case err == nil:
		return c.booked(act, got.Event, account, m, points)
	case reason == domain.ReasonCustomerNotFound:
		c.accounts.forget(who)
	case reason == badRequest && points < 0:
		return coupons.Entry{}, c.tooFew(ctx, err, account, m.Points)
	}
	return coupons.Entry{}, err
}

// unfit says why a movement cannot be written as Square wants it; empty when it can.
func unfit(m domain.Movement) string {
	switch {
	case m.Points <= 0 || m.Points > pointsLimit:
		return "invalid_points"
	case m.Key == "" || len(m.Key) > keyLimit:
		return "invalid_key"
	case !referenceForm.MatchString(m.Reference):
		return "invalid_reference"
	}
	return ""
}

// notBegun is a failure to find the account: whatever became of that question, no points were asked to be moved.
func notBegun(err error) error {
	var up *domain.UpstreamError
	if errors.As(err, &up) && up.Kind == domain.KindUnknown {
		known := *up
		known.Kind = domain.KindUnavailable
		return &known
	}
	return err
}

// old says that Square may have forgotten the key of an earlier attempt.
func (c *Client) old(m domain.Movement) bool {
	return !m.CreatedAt.IsZero() && c.cfg.Clock().Sub(m.CreatedAt) > keyTrusted
}

// undecided is a look among the events that settled nothing, so that nothing was sent. It says no more than that it is
// not known what an earlier attempt did; one that found the reference used for something else says that.
func undecided(err error) error {
	var up *domain.UpstreamError
	if !errors.As(err, &up) {
		return err
	}
	known := *up
	switch {
	case up.Reason == domain.ReasonAmbiguous:
		known.Kind, known.Reason = domain.KindRefused, domain.ReasonReferenceReused
	case up.Kind == domain.KindRefused:
		known.Kind = domain.KindUnknown
	}
	return &known
}

// tooFew looks whether a bare "bad request" was about too few points: Square has no other word for it.
func (c *Client) tooFew(ctx context.Context, refusal error, account string, points int64) error {
	got, err := c.read(ctx, "balance", account)
	if err != nil || got.points >= points {
		return refusal
	}
	e := failed("deduct", domain.KindRefused, domain.ReasonInsufficientPoints, nil)
	e.Balance = &got.points
	return e
}

// booked believes an event only if it is this movement's.
func (c *Client) booked(act string, e *wire.LoyaltyEvent, account string, m domain.Movement,
	points int64) (coupons.Entry, error) {
	if e == nil {
		return coupons.Entry{}, failed(act, domain.KindUnknown, "nonsense", nil)
	}
	at, ok := speaksOf(*e, account, m, points)
	if !ok {
		return coupons.Entry{}, failed(act, domain.KindUnknown, "another_movement", nil)
	}
	return coupons.Entry{ID: *e.Id, Points: points, At: at}, nil
}

// speaksOf wants the account, the points and the reference of the movement, from us, and not from before it was made.
func speaksOf(e wire.LoyaltyEvent, account string, m domain.Movement, points int64) (at time.Time, ok bool) {
	at, err := time.Parse(time.RFC3339, value(e.CreatedAt))
	ok = err == nil && value(e.Id) != "" && e.Type == adjustment && e.Source == "LOYALTY_API" &&
		value(e.LoyaltyAccountId) == account && e.AdjustPoints != nil && int64(e.AdjustPoints.Points) == points &&
		referenceIn(value(e.AdjustPoints.Reason)) == m.Reference
	if !m.CreatedAt.IsZero() && at.Before(m.CreatedAt.Add(-clockSlack)) {
		ok = false
	}
	return at.UTC(), ok
}

var (
	referenceForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	lastBracket   = regexp.MustCompile(`\[([A-Za-z0-9._-]+)\]$`)
	relatedThere  = regexp.MustCompile(`\(([A-Za-z0-9._-]+)\) \[[A-Za-z0-9._-]+\]$`)
)

// reasonOf is the one text that Square keeps: what it is for, the movement that it belongs to, and the reference. Where
// it is too long the words are cut, and never the reference.
func reasonOf(m domain.Movement) string {
	tail := "[" + m.Reference + "]"
	if referenceForm.MatchString(m.RelatedReference) {
		tail = "(" + m.RelatedReference + ") " + tail
	}
	words := []rune(strings.TrimSpace(strings.ToValidUTF8(m.Reason, "")))
	if most := reasonLimit - len(tail) - 1; len(words) > most {
		words = words[:most]
	}
	return strings.TrimSpace(string(words) + " " + tail)
}

// referenceIn and relatedIn read what reasonOf wrote; empty where it did not.
func referenceIn(reason string) string { return first(lastBracket, reason) }

func relatedIn(reason string) string { return first(relatedThere, reason) }

func first(form *regexp.Regexp, text string) string {
	if found := form.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}
