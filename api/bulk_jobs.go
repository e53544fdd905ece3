package api

import (
	"context"
	"net/http"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/bulk"
)

const (
	bulkJobsPath = "/v1/bulk-jobs"
	bulkJobPath  = bulkJobsPath + "/{id}"
)

// bulkRoutes do one thing to many coupons as one job. The queue works on it; a sum that takes a second person waits for
// one.
func (a *API) bulkRoutes() {
	const get, post = http.MethodGet, http.MethodPost
	add(a, route{post, bulkJobsPath, mayCancel,
		"Cancel, suspend or write about many coupons at once: 202, and the job's own address tells how it goes", true,
		[]domain.Code{domain.CodeSecondPerson}}, http.StatusAccepted, a.makeBulk)
	add(a, route{get, bulkJobsPath, mayCancel, "Bulk jobs, newest first", false, nil}, http.StatusOK, a.bulkJobs)
	add(a, route{get, bulkJobPath, mayCancel, "How far a bulk job is, and what became of each coupon", false,
		[]domain.Code{domain.CodeBulkNotFound}}, http.StatusOK, a.bulkJob)
	add(a, route{post, bulkJobPath + "/approval", mayApprove,
		"Let a job begin that waits for a second person, within the caps of whoever approves", false,
		[]domain.Code{domain.CodeBulkNotFound, domain.CodeBulkStatus, domain.CodeOwnRequest, domain.CodeSecondPerson,
			domain.CodeCapExceeded}}, http.StatusOK, a.approveBulk)
	add(a, route{post, bulkJobPath + "/status", mayCancel,
		"Pause a job, let it go on, or stop it for good; what is done stays done", false,
		[]domain.Code{domain.CodeBulkNotFound, domain.CodeBulkStatus}}, http.StatusOK, a.moveBulk)
}

// BulkJobBody is one thing that is done to many coupons.
type BulkJobBody struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind" enum:"cancel,suspend,resend" doc:"resend: the mail with the code, once more"`
	Status     string     `json:"status" enum:"waiting,running,paused,stopped,done" doc:"waiting: for the approval of a second person"`
	Reason     *string    `json:"reason"`
	Note       *string    `json:"note"`
	Count      int        `json:"count" doc:"How many coupons were chosen"`
	Points     int64      `json:"points" doc:"Of those together that could be done when the job was made"`
	Done       int        `json:"done"`
	Refused    int        `json:"refused"`
	Left       int        `json:"left" doc:"Without a result yet"`
	MadeBy     string     `json:"made_by"`
	MadeAt     time.Time  `json:"made_at"`
	ApprovedBy *string    `json:"approved_by"`
	FinishedAt *time.Time `json:"finished_at"`
}

func bulkJobOf(j bulk.Job) BulkJobBody {
	return BulkJobBody{ID: j.PublicID, Kind: string(j.Kind), Status: string(j.Status), Reason: given(j.Reason),
		Note: given(j.Note), Count: j.Wanted, Points: j.Points, Done: j.Done, Refused: j.Refused, Left: j.Left(),
		MadeBy: j.Maker.Name, MadeAt: j.MadeAt.UTC(), ApprovedBy: given(j.Approver.Name), FinishedAt: utc(j.FinishedAt)}
}

// BulkRowBody is what became of one coupon.
type BulkRowBody struct {
	Coupon string  `json:"coupon_code"`
	Points int64   `json:"points"`
	State  string  `json:"state" enum:"waiting,done,refused"`
	Reason *string `json:"reason" doc:"Why it was refused: a problem's code"`
}

// BulkResultBody is a job with what became of each coupon.
type BulkResultBody struct {
	BulkJobBody
	Coupons []BulkRowBody `json:"coupons" nullable:"false"`
}

type makeBulkInput struct {
	KeyHeader
	Body struct {
		Kind   string   `json:"kind" enum:"cancel,suspend,resend" doc:"resend: the mail with the code, once more"`
		Codes  []string `json:"codes" nullable:"false" maxItems:"500" doc:"Each in either case; one that nobody knows makes no job"`
		Reason string   `json:"reason,omitempty" enum:"suspected_fraud,customer_request,order_cancelled,issued_in_error,other" doc:"Why; resend takes none, and suspected_fraud is for suspending"`
		Note   string   `json:"note,omitempty" maxLength:"2000" doc:"Anything worth remembering, in any script; other asks for it"`
	} `nameHint:"NewBulkJob"`
}

type madeBulkOutput struct {
	Location string `header:"Location" doc:"Where the progress is"`
	Replayed string `header:"Idempotent-Replayed" doc:"true on the repeated answer to a repeated request"`
	Body     BulkJobBody
}

func (a *API) makeBulk(ctx context.Context, in *makeBulkInput) (*madeBulkOutput, error) {
	kind, who := bulk.Kind(in.Body.Kind), exchangeOf(ctx).caller
	if err := a.access.Demand(who, access.To(kind.Right())); err != nil {
		return nil, err
	}
	if kind == bulk.Resend && in.Body.Reason != "" {
		return nil, domain.Refuse(domain.CodeValidation, "field", "reason")
	}
	j, replayed, err := a.deps.Bulk.Make(ctx, bulk.Asked{Caller: who, Kind: kind, Codes: in.Body.Codes,
		Reason: in.Body.Reason, Note: in.Body.Note, Key: in.Key})
	if err != nil {
		return nil, err
	}
	return &madeBulkOutput{bulkJobsPath + "/" + j.PublicID, yes(replayed), bulkJobOf(j)}, nil
}

type bulkJobsOutput struct {
	Body struct {
		Items      []BulkJobBody `json:"items" nullable:"false"`
		NextCursor *string       `json:"next_cursor" doc:"Asks for the next page; null on the last one"`
	} `nameHint:"BulkJobList"`
}

func (a *API) bulkJobs(ctx context.Context, in *Page) (*bulkJobsOutput, error) {
	before, err := readCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	list, err := a.deps.BulkBook.Jobs(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &bulkJobsOutput{}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next := writeCursor(list[in.Limit-1].ID)
		out.Body.NextCursor = &next
	}
	out.Body.Items = make([]BulkJobBody, 0, len(list))
	for _, j := range list {
		out.Body.Items = append(out.Body.Items, bulkJobOf(j))
	}
	return out, nil
}

type bulkJobInput struct {
	ID string `path:"id" maxLength:"64" doc:"The job's id"`
}

type bulkResultOutput struct{ Body BulkResultBody }

func (a *API) bulkJob(ctx context.Context, in *bulkJobInput) (*bulkResultOutput, error) {
	j, err := a.deps.BulkBook.Job(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	rows, err := a.deps.BulkBook.Rows(ctx, j.ID)
	if err != nil {
		return nil, err
	}
	body := BulkResultBody{bulkJobOf(j), make([]BulkRowBody, 0, len(rows))}
	for _, r := range rows {
		body.Coupons = append(body.Coupons, BulkRowBody{r.Code, r.Points, string(r.State), given(r.Reason)})
	}
	return &bulkResultOutput{body}, a.read(ctx, domain.ActionCouponsFound, "", found(len(rows)))
}

type bulkJobOutput struct{ Body BulkJobBody }

func (a *API) approveBulk(ctx context.Context, in *bulkJobInput) (*bulkJobOutput, error) {
	j, err := a.deps.Bulk.Approve(ctx, exchangeOf(ctx).caller, in.ID)
	if err != nil {
		return nil, err
	}
	return &bulkJobOutput{bulkJobOf(j)}, nil
}

type moveBulkInput struct {
	ID   string `path:"id" maxLength:"64" doc:"The job's id"`
	Body struct {
		Status string `json:"status" enum:"running,paused,stopped"`
	} `nameHint:"BulkJobMove"`
}

func (a *API) moveBulk(ctx context.Context, in *moveBulkInput) (*bulkJobOutput, error) {
	j, err := a.deps.Bulk.SetStatus(ctx, exchangeOf(ctx).caller, in.ID, bulk.Status(in.Body.Status))
	if err != nil {
		return nil, err
	}
	return &bulkJobOutput{bulkJobOf(j)}, nil
}
