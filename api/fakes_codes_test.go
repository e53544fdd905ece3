package api

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns/codes"
)

// fakeCodes is batches made by hand: one of each kind, and what it was asked for.
type fakeCodes struct {
	asked  []codes.Asked
	shared []codes.SharedCode
}

var madeAt = time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)

func (f *fakeCodes) batch(kind codes.Kind) codes.Batch {
	return codes.Batch{ID: 3, PublicID: "bat_abcdefghij", Kind: kind, Status: codes.Running, Wanted: 5, Made: 2, Refused: 1,
		Value: 500, MadeAt: madeAt}
}

func (f *fakeCodes) Plan(context.Context, codes.Asked) (codes.Opening, error) {
	return codes.Opening{Batch: f.batch(codes.Unbound)}, nil
}

func (f *fakeCodes) Make(_ context.Context, a codes.Asked) (codes.Batch, bool, error) {
	f.asked = append(f.asked, a)
	return f.batch(codes.Unbound), len(f.asked) > 1, nil
}

func (f *fakeCodes) Share(_ context.Context, a codes.SharedCode) (codes.Code, bool, error) {
	f.shared = append(f.shared, a)
	return codes.Code{Code: a.Code, Owner: a.Owner, State: codes.CodePlanned, At: madeAt}, false, nil
}

func (f *fakeCodes) SetStatus(_ context.Context, _ domain.Caller, _, _ string, to codes.Status,
	_ string) (codes.Batch, error) {
	b := f.batch(codes.Unbound)
	b.Status = to
	return b, nil
}

func (f *fakeCodes) Deactivate(context.Context, domain.Caller, string, string) (codes.Code, error) {
	at := madeAt
	return codes.Code{Code: "INF-SARAH", State: codes.CodeMade, DeactivatedAt: &at, At: madeAt}, nil
}

func (f *fakeCodes) BatchOf(_ context.Context, _, id string) (codes.Batch, error) {
	if id != "bat_abcdefghij" {
		return codes.Batch{}, domain.Refuse(domain.CodeBatchNotFound)
	}
	return f.batch(codes.Unbound), nil
}

func (f *fakeCodes) BatchesOf(context.Context, string, int64, int) ([]codes.Batch, error) {
	return []codes.Batch{f.batch(codes.Unbound), f.batch(codes.Bound)}, nil
}

func (f *fakeCodes) CodesOf(_ context.Context, q codes.Query) ([]codes.Code, error) {
	if q.After > 0 {
		return nil, nil
	}
	if q.State == codes.CodeRefused {
		return []codes.Code{{ID: 4, Code: "SUMMER-TAKEN", State: codes.CodeRefused, Reason: "code_taken"}}, nil
	}
	return []codes.Code{{ID: 1, Code: "=SUM(A1)", State: codes.CodeMade, Shop: codes.ShopOn},
		{ID: 2, Code: "SUMMER-2", State: codes.CodeMade, Shop: codes.ShopOn, Owner: "サラ", Uses: 3}}, nil
}

func (f *fakeCodes) RowsOf(context.Context, codes.RowQuery) ([]codes.Row, error) { return nil, nil }
