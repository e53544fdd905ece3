package pos

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	usualPage = 50
	fullPage  = 200
)

// window is what part of a history is asked for. From is inclusive, to exclusive; zero times do not bound. Before is a
// position in the POS's book: pages hold what is older, so entries that arrive in between shift nothing.
type window struct {
	reference string
	from, to  time.Time
	limit     int
	before    int
}

type historyAnswer struct {
	Entries    []Entry `json:"entries"`
	NextCursor *string `json:"next_cursor"`
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	const act = "pos.history"
	q := r.URL.Query()
	s.begin(r, act)
	if s.readFault(w, r, act, q.Get("reference")) {
		return
	}
	asked, ok := s.readWindow(q)
	if !ok {
		s.refuse(w, refusal{code: "invalid_request"})
		return
	}
	found, known := s.look(r.PathValue("id"), asked)
	s.cfg.Faults.End(act)
	if !known {
		s.refuse(w, refusal{code: "customer_not_found"})
		return
	}
	answer(w, http.StatusOK, found)
}

func (s *Server) readWindow(q url.Values) (asked window, ok bool) {
	if q.Has("reference") && (s.cfg.NoLookup || q.Get("reference") == "") {
		return window{}, false
	}
	asked = window{reference: q.Get("reference"), limit: usualPage, before: -1}
	ok = readTime(q, "from", &asked.from) && readTime(q, "to", &asked.to) &&
		readNumber(q, "limit", 1, fullPage, &asked.limit) && readNumber(q, "cursor", 0, math.MaxInt, &asked.before)
	return asked, ok
}

func readTime(q url.Values, name string, into *time.Time) bool {
	if q.Get(name) == "" {
		return true
	}
	t, err := time.Parse(time.RFC3339, q.Get(name))
	*into = t
	return err == nil
}

func readNumber(q url.Values, name string, least, most int, into *int) bool {
	if q.Get(name) == "" {
		return true
	}
	n, err := strconv.Atoi(q.Get(name))
	*into = n
	return err == nil && n >= least && n <= most
}

// look returns a page of a member's entries, newest first; false when nobody has this id.
func (s *Server) look(id string, asked window) (historyAnswer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := historyAnswer{Entries: []Entry{}}
	if s.members[id] == nil {
		return page, false
	}
	positions := s.byMember[id]
	if asked.reference != "" {
		positions = s.byRef[reference{id, asked.reference}]
	}
	for n := len(positions) - 1; n >= 0; n-- {
		i := positions[n]
		if e := s.entries[i]; !asked.holds(i, e) {
			continue
		}
		if len(page.Entries) == asked.limit {
			cursor := strconv.Itoa(i + 1)
			page.NextCursor = &cursor
			break
		}
		page.Entries = append(page.Entries, s.entries[i])
	}
	return page, true
}

func (asked window) holds(i int, e Entry) bool {
	return (asked.before < 0 || i < asked.before) && !e.CreatedAt.Before(asked.from) &&
		(asked.to.IsZero() || e.CreatedAt.Before(asked.to))
}
