package console

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
)

// recentShown is how many other reviews of the customer a review names.
const recentShown = 5

// reviewPage is a review with everything that a decision about it needs.
type reviewPage struct {
	reviews.Review
	Coupon   domain.Coupon
	Now      domain.Status
	Customer members.Member
	// Chain is the coupon's reissues, empty where there are none.
	Chain []chainLink
	// Risk is context that decides nothing; Earlier are its matches.
	Risk    reviews.Risk
	Earlier []earlierReview
	// Recent is other reviews of the same person that are none of those, newest first.
	Recent []reviews.Review
	// Restored is what a coupon was restored from; nil where the review is about something else.
	Restored *restoredFrom
	// OrderAddress leads into the store's own admin; empty where nothing is known of an order.
	OrderAddress string
	// Choices are the outcomes that the visitor can decide now; none when they cannot.
	Choices  []reviews.Outcome
	OneClick bool
	Own      bool
	// Proposer says that the visitor made the proposal, so that somebody else has to agree.
	Proposer bool

	Key          string
	Chosen       reviews.Outcome
	Note         string
	Limit        int
	WrongOutcome bool
	// WrongNote is the key of what is wrong with the note.
	WrongNote string
	// Meanwhile says that somebody else had decided when the visitor's decision came.
	Meanwhile bool
	Told      *pages.Told
}

func (con reviewHandlers) review(req *request) error {
	return con.showReview(req, http.StatusOK, func(*reviewPage) {})
}

// showReview shows a review as it is now; add says what else there is to show.
func (con reviewHandlers) showReview(req *request, status int, add func(*reviewPage)) error {
	r, err := con.reviewOf(req)
	if err != nil {
		return err
	}
	st, err := con.deps.Coupons.ByCode(req.Ctx(), r.Code)
	if err != nil {
		return err
	}
	page := reviewPage{Review: r, Coupon: st.Coupon, Now: subjectNow(req, r), OneClick: req.oneClick(r),
		Key: pages.NewKey(), Limit: domain.MaxNote,
		Proposer: r.Proposal != nil && r.Proposal.Actor == req.Who.ID}
	if page.Customer, err = con.deps.Directory.Member(req.Ctx(), r.Coupon.CustomerID); err != nil {
		return err
	}
	if err := req.read(domain.ActionReviewRead, st.Coupon.CustomerID, nil); err != nil {
		return err
	}
	if page.Own, err = con.deps.Directory.OwnMember(req.Ctx(), req.Who, page.Customer.Customer); err != nil {
		return err
	}
	page.OneClick = page.OneClick && !page.Own
	if page.Chain, err = con.chainOf(req, st.Coupon); err != nil {
		return err
	}
	if err := con.riskOf(req, &page); err != nil {
		return err
	}
	if page.Recent, err = con.recentReviews(req, page); err != nil {
		return err
	}
	if r.Kind == reviews.Restored {
		history, err := con.deps.Coupons.History(req.Ctx(), st.Coupon.ID)
		if err != nil {
			return err
		}
		page.Restored = req.restoredFrom(history)
	}
	order := r.OrderID
	if order == "" {
		order = st.Coupon.UsedOrderID
	}
	page.OrderAddress = con.adminAddress("orders", order)
	if r.Open && !page.Own && req.mayDecide(r) {
		page.Choices = r.Outcomes(con.deps.Now())
	}
	add(&page)
	req.showStatus(status, "review", req.T("review.title", r.ID)+" · "+req.T("review.kind."+string(r.Kind)), page)
	return nil
}

func (con reviewHandlers) reviewOf(req *request) (reviews.Review, error) {
	id, err := strconv.ParseInt(req.Gin.Param("id"), 10, 64)
	if err != nil || id < 1 {
		return reviews.Review{}, domain.Refuse(domain.CodeReviewNotFound)
	}
	return con.deps.Reviews.Review(req.Ctx(), id)
}

func (con reviewHandlers) recentReviews(req *request, of reviewPage) ([]reviews.Review, error) {
	found, err := con.deps.Reviews.Reviews(req.Ctx(),
		reviews.Filter{PersonOf: of.Review.Coupon.CustomerID, Limit: recentShown + 1 + reviews.MostMatches})
	found = slices.DeleteFunc(found, func(r reviews.Review) bool {
		return r.ID == of.ID || slices.ContainsFunc(of.Earlier,
			func(m earlierReview) bool { return m.ReviewID == r.ID })
	})
	return found[:min(len(found), recentShown)], err
}

// decide carries out what was chosen. What forbids it is told on the review's page, which shows what has become of it.
func (con reviewHandlers) decide(req *request) error {
	r, err := con.reviewOf(req)
	if err != nil {
		return err
	}
	chosen, note := reviews.Outcome(req.Field("outcome")), domain.TypedNote(req.Field("note"))
	again := func(p *reviewPage) { p.Chosen, p.Note = chosen, note }
	wrongNote := noteFault(chosen, note)
	if known := slices.Contains(r.Kind.Outcomes(), chosen); !known || wrongNote != "" {
		req.console.deps.Hooks.Refused(req.Gin, domain.Refuse(domain.CodeValidation))
		return con.showReview(req, http.StatusUnprocessableEntity, func(p *reviewPage) {
			again(p)
			p.WrongOutcome, p.WrongNote = !known, wrongNote
		})
	}
	_, _, err = con.deps.Service.Decide(req.Ctx(),
		coupons.Decision{Caller: req.Who, ReviewID: r.ID, Outcome: chosen, Note: note, Key: req.Field("key")})
	var refusal *domain.Error
	if errors.As(err, &refusal) && refusal.Code != domain.CodeInternal && refusal.Code != domain.CodeReviewNotFound {
		req.console.deps.Hooks.Refused(req.Gin, err)
		told := req.console.deps.Hooks.Say(req.Lang, req.readable(refusal))
		return con.showReview(req, told.Status, func(p *reviewPage) {
			again(p)
			if p.Meanwhile = refusal.Code == domain.CodeReviewDecided && !p.Open; !p.Meanwhile {
				p.Told = &told
			}
		})
	}
	if err != nil {
		return err
	}
	req.redirect(reviewAddress(r.ID))
	return nil
}

// readable words what a refusal names by the machine's words.
func (req *request) readable(refusal *domain.Error) *domain.Error {
	said := *refusal
	said.Params = maps.Clone(refusal.Params)
	if outcome, ok := said.Params["outcome"].(string); ok {
		said.Params["outcome"] = req.known("decided.", outcome)
	}
	if list, ok := said.Params["outcomes"].([]reviews.Outcome); ok {
		words := make([]string, 0, len(list))
		for _, o := range list {
			words = append(words, req.known("decided.", string(o)))
		}
		said.Params["outcomes"] = strings.Join(words, req.T("review.comma"))
	}
	return &said
}

// noteFault is the key of what is wrong with a note; empty for nothing.
func noteFault(chosen reviews.Outcome, note string) string {
	switch {
	case !domain.NoteFits(note):
		return "review.note_long"
	case chosen.NeedsNote() && !domain.NoteSays(note):
		return "review.note_missing"
	default:
		return ""
	}
}

// Trouble words why the last decision could not be carried out.
func (p reviewPage) Trouble(d *view) string {
	return d.req.problemTitle(p.Problem)
}
