package web

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
)

// recentShown is how many other cases of the customer a case names.
const recentShown = 5

// reviewPage is a case with everything that a decision about it needs.
type reviewPage struct {
	coupons.Review
	Coupon   domain.Coupon
	Now      domain.Status
	Customer members.Member
	// Chain is the coupon's reissues, empty where there are none.
	Chain []chainLink
	// Risk is context that decides nothing; Earlier are its matches.
	Risk    coupons.Risk
	Earlier []earlierCase
	// Recent is other cases of the same person that are none of those, newest first.
	Recent []coupons.Review
	// OrderAddress leads into the store's own admin; empty where nothing is known of an order.
	OrderAddress string
	// Choices are the outcomes that the visitor can decide now; none when they cannot.
	Choices  []coupons.Outcome
	OneClick bool
	Own      bool
	// Proposer tells that the visitor made the proposal, so that somebody else has to agree.
	Proposer bool

	Key          string
	Chosen       coupons.Outcome
	Note         string
	Limit        int
	WrongOutcome bool
	// WrongNote is the key of what is wrong with the note.
	WrongNote string
	// Meanwhile tells that somebody else had decided when the visitor's decision came.
	Meanwhile bool
	Told      *Told
}

func (w *Web) review(v *visit) error { return w.showCase(v, http.StatusOK, func(*reviewPage) {}) }

// showCase shows a case as it is now; add says what else there is to show.
func (w *Web) showCase(v *visit, status int, add func(*reviewPage)) error {
	r, err := w.caseOf(v)
	if err != nil {
		return err
	}
	st, err := w.deps.Coupons.ByCode(v.ctx(), r.Code)
	if err != nil {
		return err
	}
	page := reviewPage{Review: r, Coupon: st.Coupon, Now: subjectNow(v, r), OneClick: v.oneClick(r), Key: newFormKey(), Limit: domain.MaxNote,
		Proposer: r.Proposal != nil && r.Proposal.Actor == v.who.ID}
	if page.Customer, err = w.deps.Directory.Member(v.ctx(), r.Coupon.CustomerID); err != nil {
		return err
	}
	if err := v.read(domain.ActionReviewRead, st.Coupon.CustomerID, nil); err != nil {
		return err
	}
	if page.Own, err = w.deps.Directory.OwnMember(v.ctx(), v.who, page.Customer.Customer); err != nil {
		return err
	}
	page.OneClick = page.OneClick && !page.Own
	if page.Chain, err = w.chainOf(v, st.Coupon); err != nil {
		return err
	}
	if err := w.riskOf(v, &page); err != nil {
		return err
	}
	if page.Recent, err = w.recentCases(v, page); err != nil {
		return err
	}
	order := r.OrderID
	if order == "" {
		order = st.Coupon.UsedOrderID
	}
	page.OrderAddress = w.adminAddress("orders", order)
	if r.Open && !page.Own && v.mayDecide(r) {
		page.Choices = r.Outcomes(w.deps.Now())
	}
	add(&page)
	v.showStatus(status, "review", v.t("review.title", r.ID)+" · "+v.t("review.kind."+string(r.Kind)), page)
	return nil
}

func (w *Web) caseOf(v *visit) (coupons.Review, error) {
	id, err := strconv.ParseInt(v.c.Param("id"), 10, 64)
	if err != nil || id < 1 {
		return coupons.Review{}, domain.Refuse(domain.CodeReviewNotFound)
	}
	return w.deps.Reviews.Review(v.ctx(), id)
}

func (w *Web) recentCases(v *visit, of reviewPage) ([]coupons.Review, error) {
	found, err := w.deps.Reviews.Reviews(v.ctx(), coupons.ReviewFilter{PersonOf: of.Review.Coupon.CustomerID, Limit: recentShown + 1 + coupons.MostMatches})
	found = slices.DeleteFunc(found, func(r coupons.Review) bool {
		return r.ID == of.ID || slices.ContainsFunc(of.Earlier, func(m earlierCase) bool { return m.ReviewID == r.ID })
	})
	return found[:min(len(found), recentShown)], err
}

// decide carries out what was chosen. What forbids it is told on the case's page, which shows what has become of it.
func (w *Web) decide(v *visit) error {
	r, err := w.caseOf(v)
	if err != nil {
		return err
	}
	chosen, note := coupons.Outcome(v.field("outcome")), domain.TypedNote(v.field("note"))
	again := func(p *reviewPage) { p.Chosen, p.Note = chosen, note }
	wrongNote := noteFault(chosen, note)
	if known := slices.Contains(r.Kind.Outcomes(), chosen); !known || wrongNote != "" {
		v.web.deps.Hooks.Refused(v.c, domain.Refuse(domain.CodeValidation))
		return w.showCase(v, http.StatusUnprocessableEntity, func(p *reviewPage) {
			again(p)
			p.WrongOutcome, p.WrongNote = !known, wrongNote
		})
	}
	_, _, err = w.deps.Service.Decide(v.ctx(), coupons.Decision{Caller: v.who, ReviewID: r.ID, Outcome: chosen, Note: note, Key: v.field("key")})
	var refusal *domain.Error
	if errors.As(err, &refusal) && refusal.Code != domain.CodeInternal && refusal.Code != domain.CodeReviewNotFound {
		v.web.deps.Hooks.Refused(v.c, err)
		told := v.web.deps.Hooks.Say(v.lang, v.readable(refusal))
		return w.showCase(v, told.Status, func(p *reviewPage) {
			again(p)
			if p.Meanwhile = refusal.Code == domain.CodeReviewDecided && !p.Open; !p.Meanwhile {
				p.Told = &told
			}
		})
	}
	if err != nil {
		return err
	}
	v.redirect(caseAddress(r.ID))
	return nil
}

// readable words what a refusal names by the machine's words.
func (v *visit) readable(refusal *domain.Error) *domain.Error {
	said := *refusal
	said.Params = maps.Clone(refusal.Params)
	if outcome, ok := said.Params["outcome"].(string); ok {
		said.Params["outcome"] = v.known("decided.", outcome)
	}
	if list, ok := said.Params["outcomes"].([]coupons.Outcome); ok {
		words := make([]string, 0, len(list))
		for _, o := range list {
			words = append(words, v.known("decided.", string(o)))
		}
		said.Params["outcomes"] = strings.Join(words, v.t("review.comma"))
	}
	return &said
}

// noteFault is the key of what is wrong with a note; empty for nothing.
func noteFault(chosen coupons.Outcome, note string) string {
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
	return d.v.problemTitle(p.Problem)
}
