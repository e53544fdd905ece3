package pos

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"pointbridge/integrations/sim"
)

// begin counts a request and lets the act's delay pass. It comes after the body was read, because only then does the
// server notice a caller who gives up.
func (s *Server) begin(r *http.Request, act string) {
	s.count(s.requests, act)
	s.cfg.Faults.Begin(r.Context(), act)
}

// fault answers as a rule says, in the contract's words where the rule leaves them to the POS.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, rule sim.Rule, no refusal) {
	if rule.Answer(w, r) {
		return
	}
	if rule.RetryAfter != "" {
		w.Header().Set("Retry-After", rule.RetryAfter)
	}
	switch rule.Mode {
	case sim.Refuse:
		s.refuse(w, no)
	case sim.Throttle:
		s.refuse(w, refusal{code: "rate_limited"})
	default:
		s.refuse(w, refusal{code: "internal_error"})
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
	s.fault(w, r, rule, refusal{code: rule.Reason})
	return true
}

func (s *Server) balance(w http.ResponseWriter, r *http.Request) {
	const act = "pos.balance"
	id := r.PathValue("id")
	s.begin(r, act)
	if s.readFault(w, r, act, id) {
		return
	}
	points, ok := s.Balance(id)
	s.cfg.Faults.End(act)
	if !ok {
		s.refuse(w, refusal{code: "customer_not_found"})
		return
	}
	answer(w, http.StatusOK, balanceAnswer{id, points, s.cfg.Clock().UTC().Truncate(time.Millisecond)})
}

type balanceAnswer struct {
	CustomerID string    `json:"customer_id"`
	Balance    int64     `json:"balance"`
	AsOf       time.Time `json:"as_of"`
}

func (s *Server) deduct(w http.ResponseWriter, r *http.Request) { s.move(w, r, "pos.deduct", -1) }

func (s *Server) add(w http.ResponseWriter, r *http.Request) { s.move(w, r, "pos.add", 1) }

func (s *Server) move(w http.ResponseWriter, r *http.Request, act string, sign int64) {
	m, no := s.readMove(w, r, sign)
	s.begin(r, act)
	if no != nil {
		s.refuse(w, *no)
		return
	}
	rule, wrong := s.cfg.Faults.Take(act, m.reference)
	if wrong && !rule.Applied() {
		s.fault(w, r, rule, s.asTold(rule.Reason, m))
		return
	}
	e, replayed, no, err := s.decide(m)
	s.cfg.Faults.End(act)
	switch {
	case wrong:
		s.fault(w, r, rule, refusal{})
	case err != nil:
		s.refuse(w, refusal{code: "internal_error"})
	case no != nil:
		s.refuse(w, *no)
	case replayed:
		w.Header().Set("Idempotent-Replayed", "true")
		answer(w, http.StatusOK, e)
	default:
		answer(w, http.StatusCreated, e)
	}
}

// asTold words a refusal that a test asked for, with the figures the contract wants.
func (s *Server) asTold(code string, m move) refusal {
	if code != "insufficient_points" {
		return refusal{code: code}
	}
	points, _ := s.Balance(m.customer)
	return *insufficient(points, max(m.points, -m.points), m.reference)
}

func (s *Server) listMembers(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	list := make([]Member, 0, len(s.members))
	for _, member := range s.members {
		list = append(list, *member)
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b Member) int { return strings.Compare(a.ID, b.ID) })
	answer(w, http.StatusOK, list)
}

func (s *Server) listEntries(w http.ResponseWriter, _ *http.Request) {
	list := s.AllEntries()
	if list == nil {
		list = []Entry{}
	}
	answer(w, http.StatusOK, list)
}
