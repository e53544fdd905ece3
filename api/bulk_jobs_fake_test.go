package api

import (
	"context"

	"pointbridge/domain"
	"pointbridge/domain/bulk"
)

// fakeBulk has one job, which begins at once.
type fakeBulk struct{}

func (fakeBulk) one() bulk.Job {
	return bulk.Job{ID: 1, PublicID: "blk_1", Kind: bulk.Cancel, Status: bulk.Running, Wanted: 1}
}

func (fakeBulk) Preview(context.Context, domain.Caller, bulk.Kind, []string) (bulk.Plan, error) {
	return bulk.Plan{}, nil
}
func (f fakeBulk) Make(context.Context, bulk.Asked) (bulk.Job, bool, error) {
	return f.one(), false, nil
}
func (f fakeBulk) Approve(context.Context, domain.Caller, string) (bulk.Job, error) {
	return f.one(), nil
}
func (f fakeBulk) SetStatus(context.Context, domain.Caller, string, bulk.Status) (bulk.Job, error) {
	return f.one(), nil
}
func (f fakeBulk) Job(context.Context, string) (bulk.Job, error) { return f.one(), nil }
func (f fakeBulk) Jobs(context.Context, int64, int) ([]bulk.Job, error) {
	return []bulk.Job{f.one()}, nil
}
func (fakeBulk) Rows(context.Context, int64) ([]bulk.Row, error) {
	return []bulk.Row{{Row: 1, Code: code, State: bulk.RowWaiting}}, nil
}
