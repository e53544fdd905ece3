package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"

	"pointbridge/domain"
)

const (
	conversionsPath = "/v1/customers/{id}/conversions"

	alertUnknownCodes = "unknown_codes"
)

// after looks at how an admitted request was refused. A client that hangs up does not prevent it.
func (a *API) after(ctx context.Context, r route, x *exchange) {
	ctx = context.WithoutCancel(ctx)
	switch {
	case x.code == domain.CodeSessionRequired:
		a.denied(ctx, r, x, domain.Refuse(x.code))
	case x.code == domain.CodeValidation && r.method == http.MethodPost && r.direct() == conversionsPath &&
		x.wrongPoints():
		a.deps.Linking.RefusedPoints(ctx, x.caller, x.customerID)
	case x.code == domain.CodeCouponNotFound && a.unknown.reached(x.caller.ID, a.deps.Now()):
		a.alertUnknownCodes(ctx, x)
	}
}

// denied writes into the audit that somebody asked for a change that their role may not make, or no key or token may.
// Reading is not recorded.
func (a *API) denied(ctx context.Context, r route, x *exchange, err error) {
	code := domain.CodeOf(err)
	if r.method == http.MethodGet || (code != domain.CodePermissionDenied && code != domain.CodeSessionRequired) {
		return
	}
	err = a.access.Refused(ctx, x.caller, r.method+" "+r.path, map[string]any{"role": string(x.caller.Role)})
	if err != nil {
		a.deps.Logger.LogAttrs(ctx, slog.LevelError, "a refused attempt was not recorded", slog.String("request_id",
			x.id), slog.String("error", err.Error()))
	}
}

// wrongPoints reports whether the points were refused before the service was asked; what it refuses it records itself.
func (x *exchange) wrongPoints() bool {
	return slices.ContainsFunc(x.invalid, func(f FieldProblem) bool { return f.Location == "body.points" })
}

// alertUnknownCodes tells operators that somebody may be trying codes out: in the log, in the metrics, in the audit.
// The codes stay out of all three.
func (a *API) alertUnknownCodes(ctx context.Context, x *exchange) {
	limit, window := a.deps.UnknownCodes, a.unknown.window
	a.deps.Logger.LogAttrs(ctx, slog.LevelError, "alert", slog.String("kind", alertUnknownCodes),
		slog.String("caller", x.caller.Label()), slog.Int("answers", limit), slog.Duration("within", window),
		slog.String("request_id", x.id))
	a.deps.Metrics.Alert(alertUnknownCodes)
	err := a.deps.Recorder.Record(ctx, domain.AuditEntry{At: a.deps.Now(), Actor: x.caller.ID, ActorName: x.caller.Name,
		Credential: x.caller.Credential, Action: "alert." + alertUnknownCodes, Outcome: domain.OutcomeRefused,
		Detail: map[string]any{"answers": limit, "within_seconds": wholeSeconds(window)}})
	if err != nil {
		a.deps.Logger.LogAttrs(ctx, slog.LevelError, "an alert was not recorded", slog.String("request_id", x.id),
			slog.String("error", err.Error()))
	}
}
