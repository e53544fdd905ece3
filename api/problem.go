package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
)

// statusOf is the one place that turns a code into a status.
func statusOf(code domain.Code) int {
	switch code {
	case domain.CodeValidation, domain.CodeInsufficientPoints, domain.CodePointsNotInUnits, domain.CodeDailyLimit,
		domain.CodeKeyReused, domain.CodeReferenceReused, domain.CodeOutcomeNotAllowed, domain.CodePasswordGuessable,
		domain.CodeCampaignStatus, domain.CodeValueNotOffered, domain.CodeRecipientNotFound, domain.CodeOtherCodes,
		domain.CodeNumberUnknown:
		return http.StatusUnprocessableEntity
	case domain.CodeKeyMissing:
		return http.StatusBadRequest
	case domain.CodeTooManyCoupons, domain.CodeRequestInProgress, domain.CodeConversionInProgress,
		domain.CodeConversionFailed, domain.CodeCustomerNotLinked, domain.CodeCustomerAlreadyLinked,
		domain.CodeCouponUsed, domain.CodeCouponExpired, domain.CodeCouponCancelled, domain.CodeCancelInProgress,
		domain.CodeCouponNotCancellable, domain.CodeReviewDecided, domain.CodeSecondPerson, domain.CodeLastSystemAdmin,
		domain.CodeStaffExists, domain.CodeKeyExists, domain.CodeSecondFactorKept, domain.CodeSecondFactorExists,
		domain.CodeCampaignExists, domain.CodePrefixTaken, domain.CodeCampaignChanged, domain.CodeVerdictGiven,
		domain.CodeNotOffered, domain.CodeCodeNotOffered, domain.CodeCampaignNotOpen, domain.CodeMemberRequired,
		domain.CodeBatchStatus, domain.CodeCodeTaken, domain.CodeRenumbered, domain.CodeNumberTaken,
		domain.CodeOldNumberInUse, domain.CodeMovementInProgress, domain.CodeRequestOpen, domain.CodeRequestDecided,
		domain.CodeBulkStatus, domain.CodeUndoOver, domain.CodeUndoNotOffered, domain.CodeMailNotSendable:
		return http.StatusConflict
	case domain.CodeDecisionErased:
		return http.StatusGone
	case domain.CodeConversionsLocked:
		return http.StatusLocked
	case domain.CodeCustomerNotFound, domain.CodeCouponNotFound, domain.CodeRefundNotFound, domain.CodeReviewNotFound,
		domain.CodeNotFound, domain.CodeCampaignNotFound, domain.CodeDecisionNotFound,
		domain.CodeBatchNotFound, domain.CodeCodeNotFound, domain.CodeRequestNotFound, domain.CodeBulkNotFound:
		return http.StatusNotFound
	case domain.CodeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case domain.CodeBodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case domain.CodeUnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case domain.CodeUnauthenticated, domain.CodeNotSignedIn, domain.CodeSecondFactor, domain.CodeSecondFactorWrong:
		return http.StatusUnauthorized
	case domain.CodePermissionDenied, domain.CodeOwnCoupon, domain.CodeOwnMembership, domain.CodeCapExceeded, domain.CodeOwnRequest,
		domain.CodePasswordsOff, domain.CodeIdentityRefused, domain.CodePasswordChange, domain.CodeSecondFactorSetup, domain.CodeReauthentication, domain.CodeSessionRequired:
		return http.StatusForbidden
	case domain.CodeRateLimited:
		return http.StatusTooManyRequests
	case domain.CodeUpstreamUnavailable, domain.CodeBusy, domain.CodeShopSettings, domain.CodeUnavailable:
		return http.StatusServiceUnavailable
	case domain.CodeInternal:
		return http.StatusInternalServerError
	default:
		return http.StatusInternalServerError
	}
}

// waitOf is what a client is told to wait when the refusal itself names no time.
func waitOf(e *domain.Error) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	switch e.Code {
	case domain.CodeRequestInProgress, domain.CodeConversionInProgress, domain.CodeCancelInProgress:
		return time.Second
	case domain.CodeUpstreamUnavailable, domain.CodeBusy, domain.CodeUnavailable:
		return 5 * time.Second
	default:
		return 0
	}
}

// refusalOf finds out what is refused: what the domain says, a field that is wrong, or one of huma's own failures,
// which are known by their status.
func refusalOf(status int, errs []error) *domain.Error {
	all := errors.Join(errs...)
	var refused *domain.Error
	if errors.As(all, &refused) && (refused.Code != domain.CodeInternal || !errors.Is(all, domain.ErrUnavailable)) {
		return refused
	}
	if errors.Is(all, domain.ErrUnavailable) {
		return &domain.Error{Code: domain.CodeUnavailable, Err: all}
	}
	var up *domain.UpstreamError
	if errors.As(all, &up) {
		return &domain.Error{Code: domain.CodeUpstreamUnavailable, RetryAfter: up.RetryAfter, Err: all}
	}
	var field *fieldError
	switch {
	case errors.As(all, &field), status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return domain.Refuse(domain.CodeValidation)
	case status == http.StatusRequestEntityTooLarge:
		return domain.Refuse(domain.CodeBodyTooLarge)
	case status == http.StatusUnsupportedMediaType:
		return domain.Refuse(domain.CodeUnsupportedMedia)
	default:
		return &domain.Error{Code: domain.CodeInternal, Err: all}
	}
}

// problem words a refusal for this request, sets the headers that belong to it, and remembers it for the request's line
// in the log.
func (x *exchange) problem(setHeader func(name, value string), status int, errs []error) *Problem {
	e := refusalOf(status, errs)
	x.code, x.cause = e.Code, e.Err
	figures := e.Params
	if wait := waitOf(e); wait > 0 {
		seconds := wholeSeconds(wait)
		setHeader("Retry-After", strconv.FormatInt(seconds, 10))
		figures = withWait(figures, seconds)
	}
	if statusOf(e.Code) == http.StatusUnauthorized {
		setHeader("WWW-Authenticate", `Bearer realm="pointbridge"`)
	}
	setHeader("Content-Language", x.words.tag.String())
	setHeader("Vary", strings.Join(append([]string{"Accept-Language"}, x.vary...), ", "))
	title, detail := x.api.texts.say(x.words, e.Code, figures)
	p := &Problem{Type: strings.TrimSuffix(x.api.deps.PublicURL, "/") + "/docs#" + string(e.Code), Title: title,
		Status: statusOf(e.Code), Detail: detail, Code: string(e.Code), RequestID: x.id, figures: e.Params}
	if e.Code == domain.CodeValidation {
		p.Errors = x.fields(e, errs)
		x.invalid = p.Errors
	}
	return p
}

func wholeSeconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// inMinutes is from how many seconds on people are told minutes.
const inMinutes = 120

// withWait adds how long to wait, as people say it: 885 seconds are 15 minutes.
func withWait(figures map[string]any, seconds int64) map[string]any {
	if seconds >= inMinutes {
		return with(figures, "retry_minutes", (seconds+59)/60)
	}
	return with(figures, "retry_after", seconds)
}

// with adds one figure without changing the refusal's own.
func with(figures map[string]any, name string, value any) map[string]any {
	all := make(map[string]any, len(figures)+1)
	for k, v := range figures {
		all[k] = v
	}
	all[name] = value
	return all
}
