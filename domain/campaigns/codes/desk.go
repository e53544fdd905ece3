package codes

import "context"

// Library reads batches and codes for people and programs.
type Library interface {
	// BatchOf gives a batch of a campaign. Errors: domain.CodeBatchNotFound.
	BatchOf(ctx context.Context, campaign, publicID string) (Batch, error)
	// BatchesOf lists the batches of a campaign but shared codes, the newest first: those before the id; 0 for all.
	BatchesOf(ctx context.Context, campaign string, before int64, limit int) ([]Batch, error)
	// CodesOf lists codes in the order in which they were planned, or the other way round.
	CodesOf(ctx context.Context, q Query) ([]Code, error)
	// RowsOf lists the rows of a bound batch by their numbers.
	RowsOf(ctx context.Context, q RowQuery) ([]Row, error)
}

// Query asks for codes of a campaign: of one batch where BatchID is set, in one state where State is, those of shared
// batches or not, after an id in the order of the list.
type Query struct {
	Campaign string
	BatchID  int64
	Kind     Kind
	State    State
	Code     string
	After    int64
	Newest   bool
	Limit    int
}

// RowQuery asks for rows of a bound batch, those after a row.
type RowQuery struct {
	BatchID int64
	State   RowState
	After   int
	Limit   int
}
