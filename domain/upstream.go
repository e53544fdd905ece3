package domain

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what the failure of an outside act means for the flow that asked for it.
type Kind string

// The kinds. All but KindUnknown prove that the act was not applied.
const (
	// KindRefused: the upstream understood and said no; repeating the same act is pointless. Reason says why.
	KindRefused Kind = "refused"
	// KindNotFound: a look-up, or the object of the act, does not exist there.
	KindNotFound Kind = "not_found"
	// KindAuth: nothing is taken from us as things stand (credentials that are not accepted, an account that is frozen
	// or locked): an operator has to act, the request itself may be fine.
	KindAuth Kind = "auth"
	// KindThrottled: asked to wait; RetryAfter says how long when the upstream did.
	KindThrottled Kind = "throttled"
	// KindUnavailable: not a byte of the act was sent (no connection, or the circuit is open).
	KindUnavailable Kind = "unavailable"
	// KindUnknown: the act may or may not have been applied (time-out after sending, 5xx, an answer that makes no
	// sense).
	KindUnknown Kind = "unknown"
)

// Machine words of refusals that the flows look at.
const (
	ReasonInsufficientPoints = "insufficient_points"
	ReasonCustomerNotFound   = "customer_not_found"
	ReasonReferenceReused    = "reference_reused"
	ReasonKeyReused          = "idempotency_key_reused"
	ReasonCodeTaken          = "code_taken"
	ReasonStale              = "stale"
	ReasonUnsupported        = "unsupported"
	// ReasonAmbiguous: the look-up has an answer, but not one that settles anything, and asking again will not change
	// that.
	ReasonAmbiguous = "ambiguous"
	// ReasonAccessDenied: the app lacks the right to this one act.
	ReasonAccessDenied = "access_denied"
	// ReasonAppRefused: who hands out the credentials does not know the app any more. It is the one answer that says
	// something about the app itself; every other refusal may be the account's, the network's or a setting's.
	ReasonAppRefused = "app_refused"
)

// UpstreamError is how every client in integrations reports a failed act. Its text is for logs; it never reaches a
// caller, and never holds a secret, a code or personal data.
type UpstreamError struct {
	Kind     Kind
	Upstream string // "pos", "shopify", "mail"
	Act      string // e.g. "deduct"
	Reason   string // machine word of the refusal; may be empty
	// RetryAfter is the wait the upstream asked for; zero when it named none.
	RetryAfter time.Duration
	// Balance is the POS balance that came with an insufficient_points refusal.
	Balance *int64
	Err     error
}

func (e *UpstreamError) Error() string {
	text := fmt.Sprintf("%s %s: %s", e.Upstream, e.Act, e.Kind)
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause, for logs and errors.Is.
func (e *UpstreamError) Unwrap() error { return e.Err }

// KindOf returns the kind of an outside act's failure. An error that no client has classified is unknown, because
// nothing proves that the act was not applied.
func KindOf(err error) Kind {
	var up *UpstreamError
	if errors.As(err, &up) {
		return up.Kind
	}
	return KindUnknown
}

// ReasonOf returns the machine word of a refusal, or "".
func ReasonOf(err error) string {
	var up *UpstreamError
	if errors.As(err, &up) {
		return up.Reason
	}
	return ""
}

// RetryAfterOf returns the wait that the upstream asked for, or zero.
func RetryAfterOf(err error) time.Duration {
	var up *UpstreamError
	if errors.As(err, &up) {
		return up.RetryAfter
	}
	return 0
}

// BalanceOf returns the POS balance that came with a refusal, or nil.
func BalanceOf(err error) *int64 {
	var up *UpstreamError
	if errors.As(err, &up) {
		return up.Balance
	}
	return nil
}
