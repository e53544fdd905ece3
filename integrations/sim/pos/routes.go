package pos

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/integrations/sim"
)

type request struct {
	Amount           int64  `json:"amount"`
	Reason           string `json:"reason"`
	Reference        string `json:"reference"`
	RelatedReference string `json:"related_reference"`
}

func (s *Server) begin(r *http.Request, act string) {
	s.mu.Lock()
	s.requests[act]++
	s.mu.Unlock()
	s.cfg.Faults.Begin(r.Context(), act)
}

// fault answers for a rule before the act took effect; it gives true when the request is dealt with.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, rule sim.Rule) bool {
	if rule.Answer(w, r) {
		return true
	}
	switch rule.Mode {
	case sim.Refuse:
		problem(w, http.StatusUnprocessableEntity, rule.Reason, nil)
	case sim.Throttle:
		w.Header().Set("Retry-After", rule.RetryAfter)
		problem(w, http.StatusTooManyRequests, "rate_limited", nil)
	default:
		problem(w, http.StatusInternalServerError, "internal_error", nil)
	}
	return true
}

func (s *Server) balance(w http.ResponseWriter, r *http.Request) {
	s.begin(r, "pos.balance")
	if rule, ok := s.cfg.Faults.Take("pos.balance", r.PathValue("id")); ok {
		s.fault(w, r, rule)
		return
	}
	points, ok := s.Balance(r.PathValue("id"))
	if !ok {
		problem(w, http.StatusNotFound, "customer_not_found", nil)
		return
	}
	answer(w, http.StatusOK, map[string]any{"customer_id": r.PathValue("id"), "balance": points, "as_of": s.cfg.Clock().UTC()})
}

// move books points in one direction, once per key and reference.
func (s *Server) move(w http.ResponseWriter, r *http.Request, act string, sign int64) {
	s.begin(r, act)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
	var req request
	if err != nil || decode(body, &req) != nil || req.Amount <= 0 || req.Reference == "" {
		problem(w, http.StatusBadRequest, "invalid_request", nil)
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		problem(w, http.StatusBadRequest, "idempotency_key_missing", nil)
		return
	}
	rule, wrong := s.cfg.Faults.Take(act, req.Reference)
	if wrong && !rule.Applied() {
		s.fault(w, r, rule)
		return
	}
	status, reply := s.decideAndBook(r.PathValue("id"), act, key, sign, req)
	s.cfg.Faults.End(act)
	if wrong {
		s.fault(w, r, rule)
		return
	}
	if status == http.StatusOK {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	if refusal, ok := reply.(refusal); ok {
		problem(w, status, refusal.code, refusal.figures)
		return
	}
	answer(w, status, reply)
}

type refusal struct {
	code    string
	figures map[string]any
}

// decideAndBook decides and books under the lock.
func (s *Server) decideAndBook(id, act, key string, sign int64, req request) (int, any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[id]
	if m == nil {
		return http.StatusNotFound, refusal{code: "customer_not_found"}
	}
	meaning, _ := json.Marshal([]any{id, act, req})
	if first, ok := s.byKey[key]; ok && !s.cfg.IgnoreKeys {
		if first.Body != string(meaning) {
			return http.StatusUnprocessableEntity, refusal{code: "idempotency_key_reused"}
		}
		return http.StatusOK, s.entries[first.Entry]
	}
	if i, ok := s.byRef[id+"\n"+req.Reference]; ok && !s.cfg.IgnoreReferences {
		e := s.entries[i]
		if e.Amount != sign*req.Amount || e.Reason != req.Reason || e.RelatedReference != req.RelatedReference {
			return http.StatusUnprocessableEntity, refusal{code: "reference_reused"}
		}
		return http.StatusOK, e
	}
	if m.Points+sign*req.Amount < 0 {
		return http.StatusUnprocessableEntity, refusal{code: "insufficient_points",
			figures: map[string]any{"balance": m.Points, "required": req.Amount, "reference": req.Reference}}
	}
	if s.cfg.IgnoreKeys {
		key = ""
	}
	return http.StatusCreated, s.book(m, sign*req.Amount, req, key, string(meaning))
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	s.begin(r, "pos.history")
	if rule, ok := s.cfg.Faults.Take("pos.history", r.URL.Query().Get("reference")); ok {
		s.fault(w, r, rule)
		return
	}
	id := r.PathValue("id")
	if _, ok := s.Balance(id); !ok {
		problem(w, http.StatusNotFound, "customer_not_found", nil)
		return
	}
	q := r.URL.Query()
	limit, from, to, cursor, ok := window(q.Get("limit"), q.Get("from"), q.Get("to"), q.Get("cursor"))
	if !ok || (q.Has("reference") && s.cfg.NoLookup) {
		problem(w, http.StatusBadRequest, "invalid_request", nil)
		return
	}
	list := s.Entries(id)
	slices.Reverse(list)
	found := make([]Entry, 0, limit)
	var next any
	for i := cursor; i < len(list); i++ {
		e := list[i]
		if (q.Has("reference") && e.Reference != q.Get("reference")) || e.CreatedAt.Before(from) || (!to.IsZero() && !e.CreatedAt.Before(to)) {
			continue
		}
		if len(found) == limit {
			next = strconv.Itoa(i)
			break
		}
		found = append(found, e)
	}
	answer(w, http.StatusOK, map[string]any{"entries": found, "next_cursor": next})
}

// window reads the paging parameters: from is inclusive, to exclusive, limit 50 unless given and 200 at most.
func window(limit, from, to, cursor string) (n int, start, end time.Time, skip int, ok bool) {
	n, ok = 50, true
	var err error
	if limit != "" {
		if n, err = strconv.Atoi(limit); err != nil || n < 1 || n > 200 {
			return 0, start, end, 0, false
		}
	}
	for text, at := range map[string]*time.Time{from: &start, to: &end} {
		if text == "" {
			continue
		}
		if *at, err = time.Parse(time.RFC3339, text); err != nil {
			return 0, start, end, 0, false
		}
	}
	if cursor != "" {
		if skip, err = strconv.Atoi(cursor); err != nil || skip < 0 {
			return 0, start, end, 0, false
		}
	}
	return n, start, end, skip, ok
}

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

func (s *Server) listEntries(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.AllEntries())
}

func decode(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func problem(w http.ResponseWriter, status int, code string, figures map[string]any) {
	body := map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "code": code}
	for name, value := range figures {
		body[name] = value
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
