package api

import (
	"context"
	"net/http"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns/codes"
)

const (
	batchesPath = campaignsPath + "/{key}/batches"
	batchPath   = batchesPath + "/{id}"
	// maxBatchBody is room for a list of recipients as a JSON string.
	maxBatchBody = codes.MaxCSV + codes.MaxCSV/4
)

// batchRoutes are codes that are made together.
func (a *API) batchRoutes() {
	const get, post = http.MethodGet, http.MethodPost
	unknown := []domain.Code{domain.CodeBatchNotFound}
	add(a, route{post, batchesPath, mayRunCampaigns,
		"Make many codes: a number of them for nobody in particular, or one for each recipient of a list", true,
		[]domain.Code{domain.CodeCampaignNotFound, domain.CodeCampaignStatus, domain.CodeOtherCodes,
			domain.CodeShopSettings}}, http.StatusAccepted, a.makeBatch)
	add(a, route{get, batchesPath, mayReadCodes, "A campaign's batches, newest first", false,
		[]domain.Code{domain.CodeCampaignNotFound}}, http.StatusOK, a.batches)
	add(a, route{get, batchPath, mayReadCodes, "How far a batch is, and what of it was refused", false, unknown},
		http.StatusOK, a.batch)
	add(a, route{post, batchPath + "/status", mayRunCampaigns,
		"Pause a batch, let it go on, or stop it for good; one that stands so already is left alone", false,
		[]domain.Code{domain.CodeBatchNotFound, domain.CodeBatchStatus}}, http.StatusOK, a.moveBatch)
	add(a, route{get, batchPath + "/codes.csv", mayReadCodes, "The codes that were made, as a table for spreadsheets",
		false, unknown}, http.StatusOK, a.batchCodes)
	a.documentBatchCodes()
}

// BatchBody is a number of codes that are made together.
type BatchBody struct {
	ID         string     `json:"id"`
	Campaign   string     `json:"campaign"`
	Kind       string     `json:"kind" enum:"unbound,bound" doc:"unbound: for nobody in particular, one discount of the shop. bound: one personal code for each recipient"`
	Status     string     `json:"status" enum:"running,paused,stopped,done"`
	Reason     *string    `json:"reason" doc:"Why it is paused or stopped: person, campaign, discount_gone, too_many_refused, took_too_long, or the shop's word"`
	Count      int        `json:"count" doc:"How many codes were asked for"`
	Made       int        `json:"made"`
	Refused    int        `json:"refused" doc:"Of unbound codes: texts that the shop did not take; others are made instead"`
	Left       int        `json:"left" doc:"Not made yet"`
	Value      int64      `json:"value" doc:"Minor units or basis points; 0 where each row says it"`
	MadeAt     time.Time  `json:"made_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

func batchOf(campaign string, b codes.Batch) BatchBody {
	return BatchBody{ID: b.PublicID, Campaign: campaign, Kind: string(b.Kind), Status: string(b.Status),
		Reason: given(b.Reason), Count: b.Wanted, Made: b.Made, Refused: b.Refused, Left: b.Left(), Value: b.Value,
		MadeAt: b.MadeAt, FinishedAt: b.FinishedAt}
}

type makeBatchInput struct {
	CampaignPath
	RequestKey string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"128" doc:"New for each new request: the same request sent again has one effect and gets the first answer"`
	Body       struct {
		Count int    `json:"count,omitempty" minimum:"1" maximum:"250000" doc:"How many unbound codes"`
		CSV   string `json:"csv,omitempty" maxLength:"1048576" doc:"Recipients, instead of count: a header with email, customer_id or shopify_customer_id, and value where the campaign leaves a choice (Japanese: メールアドレス, 会員番号, Shopify顧客ID, 値引き額); then a row for each, 10,000 at most"`
		Value int64  `json:"value,omitempty" minimum:"1" doc:"What each code gives, in minor units or basis points, where the campaign leaves a choice"`
	} `nameHint:"NewBatch"`
}

type madeBatchOutput struct {
	Location string `header:"Location" doc:"Where the progress is"`
	Replayed string `header:"Idempotent-Replayed" doc:"true on the repeated answer to a repeated request"`
	Body     BatchBody
}

func (a *API) makeBatch(ctx context.Context, in *makeBatchInput) (*madeBatchOutput, error) {
	if (in.Body.Count == 0) == (in.Body.CSV == "") {
		return nil, wrong("body.count", codes.RuleEither)
	}
	if in.Body.CSV != "" { // each row is a personal code, so that it takes the right to give one
		if err := a.access.Demand(exchangeOf(ctx).caller, mayIssueCodes); err != nil {
			return nil, err
		}
	}
	b, replayed, err := a.deps.Identity.Codes.Make(ctx, codes.Asked{Caller: exchangeOf(ctx).caller, Key: in.RequestKey,
		Campaign: in.Key, Count: in.Body.Count, Value: in.Body.Value, CSV: in.Body.CSV})
	if err != nil {
		return nil, err
	}
	return &madeBatchOutput{campaignsPath + "/" + in.Key + "/batches/" + b.PublicID, replayedText(replayed),
		batchOf(in.Key, b)}, nil
}

type batchesInput struct {
	CampaignPath
	Cursor string `query:"cursor" maxLength:"64" doc:"next_cursor of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many on a page"`
}

type batchesOutput struct {
	Body struct {
		Items      []BatchBody `json:"items" nullable:"false"`
		NextCursor *string     `json:"next_cursor" doc:"null at the end"`
	} `nameHint:"BatchList"`
}

func (a *API) batches(ctx context.Context, in *batchesInput) (*batchesOutput, error) {
	before, err := readCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	if _, err := a.deps.Identity.CampaignBook.ByKey(ctx, in.Key); err != nil {
		return nil, err
	}
	list, err := a.deps.Identity.CodeBook.BatchesOf(ctx, in.Key, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &batchesOutput{}
	out.Body.Items = make([]BatchBody, 0, len(list))
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next := writeCursor(list[in.Limit-1].ID)
		out.Body.NextCursor = &next
	}
	for _, b := range list {
		out.Body.Items = append(out.Body.Items, batchOf(in.Key, b))
	}
	return out, nil
}

// BatchPath documents a batch in the path.
type BatchPath struct {
	CampaignPath
	ID string `path:"id" maxLength:"40" pattern:"^bat_[a-z0-9]{10,36}$" doc:"The batch's id"`
}

type batchInput struct {
	BatchPath
	Cursor string `query:"cursor" maxLength:"64" doc:"next_cursor of the page of refusals before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Refusals on a page"`
}

// RefusalBody is a row, or a code, of which nothing came.
type RefusalBody struct {
	Row    *int    `json:"row" doc:"The row of the list, counted from 1 without the header; null of an unbound code"`
	Code   *string `json:"code" doc:"The text that the shop did not take; null of a row"`
	Reason string  `json:"reason" doc:"A problem's code, recipient_twice, stopped, code_taken, or the shop's word"`
}

type batchOutput struct {
	Body struct {
		BatchBody
		Refusals   []RefusalBody `json:"refusals" nullable:"false"`
		NextCursor *string       `json:"next_cursor" doc:"Of the refusals; null at the end"`
	} `nameHint:"BatchProgress"`
}

func (a *API) batch(ctx context.Context, in *batchInput) (*batchOutput, error) {
	after, err := readCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	b, err := a.deps.Identity.CodeBook.BatchOf(ctx, in.Key, in.ID)
	if err != nil {
		return nil, err
	}
	out := &batchOutput{}
	out.Body.BatchBody = batchOf(in.Key, b)
	list, places, err := a.refusals(ctx, in.Key, b, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next := writeCursor(places[in.Limit-1])
		out.Body.NextCursor = &next
	}
	out.Body.Refusals = append([]RefusalBody{}, list...)
	return out, nil
}

// refusals are a page of what of a batch was refused, and the place of each.
func (a *API) refusals(ctx context.Context, campaign string, b codes.Batch, after int64,
	limit int) (list []RefusalBody, places []int64, err error) {
	if b.Kind == codes.Bound {
		rows, err := a.deps.Identity.CodeBook.RowsOf(ctx, codes.RowQuery{BatchID: b.ID, State: codes.RowRefused,
			After: int(after), Limit: limit})
		for _, r := range rows {
			list, places = append(list, RefusalBody{Row: &r.Row, Reason: r.Reason}), append(places, int64(r.Row))
		}
		return list, places, err
	}
	refused, err := a.deps.Identity.CodeBook.CodesOf(ctx, codes.Query{Campaign: campaign, BatchID: b.ID,
		State: codes.CodeRefused, After: after, Limit: limit})
	for _, c := range refused {
		list, places = append(list, RefusalBody{Code: &c.Code, Reason: c.Reason}), append(places, c.ID)
	}
	return list, places, err
}

type moveBatchInput struct {
	BatchPath
	Body struct {
		To     string `json:"to" enum:"running,paused,stopped"`
		Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Why, for the record"`
	} `nameHint:"BatchMove"`
}

type movedBatchOutput struct {
	Body BatchBody
}

func (a *API) moveBatch(ctx context.Context, in *moveBatchInput) (*movedBatchOutput, error) {
	b, err := a.deps.Identity.Codes.SetStatus(ctx, exchangeOf(ctx).caller, in.Key, in.ID, codes.Status(in.Body.To),
		in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &movedBatchOutput{batchOf(in.Key, b)}, nil
}
