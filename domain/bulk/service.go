package bulk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notifications"
)

// Service makes jobs and works on them. All fields are needed.
type Service struct {
	Store   Store
	Desk    Desk
	Saga    Saga
	Coupons Coupons
	Mails   Mails
	Callers Callers
	Policy  coupons.Policy
	Clock   domain.Clock
	Logger  *slog.Logger
	// Lease is how long one actor has a job without renewing it; longer than any one step.
	Lease time.Duration
}

// Asked is somebody asking for one thing to be done to many coupons.
type Asked struct {
	Caller domain.Caller
	Kind   Kind
	Codes  []string
	Reason string
	Note   string
	Key    string
}

// Plan is what a job would do.
type Plan struct {
	Rows   []Row // those that can be done now
	Cannot []Row // with why not
	Points int64
	// Second says that the sum takes another person.
	Second bool
}

// Preview says what a job would do, without making one. Errors: permission_denied, validation_failed.
func (s *Service) Preview(ctx context.Context, who domain.Caller, kind Kind, codes []string) (Plan, error) {
	var p Plan
	if !slices.Contains(Kinds(), kind) {
		return p, domain.Refuse(domain.CodeValidation, "field", "kind")
	}
	if len(codes) == 0 || len(codes) > MaxRows {
		return p, domain.Refuse(domain.CodeValidation, "field", "codes")
	}
	seen := map[int64]bool{}
	for _, code := range codes {
		st, err := s.Coupons.ByCode(ctx, code)
		if domain.CodeOf(err) == domain.CodeCouponNotFound && err != nil {
			p.Cannot = append(p.Cannot, Row{Code: code, State: RowRefused, Reason: string(domain.CodeCouponNotFound)})
			continue
		}
		if err != nil {
			return p, err
		}
		c := st.Coupon
		if seen[c.ID] {
			continue
		}
		seen[c.ID] = true
		row := Row{CouponID: c.ID, Code: c.Code, Points: c.Points, State: RowWaiting}
		if why := s.cannot(who, c); why != "" {
			row.State, row.Reason = RowRefused, string(why)
			p.Cannot = append(p.Cannot, row)
			continue
		}
		row.Row = len(p.Rows) + 1
		p.Rows, p.Points = append(p.Rows, row), p.Points+c.Points
	}
	return s.judged(ctx, who, kind, p)
}

// cannot is why a coupon is left out; the saga asks all of it again when its turn has come.
func (s *Service) cannot(who domain.Caller, c domain.Coupon) domain.Code {
	if err := coupons.RefusalOfEnding(c, s.Clock.Now()); err != nil {
		return domain.CodeOf(err)
	}
	if who.CustomerID != "" && who.CustomerID == c.CustomerID {
		return domain.CodeOwnCoupon
	}
	return ""
}

func (s *Service) judged(ctx context.Context, who domain.Caller, kind Kind, p Plan) (Plan, error) {
	if kind.act() == "" {
		return p, nil
	}
	if err := s.Policy.MayDo(kind.act(), who); err != nil {
		return p, err
	}
	over, err := s.overCap(ctx, who, kind, p.Points)
	p.Second = over != nil || s.Policy.NeedsTwo(p.Points)
	return p, err
}

// overCap is what a sum exceeds of a person's caps; nil for nothing.
func (s *Service) overCap(ctx context.Context, who domain.Caller, kind Kind, points int64) (over, err error) {
	today, err := s.Coupons.MovedToday(ctx, who, s.Policy.DayStart(s.Clock.Now()))
	if err != nil {
		return nil, err
	}
	return s.Policy.SumWithinCap(kind.act(), who, points, today), nil
}

// Make opens a job. Errors: as Preview; idempotency_key_missing, idempotency_key_reused, validation_failed where nothing
// of the selection can be done or a code is unknown, second_person_required where the sum takes one and nobody answers for the key.
func (s *Service) Make(ctx context.Context, a Asked) (Job, bool, error) {
	if err := a.check(); err != nil {
		return Job{}, false, err
	}
	p, err := s.Preview(ctx, a.Caller, a.Kind, a.Codes)
	if err != nil {
		return Job{}, false, err
	}
	rows, err := p.frozen()
	if err != nil {
		return Job{}, false, err
	}
	now := s.Clock.Now()
	j := Job{PublicID: newID(), Kind: a.Kind, Status: Running, Reason: a.Reason, Note: a.Note, Wanted: len(rows),
		Refused: len(p.Cannot), Points: p.Points, Maker: a.Caller, MadeAt: now, LeaseUntil: now}
	o := Opening{Job: j, Rows: rows, Key: a.Key, Hash: a.meaning()}
	if p.Second && len(a.Caller.People()) == 0 { // nobody could be told apart from whoever holds the key
		o.Refusal = domain.Refuse(domain.CodeSecondPerson)
	}
	if p.Second {
		o.Job.Status = Waiting
		o.Fact = &notifications.Fact{Kind: notifications.BulkWaiting, Ref: j.PublicID, At: now}
	}
	o.Entry = s.entry(o.Job, a.Caller, domain.ActionBulkMade, "", o.Job.Status)
	return s.Store.Open(ctx, o)
}

// frozen are all rows of a job: also of what is left out, so that its result names each coupon that was chosen. A code
// that nobody knows is a mistake of whoever asks.
func (p Plan) frozen() ([]Row, error) {
	rows := slices.Clone(p.Rows)
	for _, r := range p.Cannot {
		if r.CouponID == 0 {
			return nil, domain.Refuse(domain.CodeValidation, "field", "codes")
		}
		r.Row = len(rows) + 1
		rows = append(rows, r)
	}
	return rows, nil
}

func (a Asked) check() error {
	switch {
	case a.Key == "":
		return domain.Refuse(domain.CodeKeyMissing)
	case a.Kind != Resend && !slices.Contains(a.Kind.Reasons(), a.Reason):
		return domain.Refuse(domain.CodeValidation, "field", "reason")
	case !domain.NoteFits(a.Note), domain.NeedsNote(a.Reason) && !domain.NoteSays(a.Note):
		return domain.Refuse(domain.CodeValidation, "field", "note")
	default:
		return nil
	}
}

func (a Asked) meaning() string {
	sum := sha256.Sum256([]byte(string(a.Kind) + "\x00" + a.Reason + "\x00" + a.Note + "\x00" +
		strings.Join(a.Codes, "\n")))
	return hex.EncodeToString(sum[:])
}

func newID() string { return "blk_" + strings.ToLower(rand.Text()[:16]) }

// Approve lets a job go on that takes a second person. Errors: bulk_not_found, bulk_status_not_allowed, own_request,
// second_person_required, permission_denied, cancellation_limit_exceeded.
func (s *Service) Approve(ctx context.Context, who domain.Caller, publicID string) (Job, error) {
	j, err := s.Store.Job(ctx, publicID)
	switch {
	case err != nil:
		return Job{}, err
	case j.Status == Running && j.Approver.ID == who.ID:
		return j, nil
	case j.Status != Waiting:
		return Job{}, domain.Refuse(domain.CodeBulkStatus)
	case !j.Approvable(who):
		return Job{}, domain.Refuse(domain.CodeOwnRequest)
	}
	if err := s.Policy.MayDo(j.Kind.act(), who); err != nil {
		return Job{}, err
	}
	if over, err := s.overCap(ctx, who, j.Kind, j.Points); err != nil || over != nil {
		return Job{}, errors.Join(over, err)
	}
	return s.move(ctx, who, j, Running, &who)
}

// SetStatus pauses a job, lets it go on, or stops it. Errors: bulk_not_found, bulk_status_not_allowed,
// permission_denied.
func (s *Service) SetStatus(ctx context.Context, who domain.Caller, publicID string, to Status) (Job, error) {
	j, err := s.Store.Job(ctx, publicID)
	if err != nil || j.Status == to {
		return j, err
	}
	if act := j.Kind.act(); act != "" {
		if err := s.Policy.MayDo(act, who); err != nil {
			return Job{}, err
		}
	}
	if to == Done || j.Status == Waiting && to != Stopped || !j.Status.CanBecome(to) {
		return Job{}, domain.Refuse(domain.CodeBulkStatus)
	}
	return s.move(ctx, who, j, to, nil)
}

func (s *Service) move(ctx context.Context, who domain.Caller, j Job, to Status, approver *domain.Caller) (Job, error) {
	err := s.Store.Move(ctx, Move{ID: j.ID, From: j.Status, To: to, Approver: approver, Behind: j.Behind(),
		At: s.Clock.Now(), Entry: s.entry(j, who, domain.ActionBulkMoved, j.Status, to)})
	if errors.Is(err, domain.ErrConflict) && !errors.Is(err, domain.ErrUnavailable) {
		return Job{}, domain.Refuse(domain.CodeBulkStatus)
	}
	if err != nil {
		return Job{}, err
	}
	return s.Store.Job(ctx, j.PublicID)
}

func (s *Service) entry(j Job, who domain.Caller, action string, from, to Status) domain.AuditEntry {
	return domain.AuditEntry{At: s.Clock.Now(), Actor: who.ID, ActorName: who.Name, Credential: who.Credential,
		Action: action, Outcome: domain.OutcomeDone, Detail: map[string]any{"bulk": j.PublicID, "kind": string(j.Kind),
			"before": string(from), "after": string(to), "coupons": j.Wanted, "points": j.Points, "reason": j.Reason}}
}
