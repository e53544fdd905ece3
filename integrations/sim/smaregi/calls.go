package smaregi

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

type pointAnswer struct {
	CustomerID      string  `json:"customerId"`
	Point           string  `json:"point"`
	Mile            string  `json:"mile"`
	PointExpireDate *string `json:"pointExpireDate"`
	InsDateTime     string  `json:"insDateTime,omitempty"`
	UpdDateTime     string  `json:"updDateTime"`
	// TransactionHeadIDs is there in the answer to a change alone.
	TransactionHeadIDs []string `json:"transactionHeadIds,omitempty"`
}

func points(m Member) pointAnswer {
	a := pointAnswer{CustomerID: m.ID, Point: text(m.Points), Mile: "0", UpdDateTime: stamp(m.Changed)}
	if m.ExpireOn != "" {
		a.PointExpireDate = &m.ExpireOn
	}
	return a
}

// balance lists members' points. What has expired is booked out first.
func (s *Server) balance(w http.ResponseWriter, r *http.Request) {
	const act = "pos.balance"
	id, code := r.URL.Query().Get("customer_id"), r.URL.Query().Get("customer_code")
	s.begin(r, act)
	if s.readFault(w, r, act, id) {
		return
	}
	list, err := s.found(id, code)
	s.cfg.Faults.End(act)
	if err != nil {
		s.refuse(w, http.StatusInternalServerError, "")
		return
	}
	answer(w, http.StatusOK, list)
}

func (s *Server) found(id, code string) ([]pointAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []pointAnswer{}
	for _, m := range s.members {
		if (id != "" && m.ID != id) || (code != "" && m.Code != code) {
			continue
		}
		if _, err := s.lapse(m); err != nil {
			return nil, err
		}
		a := points(*m)
		a.InsDateTime = stamp(m.Changed)
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b pointAnswer) int { return strings.Compare(a.CustomerID, b.CustomerID) })
	return list, nil
}

// member answers with as much of a member as fields asks for; this Smaregi knows only two of them.
func (s *Server) member(w http.ResponseWriter, r *http.Request) {
	const act = "pos.member"
	id := r.PathValue("id")
	s.begin(r, act)
	if s.readFault(w, r, act, id) {
		return
	}
	m, known := s.Member(id)
	s.cfg.Faults.End(act)
	if !known {
		s.refuse(w, http.StatusNotFound, "")
		return
	}
	var code *string // a member need not have one
	if m.Code != "" {
		code = &m.Code
	}
	answer(w, http.StatusOK, map[string]any{"customerId": m.ID, "customerCode": code})
}

type changeRequest struct {
	Point           *string `json:"point"`
	Mile            *string `json:"mile"`
	PointExpireDate *string `json:"pointExpireDate"`
}

// read takes a change apart, strictly: a Smaregi that shrugged at a misspelt field would hide the client's mistake.
func (c changeRequest) read() (move int64, expireOn string, ok bool) {
	if c.Point == nil || !integer.MatchString(*c.Point) || c.Mile != nil {
		return 0, "", false
	}
	if c.PointExpireDate != nil {
		if _, err := time.Parse(time.DateOnly, *c.PointExpireDate); err != nil {
			return 0, "", false
		}
		expireOn = *c.PointExpireDate
	}
	move, err := strconv.ParseInt(*c.Point, 10, 64)
	return move, expireOn, err == nil
}

// add is the relative change (会員ポイント相対値更新).
func (s *Server) add(w http.ResponseWriter, r *http.Request) {
	var req changeRequest
	err := decode(http.MaxBytesReader(w, r.Body, mostBody), &req)
	move, expireOn, ok := req.read()
	act, id := "pos.add", r.PathValue("id")
	if move < 0 {
		act = "pos.deduct"
	}
	s.begin(r, act)
	if err != nil || !ok {
		s.refuse(w, http.StatusBadRequest, "pointが不正です。")
		return
	}
	rule, wrong := s.cfg.Faults.Take(act, id)
	if wrong && !rule.Applied() {
		s.fault(w, r, rule)
		return
	}
	after, ids, err := s.move(id, move, expireOn)
	s.cfg.Faults.End(act)
	switch {
	case wrong:
		s.fault(w, r, rule)
	case errors.Is(err, errNobody):
		s.refuse(w, http.StatusNotFound, "")
	case errors.Is(err, errTooFew):
		s.refuse(w, http.StatusBadRequest, "ポイントが不足しています。")
	case err != nil:
		s.refuse(w, http.StatusInternalServerError, "")
	default:
		a := points(after)
		if !s.cfg.NoIDs {
			a.TransactionHeadIDs = ids
		}
		answer(w, http.StatusOK, a)
	}
}

// memberCode is what a code is made of.
var memberCode = regexp.MustCompile(`^[ -~]{1,20}$`)

func (s *Server) listMembers(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	list := make([]Member, 0, len(s.members))
	for _, m := range s.members {
		list = append(list, *m)
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b Member) int { return strings.Compare(a.ID, b.ID) })
	answer(w, http.StatusOK, list)
}

func (s *Server) listTransactions(w http.ResponseWriter, _ *http.Request) {
	list := s.Transactions()
	if list == nil {
		list = []Transaction{}
	}
	answer(w, http.StatusOK, list)
}
