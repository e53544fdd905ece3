package square

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	usualPage    = 30
	mostAccounts = 200
	mostEvents   = 30
	mostAsked    = 30
)

type accountsRequest struct {
	Query *struct {
		Mappings []struct {
			PhoneNumber string `json:"phone_number"`
		} `json:"mappings"`
		CustomerIDs []string `json:"customer_ids"`
	} `json:"query"`
	Limit  *int   `json:"limit"`
	Cursor string `json:"cursor"`
}

type accountsAnswer struct {
	Accounts []accountBody `json:"loyalty_accounts,omitempty"`
	Cursor   string        `json:"cursor,omitempty"`
}

// wanted gives whom a search is for. An empty query is for everybody, as with Square.
func (a accountsRequest) wanted() (phones, customers []string) {
	if a.Query == nil {
		return nil, nil
	}
	for _, m := range a.Query.Mappings {
		phones = append(phones, m.PhoneNumber)
	}
	return phones, a.Query.CustomerIDs
}

func (s *Server) searchAccounts(w http.ResponseWriter, r *http.Request) {
	const act = "pos.search"
	var asked accountsRequest
	if err := decode(w, r, &asked); err != nil {
		s.refuse(w, refusal{code: "BAD_REQUEST", detail: "The body is not what it should be."})
		return
	}
	phones, customers := asked.wanted()
	s.begin(r, act)
	if s.readFault(w, r, act, slices.Concat(phones, customers, []string{""})[0]) {
		return
	}
	from, limit, ok := page(asked.Limit, asked.Cursor, mostAccounts)
	switch {
	case len(phones) > 0 && len(customers) > 0, len(phones) > mostAsked, len(customers) > mostAsked, !ok:
		s.refuse(w, refusal{code: "BAD_REQUEST", detail: "The query cannot be answered."})
		return
	}
	s.mu.Lock()
	var found []accountBody
	for _, a := range s.accounts {
		if (len(phones) == 0 || slices.Contains(phones, a.Phone)) &&
			(len(customers) == 0 || slices.Contains(customers, a.CustomerID)) {
			found = append(found, a.answer())
		}
	}
	s.mu.Unlock()
	s.cfg.Faults.End(act)
	part, cursor := cut(found, from, limit)
	answer(w, http.StatusOK, accountsAnswer{part, cursor})
}

type eventsRequest struct {
	Query *struct {
		Filter *eventsFilter `json:"filter"`
	} `json:"query"`
	Limit  *int   `json:"limit"`
	Cursor string `json:"cursor"`
}

type eventsFilter struct {
	Account *struct {
		ID string `json:"loyalty_account_id"`
	} `json:"loyalty_account_filter"`
	Type *struct {
		Types []string `json:"types"`
	} `json:"type_filter"`
	Date *struct {
		CreatedAt struct {
			StartAt string `json:"start_at"`
			EndAt   string `json:"end_at"`
		} `json:"created_at"`
	} `json:"date_time_filter"`
}

type eventsAnswer struct {
	Events []eventBody `json:"events,omitempty"`
	Cursor string      `json:"cursor,omitempty"`
}

// window is what part of the events is asked for; the start is inclusive, the end is not.
type window struct {
	account    string
	types      []string
	start, end time.Time
}

func (r eventsRequest) window() (asked window, ok bool) {
	if r.Query == nil || r.Query.Filter == nil {
		return window{}, true
	}
	f := r.Query.Filter
	if f.Account != nil {
		asked.account = f.Account.ID
	}
	if f.Type != nil {
		asked.types = f.Type.Types
	}
	if f.Date == nil {
		return asked, true
	}
	ok = readTime(f.Date.CreatedAt.StartAt, &asked.start) && readTime(f.Date.CreatedAt.EndAt, &asked.end)
	return asked, ok
}

func readTime(text string, into *time.Time) bool {
	if text == "" {
		return true
	}
	t, err := time.Parse(time.RFC3339, text)
	*into = t
	return err == nil
}

func (w window) holds(e Event) bool {
	return (w.account == "" || w.account == e.AccountID) && (len(w.types) == 0 || slices.Contains(w.types, e.Type)) &&
		!e.CreatedAt.Before(w.start) && (w.end.IsZero() || e.CreatedAt.Before(w.end))
}

func (s *Server) searchEvents(w http.ResponseWriter, r *http.Request) {
	const act = "pos.history"
	var asked eventsRequest
	if err := decode(w, r, &asked); err != nil {
		s.refuse(w, refusal{code: "BAD_REQUEST", detail: "The body is not what it should be."})
		return
	}
	within, ok := asked.window()
	s.begin(r, act)
	if s.readFault(w, r, act, within.account) {
		return
	}
	from, limit, sound := page(asked.Limit, asked.Cursor, mostEvents)
	if !ok || !sound {
		s.refuse(w, refusal{code: "BAD_REQUEST", detail: "The query cannot be answered."})
		return
	}
	// A cursor counts from the oldest, so that events that arrive between two pages shift nothing.
	s.mu.Lock()
	answered := eventsAnswer{}
	for i := len(s.events) - 1; i >= 0; i-- {
		if from > 0 && i >= from || !within.holds(s.events[i]) {
			continue
		}
		if len(answered.Events) == limit {
			answered.Cursor = strconv.Itoa(i + 1)
			break
		}
		answered.Events = append(answered.Events, s.events[i].answer())
	}
	s.mu.Unlock()
	s.cfg.Faults.End(act)
	answer(w, http.StatusOK, answered)
}

// page reads how much is asked for and where it goes on; zero is the beginning.
func page(limit *int, cursor string, most int) (from, size int, ok bool) {
	size = usualPage
	if limit != nil {
		size = *limit
	}
	if cursor == "" {
		return 0, size, size >= 1 && size <= most
	}
	from, err := strconv.Atoi(cursor)
	return from, size, err == nil && from > 0 && size >= 1 && size <= most
}

func cut(list []accountBody, from, size int) (part []accountBody, cursor string) {
	list = list[min(from, len(list)):]
	if len(list) <= size {
		return list, ""
	}
	return list[:size], strconv.Itoa(from + size)
}
