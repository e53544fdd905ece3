package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

type decisionRow struct {
	ID            int64
	PublicID      string
	CampaignID    int64
	Campaign      string
	PolicyVersion int
	Stage         string
	At            time.Time
	Outcome       string
	Reason        string
	Score         int
	Enforced      bool
	Code          string
	OrderID       string
	Request       string
	Facts         string
	Answer        string
	Verdict       string
	VerdictBy     string
	VerdictAt     *time.Time
	VerdictNote   string
	ErasedAt      *time.Time
}

var selectDecisions = `SELECT ` + columnsOf(&decisionRow{}, "d", "campaign") + `, c.key AS campaign FROM decisions d JOIN campaigns c ON c.id = d.campaign_id`

// domain puts a decision together. Of one that was erased only what stands in columns is left.
func (r decisionRow) domain() (decisions.Decision, error) {
	d := decisions.Decision{ID: r.ID, PublicID: r.PublicID, Campaign: r.Campaign, CampaignID: r.CampaignID,
		At: r.At.UTC(), Erased: r.ErasedAt != nil, Verdict: decisions.Verdict{Is: decisions.Judgement(r.Verdict),
			By: r.VerdictBy, Note: r.VerdictNote}}
	if r.VerdictAt != nil {
		d.Verdict.At = r.VerdictAt.UTC()
	}
	if d.Erased {
		d.Request = decisions.Request{Campaign: r.Campaign, Code: r.Code, Stage: decisions.Stage(r.Stage),
			At: r.At.UTC(), OrderID: r.OrderID}
		d.Answer = decisions.Answer{Outcome: decisions.Outcome(r.Outcome), Reason: decisions.Reason(r.Reason),
			Strong: r.Score, PolicyVersion: r.PolicyVersion, Enforced: r.Enforced, Signals: []decisions.Signal{}}
		return d, nil
	}
	d.Texts = decisions.Texts{Request: []byte(r.Request), Facts: []byte(r.Facts), Answer: []byte(r.Answer)}
	var err error
	if d.Request, err = decisions.DecodeRequest(d.Texts.Request); err != nil {
		return decisions.Decision{}, err
	}
	if d.Facts, err = decisions.DecodeFacts(d.Texts.Facts); err != nil {
		return decisions.Decision{}, err
	}
	d.Answer, err = decisions.DecodeAnswer(d.Texts.Answer)
	return d, err
}

const (
	intoDecisions = `INSERT INTO decisions (public_id, campaign_id, policy_version, stage, at, outcome, reason, score,
		enforced, code, order_id, request, facts, answer, worth, worth_currency, worth_estimated) `
	onceAnOrder    = ` ON CONFLICT (order_id, code, campaign_id) WHERE stage = 'order' DO NOTHING RETURNING id`
	insertDecision = intoDecisions + `VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)` + onceAnOrder
)

// Keep implements decisions.Repository and decisions.Turn.
func (s Identity) Keep(ctx context.Context, d decisions.Decision, print identity.Print,
	jobs []domain.Job) (kept decisions.Decision, fresh bool, err error) {
	kept = d
	if kept.ID, err = s.insertDecision(ctx, d, print, jobs); err != nil {
		return decisions.Decision{}, false, err
	}
	if kept.ID == 0 {
		kept, err = s.OfOrder(ctx, d.CampaignID, d.Request.OrderID, d.Request.Code)
		return kept, false, err
	}
	return kept, true, nil
}

// insertDecision gives 0 where there is such a decision already.
func (s Identity) insertDecision(ctx context.Context, d decisions.Decision, print identity.Print,
	jobs []domain.Job) (id int64, err error) {
	if s.hot() && len(jobs) == 0 {
		id, err = s.keepAtOnce(ctx, d, print)
		if !errors.Is(err, errForgotten) {
			return id, err
		}
	}
	return s.keepInSteps(ctx, d, print, jobs)
}

// keepInSteps is insertDecision in one transaction, whatever follows from the decision and whoever was forgotten.
func (s Identity) keepInSteps(ctx context.Context, d decisions.Decision, print identity.Print,
	jobs []domain.Job) (id int64, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		id = 0
		var ids []int64
		print, wholly, err := s.forgotten(tx, print, d.Request.At)
		if err != nil {
			return err
		}
		if err := tx.Raw(insertDecision, decisionArgs(d)...).Scan(&ids).Error; err != nil || len(ids) == 0 {
			return err
		}
		id = ids[0]
		if wholly {
			return emptyDecisions(tx, ids, d.At)
		}
		if err := addPrint(tx, subjectDecision, id, d.CampaignID, d.At, print); err != nil {
			return err
		}
		return s.addJobs(ctx, tx, jobs)
	})
	return id, err
}

// decisionArgs are the values of both ways to insert a decision.
func decisionArgs(d decisions.Decision) []any {
	a, r := d.Answer, d.Request
	return []any{d.PublicID, d.CampaignID, a.PolicyVersion, string(r.Stage), utc(d.At), string(a.Outcome),
		string(a.Reason), a.Score(), a.Enforced, r.Code, r.OrderID, string(d.Texts.Request), string(d.Texts.Facts),
		string(d.Texts.Answer), d.Worth.Amount.Minor, d.Worth.Amount.Currency, d.Worth.Estimated}
}

// ByID implements decisions.Repository.
func (s Identity) ByID(ctx context.Context, publicID string) (decisions.Decision, error) {
	return oneDecision(s.db.WithContext(ctx), `d.public_id = ?`, publicID)
}

func oneDecision(tx *gorm.DB, where string, args ...any) (decisions.Decision, error) {
	var row decisionRow
	found := tx.Raw(selectDecisions+` WHERE `+where, args...).Scan(&row)
	if found.Error != nil {
		return decisions.Decision{}, translate(found.Error)
	}
	if found.RowsAffected == 0 {
		return decisions.Decision{}, domain.Refuse(domain.CodeDecisionNotFound)
	}
	return row.domain()
}

// List implements decisions.Repository.
func (s Identity) List(ctx context.Context, f decisions.Filter) ([]decisions.Decision, error) {
	q := decisionsWhere(f)
	text := selectDecisions + ` WHERE ` + q.text + ` ORDER BY d.id DESC LIMIT ?`
	var rows []decisionRow
	if err := s.db.WithContext(ctx).Raw(text, append(q.args, f.Limit)...).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]decisions.Decision, 0, len(rows))
	for _, r := range rows {
		d, err := r.domain()
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

func decisionsWhere(f decisions.Filter) clauseOf {
	var list []clauseOf
	add := func(asked bool, text string, args ...any) {
		if asked {
			list = append(list, where(text, args...))
		}
	}
	add(f.Campaign != "", `d.campaign_id = (SELECT id FROM campaigns WHERE key = ?)`, f.Campaign)
	add(f.Outcome != "", `d.outcome = ?`, string(f.Outcome))
	add(f.Stopped, `d.outcome IN ('refuse', 'allow_flagged')`)
	add(f.Reason != "", `d.reason = ?`, string(f.Reason))
	add(!f.From.IsZero(), `d.at >= ?`, utc(f.From))
	add(!f.To.IsZero(), `d.at < ?`, utc(f.To))
	add(f.Stage != "", `d.stage = ?`, string(f.Stage))
	add(f.Verdict != "", `d.verdict = ? AND d.verdict <> ''`, string(f.Verdict))
	add(f.Unjudged, `d.verdict = ''`)
	add(f.Judged, `d.verdict <> ''`)
	add(f.OrderID != "", `d.order_id = ? AND d.stage = 'order'`, f.OrderID)
	add(f.Before != 0, `d.id < ?`, f.Before)
	return all(list...)
}
