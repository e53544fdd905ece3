package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/bulk"
	"pointbridge/domain/listing"
)

const (
	bulkPath = consolePath + "/bulk"
	// bulkShown is how many jobs the list has.
	bulkShown = 50
	// picked begins the name of a box in the list of coupons; the code follows. Each box has a name of its own, because
	// a form has each field once.
	picked = "pick_"
)

// bulkRoutes do one thing to many coupons: chosen in the list, looked at once more, done by the queue.
func (con bulkHandlers) bulkRoutes() []route {
	may := access.To("coupons", "cancel")
	return []route{
		pages.Get(bulkPath, may, con.bulkJobs),
		pages.Post(bulkPath+"/new", may, con.choose),
		pages.Post(bulkPath, may, con.make),
		pages.Get(bulkPath+"/:id", may, con.bulkJob),
		pages.Post(bulkPath+"/:id/approval", access.To("approvals", "decide"), con.approve),
		pages.Post(bulkPath+"/:id/status", may, con.move),
	}
}

// bulkForm is what was chosen, and everything once more before it is done.
type bulkForm struct {
	bulk.Plan
	Kind        bulk.Kind
	Kinds       []bulk.Kind
	Reasons     []string
	Reason      string
	Note        string
	Limit       int
	Most        int
	Key         string
	Codes       string
	WrongReason bool
	WrongNote   bool
	// More says that the filter finds more than a job can have.
	More bool
	Told *pages.Told
}

// choose shows what was chosen in the list: the boxes, or everything that the list's filter finds.
func (con bulkHandlers) choose(req *request) error {
	f := bulkForm{Kind: con.kindOf(req), Reason: req.Field("reason"), Note: domain.TypedNote(req.Field("note"))}
	codes := strings.Fields(req.Field("codes"))
	var err error
	switch {
	case len(codes) > 0:
	case req.Field("all") != "":
		codes, f.More, err = con.allOf(req)
	default:
		for name := range req.Gin.Request.PostForm {
			if code, ok := strings.CutPrefix(name, picked); ok {
				codes = append(codes, code)
			}
		}
		slices.Sort(codes)
	}
	if err != nil {
		return err
	}
	return con.showForm(req, http.StatusOK, f, codes)
}

// allOf freezes what the list finds now, all pages of it: the list is read as its own address is.
func (con bulkHandlers) allOf(req *request) (codes []string, more bool, err error) {
	values, err := url.ParseQuery(req.Field("list"))
	if err != nil {
		return nil, false, domain.Refuse(domain.CodeValidation, "field", "list")
	}
	q, wrong := parseCouponQuery(values, false, con.deps.Reports.Today())
	if len(wrong) > 0 {
		return nil, false, domain.Refuse(domain.CodeValidation, "field", "list")
	}
	q.from, q.back = listing.Place{}, false
	f, err := couponHandlers(con).filterOf(req, &q, &couponsPage{})
	if err != nil {
		return nil, false, err
	}
	f.Limit = bulk.MaxRows
	page, err := con.deps.Listing.Page(req.Ctx(), f, q.statuses()...)
	for _, c := range page.Coupons {
		codes = append(codes, c.Code)
	}
	return codes, page.More, err
}

// kindOf is what is to be done; the first that the visitor may, where nothing was chosen.
func (con bulkHandlers) kindOf(req *request) bulk.Kind {
	kinds := con.kinds(req)
	if kind := bulk.Kind(req.Field("kind")); slices.Contains(kinds, kind) {
		return kind
	}
	return kinds[0]
}

// kinds are those that the visitor may.
func (con bulkHandlers) kinds(req *request) []bulk.Kind {
	return slices.DeleteFunc(bulk.Kinds(), func(k bulk.Kind) bool {
		return !req.may(k.Right())
	})
}

func (con bulkHandlers) showForm(req *request, status int, f bulkForm, codes []string) error {
	f.Kinds, f.Reasons, f.Limit, f.Most = con.kinds(req), f.Kind.Reasons(), domain.MaxNote, bulk.MaxRows
	f.Codes, f.Key = strings.Join(codes, " "), pages.NewKey()
	var err error
	f.Plan, err = con.deps.Bulk.Preview(req.Ctx(), req.Who, f.Kind, codes)
	var refusal *domain.Error
	if errors.As(err, &refusal) && refusal.Code == domain.CodeValidation {
		told := con.deps.Hooks.Say(req.Lang, err)
		told.Title, told.Detail = req.T("bulk.wrong"), req.T("bulk.choose", f.Most)
		con.deps.Hooks.Refused(req.Gin, err)
		f.Told, status, err = &told, told.Status, nil
	}
	if err != nil {
		return err
	}
	if err := req.read(domain.ActionCouponsFound, "", found(len(codes))); err != nil {
		return err
	}
	req.showStatus(status, "bulk-form", req.T("bulk.title"), f)
	return nil
}

// make begins the job. What is wrong with the form is told on it. A kind that the visitor may not have, or not any more,
// becomes no other one: what was a suspension on the page must not give points back.
func (con bulkHandlers) make(req *request) error {
	if !slices.Contains(con.kinds(req), bulk.Kind(req.Field("kind"))) {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	f := bulkForm{Kind: con.kindOf(req), Reason: req.Field("reason"), Note: domain.TypedNote(req.Field("note"))}
	codes := strings.Fields(req.Field("codes"))
	f.WrongReason = f.Kind != bulk.Resend && !slices.Contains(f.Kind.Reasons(), f.Reason)
	f.WrongNote = !domain.NoteFits(f.Note) || domain.NeedsNote(f.Reason) && !domain.NoteSays(f.Note)
	if f.Kind == bulk.Resend {
		f.Reason = ""
	}
	if f.WrongReason || f.WrongNote || req.Field("key") == "" {
		con.deps.Hooks.Refused(req.Gin, domain.Refuse(domain.CodeValidation))
		return con.showForm(req, http.StatusUnprocessableEntity, f, codes)
	}
	j, _, err := con.deps.Bulk.Make(req.Ctx(), bulk.Asked{Caller: req.Who, Kind: f.Kind, Codes: codes,
		Reason: f.Reason, Note: f.Note, Key: req.Field("key")})
	if err != nil {
		return err
	}
	req.redirect(bulkPath + "/" + j.PublicID)
	return nil
}

// NoteField is the form's field for a note.
func (f bulkForm) NoteField(d *view) *view { return d.Within(noteField{f.Note, f.Limit, f.WrongNote}) }

// Problem words why a coupon is left out.
func (d *view) Problem(code string) string { return d.req.problemTitle(code) }

// Bulk says that the list of coupons has boxes to choose by.
func (d *view) Bulk() bool {
	page, list := d.Page.(couponsPage)
	return list && !page.Query.Refused && page.Query.On != listing.Cancelled && d.req.may("coupons", "cancel")
}
