package codes

import (
	"context"
	"errors"
	"fmt"

	"pointbridge/domain"
	"pointbridge/domain/beside"
)

// issue gives personal codes to the next recipients. Each row has a key of its own, so that asking twice gives one code.
func (r *run) issue(ctx context.Context) error {
	if r.b.Made+r.b.Refused >= r.b.Wanted {
		return r.finish(ctx)
	}
	if r.old() {
		return r.stop(ctx, TookTooLong)
	}
	rows, err := r.Shelf.Waiting(ctx, r.b.ID, rowsAtOnce)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return domain.ErrConflict
	}
	came := beside.Each(ctx, len(rows), rowsAtOnce, func(ctx context.Context, i int) error { return r.issueRow(ctx, &rows[i]) })
	if err := r.commit(ctx, Change{Batch: r.b, Rows: rows}); err != nil {
		return err
	}
	var fault *beside.Panic
	switch err := errors.Join(came...); {
	case errors.As(err, &fault):
		return err
	case err != nil:
		return &domain.Later{After: max(heldUp, domain.RetryAfterOf(err))}
	}
	return nil
}

// old tells whether what a batch has of people has been here for too long.
func (r *run) old() bool { return r.now().Sub(r.b.MadeAt) > tooOld }

// issueRow gives one code out. An error leaves the row waiting.
func (r *run) issueRow(ctx context.Context, row *Row) error {
	var got Issued
	err := r.act(ctx, func(ctx context.Context) (err error) {
		got, err = r.Issuer.IssueCode(domain.AsBatch(ctx), Issue{Caller: r.b.Caller, Key: fmt.Sprintf("batch-%s-%d", r.b.PublicID,
			row.Row), Campaign: r.c.Key, To: row.To, Value: row.Value})
		return err
	})
	var refused *domain.Error
	switch {
	case err == nil && got.Done:
		row.State, row.Code, row.To = RowIssued, got.Code, Recipient{}
		return nil
	case err == nil:
		return &domain.Later{} // on its way: the next time it is asked how it stands
	case errors.As(err, &refused) && settles(refused.Code):
		row.State, row.Reason, row.To = RowRefused, string(refused.Code), Recipient{}
		return nil
	default:
		return err
	}
}

// notOpen is how a campaign refuses that was paused, or ended, since this actor looked at it: that is the batch's affair,
// and no row's.
const notOpen = domain.CodeCampaignNotOpen

// settles tells the refusals that would be the same when asked again.
func settles(code domain.Code) bool {
	switch code {
	case domain.CodeInternal, domain.CodeUnavailable, domain.CodeUpstreamUnavailable, domain.CodeBusy,
		domain.CodeRateLimited, domain.CodeRequestInProgress, domain.CodeConversionInProgress, domain.CodeShopSettings,
		domain.CodeConversionsLocked, notOpen:
		return false
	default:
		return true
	}
}
