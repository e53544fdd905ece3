package square

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"pointbridge/integrations/sim"
)

// begin counts a request and lets the act's delay pass. It comes after the body was read, because only then does the
// server notice a caller who gives up.
func (s *Server) begin(r *http.Request, act string) {
	s.count(s.requests, act)
	s.cfg.Faults.Begin(r.Context(), act)
}

// fault answers as a rule says, in Square's words where the rule leaves them to the till.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, rule sim.Rule) {
	if rule.Answer(w, r) {
		return
	}
	if rule.RetryAfter != "" {
		w.Header().Set("Retry-After", rule.RetryAfter)
	}
	switch rule.Mode {
	case sim.Refuse:
		s.refuse(w, refusal{code: worded(rule.Reason)})
	case sim.Throttle:
		s.refuse(w, refusal{code: "RATE_LIMITED"})
	default:
		s.refuse(w, refusal{code: "INTERNAL_SERVER_ERROR"})
	}
}

// worded is Square's code for a reason, which may be one of the neutral contract.
func worded(reason string) string {
	switch reason {
	case "", "insufficient_points", "request_refused":
		return "BAD_REQUEST"
	case "customer_not_found":
		return "NOT_FOUND"
	default:
		return strings.ToUpper(reason)
	}
}

// readFault deals with a rule for a call that changes nothing; it gives true when the request is answered.
func (s *Server) readFault(w http.ResponseWriter, r *http.Request, act, subject string) bool {
	rule, wrong := s.cfg.Faults.Take(act, subject)
	if !wrong {
		return false
	}
	if rule.Applied() {
		s.cfg.Faults.End(act)
	}
	s.fault(w, r, rule)
	return true
}

func (s *Server) retrieveAccount(w http.ResponseWriter, r *http.Request) {
	const act = "pos.balance"
	id := r.PathValue("id")
	s.begin(r, act)
	if s.readFault(w, r, act, id) {
		return
	}
	s.mu.Lock()
	a := s.accountOf(id)
	var answered accountAnswer
	if a != nil {
		answered.Account = a.answer()
	}
	s.mu.Unlock()
	s.cfg.Faults.End(act)
	if a == nil {
		s.refuse(w, refusal{code: "NOT_FOUND", detail: "The loyalty account was not found."})
		return
	}
	answer(w, http.StatusOK, answered)
}

func (s *Server) adjust(w http.ResponseWriter, r *http.Request) {
	var asked adjustRequest
	if err := decode(w, r, &asked); err != nil {
		s.refuse(w, refusal{code: "BAD_REQUEST", detail: "The body is not what it should be."})
		return
	}
	act := "pos.add"
	if asked.AdjustPoints.Points < 0 {
		act = "pos.deduct"
	}
	s.begin(r, act)
	if no := asked.check(); no != nil {
		s.refuse(w, *no)
		return
	}
	wish := Event{AccountID: r.PathValue("id"), Type: adjusted, Source: byTheAPI, Points: asked.AdjustPoints.Points,
		Reason: asked.AdjustPoints.Reason, Key: asked.Key, Negative: asked.Negative != nil && *asked.Negative}
	rule, wrong := s.cfg.Faults.Take(act, cmp.Or(wish.Reference(), wish.Reason))
	if wrong && !rule.Applied() {
		s.fault(w, r, rule)
		return
	}
	e, no, err := s.decide(wish)
	s.cfg.Faults.End(act)
	switch {
	case wrong:
		s.fault(w, r, rule)
	case err != nil:
		s.refuse(w, refusal{code: "INTERNAL_SERVER_ERROR"})
	case no != nil:
		s.refuse(w, *no)
	default:
		answer(w, http.StatusOK, adjustAnswer{Event: e.answer()})
	}
}

// member is an account as who looks in sees it.
type member struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Points int64  `json:"points"`
}

func (s *Server) listMembers(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	list := make([]member, 0, len(s.accounts))
	for _, a := range s.accounts {
		id := cmp.Or(a.CustomerID, strings.TrimPrefix(a.Phone, "+"), a.ID)
		list = append(list, member{id, a.Name, a.Points})
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b member) int { return strings.Compare(a.ID, b.ID) })
	answer(w, http.StatusOK, list)
}

func (s *Server) listEntries(w http.ResponseWriter, _ *http.Request) {
	list := s.AllEntries()
	if list == nil {
		list = []Event{}
	}
	answer(w, http.StatusOK, list)
}
