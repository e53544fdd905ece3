package square

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"pointbridge/domain"
	"pointbridge/integrations/pos/square/wire"
	"pointbridge/integrations/upstream"
)

// badRequest is all that Square says when points would fall below zero, and what it says of other mistakes as well.
const badRequest = "bad_request"

// classify turns a status that is no success into an outcome. The status decides first, because not every body is
// Square's; where a code disagrees with it, the more careful of the two counts.
func (c *Client) classify(a call, res upstream.Answer) error {
	said := problems(res.Body)
	reason := word(said)
	switch status := res.Status; {
	case status == http.StatusRequestTimeout, status == http.StatusConflict, status >= 500, status < 400,
		tells(said, doubtful):
		return c.wait(a, domain.KindUnknown, reason, res)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return failed(a.act, domain.KindAuth, reason, nil)
	case status == http.StatusTooManyRequests, tells(said, limited):
		return c.wait(a, domain.KindThrottled, reason, res)
	case tells(said, locked):
		return failed(a.act, domain.KindAuth, reason, nil)
	case status == http.StatusNotFound && reason == "not_found" && a.ofAccount:
		return failed(a.act, domain.KindRefused, domain.ReasonCustomerNotFound, nil)
	case status == http.StatusNotFound:
		return failed(a.act, domain.KindRefused, "route_missing", nil)
	case reason == "":
		// The status of whoever is on the way there, for all we know.
		return failed(a.act, domain.KindRefused, fmt.Sprintf("http_%d", status), nil)
	}
	return failed(a.act, domain.KindRefused, reason, nil)
}

func tells(said []wire.Error, what func(wire.Error) bool) bool {
	return slices.ContainsFunc(said, what)
}

// doubtful tells what never proves that nothing was booked, whatever it came with.
func doubtful(e wire.Error) bool {
	switch e.Code {
	case "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT", "BAD_GATEWAY", "TEMPORARY_ERROR",
		"REQUEST_TIMEOUT", "CONFLICT":
		return true
	}
	return e.Category == "API_ERROR"
}

func limited(e wire.Error) bool { return e.Code == "RATE_LIMITED" || e.Category == "RATE_LIMIT_ERROR" }

// locked tells that nothing is taken from us as things stand: the token, its scopes, or the merchant's subscription.
func locked(e wire.Error) bool {
	return e.Category == "AUTHENTICATION_ERROR" || e.Category == "MERCHANT_SUBSCRIPTION_ERROR" ||
		e.Code == "MERCHANT_SUBSCRIPTION_NOT_FOUND"
}

func (c *Client) wait(a call, kind domain.Kind, reason string, res upstream.Answer) error {
	e := failed(a.act, kind, reason, nil)
	e.RetryAfter = res.RetryAfter(c.cfg.Clock())
	return e
}

// word is the first code, written as reasons are. Only what looks like a machine word is kept: the reason is logged and
// stored, and free text may name people.
func word(said []wire.Error) string {
	if len(said) == 0 {
		return ""
	}
	code := strings.ToLower(string(said[0].Code))
	for _, r := range code {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return "other"
		}
	}
	if len(code) > 64 {
		return "other"
	}
	return code
}
