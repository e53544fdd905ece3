package smaregi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	usualPage = 100
	fullPage  = 1000
	// longest is the longest span that one range of times may have.
	longest = 31 * 24 * time.Hour
)

// search is what a list of transactions is asked for.
type search struct {
	code, division string
	from, to       time.Time
	limit, page    int
	descending     bool
	fields         []string
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	const act = "pos.history"
	asked, ok := readSearch(r.URL.Query())
	s.begin(r, act)
	if s.readFault(w, r, act, s.memberOf(asked.code)) {
		return
	}
	if !ok {
		s.refuse(w, http.StatusBadRequest, "検索条件が不正です。")
		return
	}
	rows := s.look(asked)
	s.cfg.Faults.End(act)
	answer(w, http.StatusOK, rows)
}

// memberOf names the member of a code, for the faults; codes are unique.
func (s *Server) memberOf(code string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.members {
		if m.Code == code {
			return m.ID
		}
	}
	return ""
}

// readSearch takes a question apart. One range of times is mandatory, and at most 31 days long.
func readSearch(q url.Values) (a search, ok bool) {
	a = search{code: q.Get("customer_code"), division: q.Get("transaction_head_division"), limit: usualPage, page: 1}
	for name := range q {
		if !slices.Contains(parameters, name) {
			return a, false
		}
	}
	if q.Has("customer_code") && !memberCode.MatchString(a.code) {
		return a, false
	}
	if q.Has("fields") {
		a.fields = strings.Split(q.Get("fields"), ",")
	}
	first, _, _ := strings.Cut(q.Get("sort"), ",")
	a.descending = strings.HasSuffix(first, ":desc")
	from, err1 := time.Parse(time.RFC3339, q.Get("transaction_date_time-from"))
	to, err2 := time.Parse(time.RFC3339, q.Get("transaction_date_time-to"))
	a.from, a.to = from, to
	return a, err1 == nil && err2 == nil && !to.Before(from) && to.Sub(from) <= longest &&
		readNumber(q, "limit", fullPage, &a.limit) && readNumber(q, "page", 1<<20, &a.page)
}

var parameters = []string{"customer_code", "transaction_head_division", "transaction_date_time-from",
	"transaction_date_time-to", "limit", "page", "sort", "fields"}

func readNumber(q url.Values, name string, most int, into *int) bool {
	if !q.Has(name) {
		return true
	}
	n, err := strconv.Atoi(q.Get(name))
	*into = n
	return err == nil && n >= 1 && n <= most
}

// look gives one page of what was found, in the order of time.
func (s *Server) look(a search) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	listed := s.cfg.Clock().Add(-s.cfg.HistoryLag)
	var found []Transaction
	for _, t := range s.transactions {
		at := t.At.Truncate(time.Second)
		if (a.code == "" || s.members[t.Member].Code == a.code) && (a.division == "" || t.Division == a.division) &&
			!at.Before(a.from) && !at.After(a.to) && !t.At.After(listed) {
			found = append(found, t)
		}
	}
	slices.SortStableFunc(found, func(x, y Transaction) int { return x.At.Compare(y.At) })
	if a.descending {
		slices.Reverse(found)
	}
	size := min(a.limit, s.cfg.MostRows)
	first := min((a.page-1)*size, len(found))
	rows := []map[string]any{}
	for _, t := range found[first:min(first+size, len(found))] {
		rows = append(rows, a.shown(t, s.members[t.Member].Code))
	}
	return rows
}

// shown writes a transaction as the API lists it, with as much of it as was asked for. A real one has a hundred fields
// more.
func (a search) shown(t Transaction, code string) map[string]any {
	all := map[string]any{"transactionHeadId": t.ID, "transactionDateTime": stamp(t.At),
		"transactionHeadDivision": t.Division, "cancelDivision": "0", "newPoint": text(t.New),
		"spendPoint": text(t.Spent), "point": text(t.Before), "totalPoint": text(t.After), "customerId": t.Member,
		"customerCode": code}
	for name := range all {
		if a.fields != nil && !slices.Contains(a.fields, name) {
			delete(all, name)
		}
	}
	return all
}
