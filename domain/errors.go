package domain

import (
	"errors"
	"time"
)

// Code is the stable word a caller can act on. The list is closed: api maps each to a status and a sentence.
type Code string

// The codes. Each is also the `code` of the problem document that a client receives.
const (
	CodeValidation            Code = "validation_failed"
	CodeInsufficientPoints    Code = "insufficient_points"
	CodePointsNotInUnits      Code = "points_not_in_units"
	CodeDailyLimit            Code = "daily_limit_exceeded"
	CodeTooManyCoupons        Code = "too_many_active_coupons"
	CodeKeyReused             Code = "idempotency_key_reused"
	CodeKeyMissing            Code = "idempotency_key_missing"
	CodeRequestInProgress     Code = "request_in_progress"
	CodeConversionInProgress  Code = "conversion_in_progress"
	CodeConversionFailed      Code = "conversion_failed"
	CodeConversionsLocked     Code = "conversions_locked"
	CodeCustomerNotFound      Code = "customer_not_found"
	CodeCustomerNotLinked     Code = "customer_not_linked"
	CodeCustomerAlreadyLinked Code = "customer_already_linked"
	CodeCouponNotFound        Code = "coupon_not_found"
	CodeCouponUsed            Code = "coupon_already_used"
	CodeCouponExpired         Code = "coupon_expired"
	CodeCouponCancelled       Code = "coupon_already_cancelled"
	CodeCancelInProgress      Code = "cancellation_in_progress"
	CodeCouponNotCancellable  Code = "coupon_not_cancellable"
	CodeOwnCoupon             Code = "own_coupon"
	// CodeUndoOver: the time in which a customer takes an unused coupon back has passed. CodeUndoNotOffered: they cannot
	// take this one back at all.
	CodeUndoOver            Code = "undo_time_over"
	CodeUndoNotOffered      Code = "undo_not_offered"
	CodeOwnMembership       Code = "own_membership"
	CodeCapExceeded         Code = "cancellation_limit_exceeded"
	CodeRefundNotFound      Code = "refund_not_found"
	CodeReferenceReused     Code = "reference_reused"
	CodeReviewNotFound      Code = "review_not_found"
	CodeReviewDecided       Code = "review_already_decided"
	CodeOutcomeNotAllowed   Code = "outcome_not_allowed"
	CodeSecondPerson        Code = "second_person_required"
	CodeLastSystemAdmin     Code = "last_system_admin"
	CodeStaffExists         Code = "staff_already_exists"
	CodeKeyExists           Code = "key_already_made"
	CodePasswordGuessable   Code = "password_guessable"
	CodePasswordChange      Code = "password_change_required"
	CodeSecondFactor        Code = "second_factor_required"
	CodeSecondFactorWrong   Code = "second_factor_wrong"
	CodeSecondFactorSetup   Code = "second_factor_setup_required"
	CodeSecondFactorKept    Code = "second_factor_mandatory"
	CodeSecondFactorExists  Code = "second_factor_already_set_up"
	CodeReauthentication    Code = "reauthentication_required"
	CodeSessionRequired     Code = "session_required"
	CodeNotFound            Code = "not_found"
	CodeMethodNotAllowed    Code = "method_not_allowed"
	CodeBodyTooLarge        Code = "body_too_large"
	CodeUnsupportedMedia    Code = "unsupported_media_type"
	CodeUnauthenticated     Code = "unauthenticated"
	CodeNotSignedIn         Code = "not_signed_in"
	CodePermissionDenied    Code = "permission_denied"
	CodePasswordsOff        Code = "password_sign_in_off"
	CodeIdentityRefused     Code = "identity_refused"
	CodeRateLimited         Code = "rate_limited"
	CodeUpstreamUnavailable Code = "upstream_unavailable"
	CodeUnavailable         Code = "temporarily_unavailable"
	CodeBusy                Code = "busy"
	// CodeShopSettings: the shop is not as the settings say, in a way that changes what a code is worth or who can end
	// it.
	CodeShopSettings Code = "shop_settings_differ"
	CodeInternal     Code = "internal_error"

	CodeCampaignNotFound Code = "campaign_not_found"
	CodeCampaignExists   Code = "campaign_already_exists"
	CodePrefixTaken      Code = "prefix_taken"
	CodeCampaignStatus   Code = "campaign_status_not_allowed"
	CodeCampaignChanged  Code = "campaign_changed"
	CodeDecisionNotFound Code = "decision_not_found"
	CodeBatchNotFound    Code = "batch_not_found"
	CodeBatchStatus      Code = "batch_status_not_allowed"
	CodeCodeNotFound     Code = "code_not_found"
	CodeCodeTaken        Code = "code_taken"
	// CodeOtherCodes: a campaign gives codes of another kind than was asked for.
	CodeOtherCodes     Code = "campaign_has_other_codes"
	CodeDecisionErased Code = "decision_erased"
	CodeVerdictGiven   Code = "verdict_already_given"
	// CodeNotOffered: the rules of a campaign refuse something to somebody. Its reason stands in the figures.
	CodeNotOffered Code = "conversion_not_offered"
	// CodeCodeNotOffered is the same of a campaign's code.
	CodeCodeNotOffered Code = "code_not_offered"
	// CodeCampaignNotOpen: a campaign gives no codes of the kind out, or not now.
	CodeCampaignNotOpen Code = "campaign_not_open"
	CodeValueNotOffered Code = "value_not_offered"
	// CodeMemberRequired: a code costs points, and the POS does not know whom it is for.
	CodeMemberRequired Code = "member_required"
	// CodeRecipientNotFound: the shop knows nobody by the number or the mail address that a code is for.
	CodeRecipientNotFound Code = "recipient_not_found"

	// CodeRenumbered: the number is one that a member had before.
	CodeRenumbered Code = "customer_renumbered"
	// CodeNumberTaken: two numbers are two members, as far as anybody can tell. Its reason stands in the figures.
	CodeNumberTaken Code = "number_taken"
	// CodeNumberUnknown: the POS does not know the new number.
	CodeNumberUnknown Code = "number_unknown"
	// CodeOldNumberInUse: the POS still knows the old number.
	CodeOldNumberInUse Code = "old_number_in_use"
	// CodeMailNotSendable: no mail about a coupon is true now, or its member has no address.
	CodeMailNotSendable Code = "mail_not_sendable"
	// CodeMovementInProgress: points of the member are on the way in the POS.
	CodeMovementInProgress Code = "movement_in_progress"

	// CodeRequestOpen: somebody asked for the coupon to be cancelled, and nobody has decided yet.
	CodeRequestOpen     Code = "cancel_request_already_open"
	CodeRequestNotFound Code = "cancel_request_not_found"
	CodeRequestDecided  Code = "cancel_request_already_decided"
	// CodeOwnRequest: nobody decides about what they asked for themselves.
	CodeOwnRequest Code = "own_request"

	CodeBulkNotFound Code = "bulk_not_found"
	CodeBulkStatus   Code = "bulk_status_not_allowed"
)

// Codes lists every code, for the tests that prove that each has a status and a sentence in each language.
func Codes() []Code {
	return []Code{
		CodeValidation, CodeInsufficientPoints, CodePointsNotInUnits, CodeDailyLimit, CodeTooManyCoupons, CodeKeyReused,
		CodeKeyMissing, CodeRequestInProgress, CodeConversionInProgress, CodeConversionFailed, CodeConversionsLocked,
		CodeCustomerNotFound, CodeCustomerNotLinked, CodeCustomerAlreadyLinked, CodeCouponNotFound, CodeCouponUsed,
		CodeCouponExpired, CodeCouponCancelled, CodeCancelInProgress, CodeCouponNotCancellable, CodeOwnCoupon,
		CodeOwnMembership, CodeCapExceeded, CodeRefundNotFound, CodeReferenceReused, CodeReviewNotFound,
		CodeReviewDecided, CodeOutcomeNotAllowed, CodeSecondPerson, CodeLastSystemAdmin, CodeStaffExists, CodeKeyExists,
		CodePasswordGuessable, CodePasswordChange, CodeSecondFactor, CodeSecondFactorWrong, CodeSecondFactorSetup,
		CodeSecondFactorKept, CodeSecondFactorExists, CodeReauthentication, CodeSessionRequired, CodeNotFound,
		CodeMethodNotAllowed, CodeBodyTooLarge, CodeUnsupportedMedia, CodeUnauthenticated, CodeNotSignedIn,
		CodePermissionDenied, CodePasswordsOff, CodeIdentityRefused, CodeRateLimited, CodeUpstreamUnavailable,
		CodeUnavailable, CodeBusy, CodeShopSettings, CodeInternal, CodeCampaignNotFound, CodeCampaignExists,
		CodePrefixTaken, CodeCampaignStatus, CodeCampaignChanged, CodeDecisionNotFound, CodeDecisionErased,
		CodeVerdictGiven, CodeNotOffered, CodeCodeNotOffered, CodeCampaignNotOpen, CodeValueNotOffered,
		CodeMemberRequired, CodeRecipientNotFound,
		CodeBatchNotFound, CodeBatchStatus, CodeCodeNotFound, CodeCodeTaken, CodeOtherCodes,
		CodeRenumbered, CodeNumberTaken, CodeNumberUnknown, CodeOldNumberInUse,
		CodeMovementInProgress,
		CodeRequestOpen, CodeRequestNotFound, CodeRequestDecided, CodeOwnRequest,
		CodeBulkNotFound, CodeBulkStatus,
		CodeUndoOver, CodeUndoNotOffered, CodeMailNotSendable,
	}
}

// Error is a refusal a caller is told about: the code, the figures that explain it, and a cause for the log only.
type Error struct {
	Code Code
	// Params are the figures the sentence needs ("balance", "required", "unit", …); they are also members of the
	// problem.
	Params map[string]any
	// RetryAfter is how long a caller should wait; zero when waiting does not help.
	RetryAfter time.Duration
	// Err is the cause. It is logged and never shown.
	Err error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return string(e.Code) + ": " + e.Err.Error()
	}
	return string(e.Code)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is compare by code alone, so that a bare &Error{Code: …} matches one with figures.
func (e *Error) Is(target error) bool {
	var other *Error
	return errors.As(target, &other) && other.Code == e.Code
}

// ParamOwnWords is the figure of a refusal that holds a text per language instead of the standard one.
const ParamOwnWords = "own_words"

// Refuse makes an Error with figures given as name, value, name, value.
func Refuse(code Code, figures ...any) *Error {
	e := &Error{Code: code}
	for i := 0; i+1 < len(figures); i += 2 {
		if e.Params == nil {
			e.Params = make(map[string]any, len(figures)/2)
		}
		if name, ok := figures[i].(string); ok {
			e.Params[name] = figures[i+1]
		}
	}
	return e
}

// CodeOf returns the code of an error; anything that is not a domain Error is internal.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// ErrConflict is what a compare-and-set says when somebody else moved the row first. It never reaches a client: the
// flow loads again and decides anew.
var ErrConflict = errors.New("the row was moved by somebody else")

// ErrUnavailable is what the database says when it cannot do this now and the same request can succeed later: it was
// restarted, takes no writes, is full, or waits for something. An error that is ErrConflict as well may have been done.
var ErrUnavailable = errors.New("the database cannot be used right now")
