// Package pos is a simulated till: members, their points, and a history, behind the neutral POS contract. It shares no type
// with the client that talks to it.
package pos

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"pointbridge/integrations/sim"
)

// Config sets a till up.
type Config struct {
	Token  string
	Clock  func() time.Time
	Faults *sim.Faults
	// IgnoreKeys and IgnoreReferences make a till on which the same request sent twice applies twice.
	IgnoreKeys, IgnoreReferences bool
	// NoLookup leaves the reference filter of the history out.
	NoLookup bool
	// Path is the journal that outlives the process; empty keeps everything in memory.
	Path string
}

// Entry is one line of a member's history. Amount is negative when points were taken.
type Entry struct {
	ID               string    `json:"entry_id"`
	CustomerID       string    `json:"customer_id"`
	Amount           int64     `json:"amount"`
	PreviousBalance  int64     `json:"previous_balance"`
	Balance          int64     `json:"balance"`
	NewBalance       int64     `json:"new_balance"`
	Reason           string    `json:"reason"`
	Reference        string    `json:"reference"`
	RelatedReference string    `json:"related_reference,omitempty"`
	CreatedAt        time.Time `json:"created_at"`
}

// Member is somebody with points.
type Member struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Points int64  `json:"points"`
}

// Server is the till.
type Server struct {
	cfg      Config
	mux      *http.ServeMux
	mu       sync.Mutex
	members  map[string]*Member
	entries  []Entry
	byMember map[string][]int
	byRef    map[string]int // customer + reference
	byKey    map[string]keyed
	requests map[string]int
	journal  *sim.Journal
}

type keyed struct {
	Body  string `json:"body"` // what was asked, to tell a repetition from a reuse
	Entry int    `json:"entry"`
}

// New opens a till, with what its journal holds.
func New(cfg Config) (*Server, error) {
	if cfg.Clock == nil {
		cfg.Clock = func() time.Time { return time.Now().UTC() }
	}
	s := &Server{cfg: cfg, members: map[string]*Member{}, byMember: map[string][]int{}, byRef: map[string]int{},
		byKey: map[string]keyed{}, requests: map[string]int{}}
	journal, err := sim.OpenJournal(cfg.Path, s.replay)
	if err != nil {
		return nil, err
	}
	s.journal = journal
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET /customers/{id}/points", s.balance)
	s.mux.HandleFunc("POST /customers/{id}/points/deduct", func(w http.ResponseWriter, r *http.Request) { s.move(w, r, "pos.deduct", -1) })
	s.mux.HandleFunc("POST /customers/{id}/points/add", func(w http.ResponseWriter, r *http.Request) { s.move(w, r, "pos.add", 1) })
	s.mux.HandleFunc("GET /customers/{id}/points/history", s.history)
	s.mux.HandleFunc("GET /_sim/customers", s.listMembers)
	s.mux.HandleFunc("GET /_sim/entries", s.listEntries)
	if cfg.Faults != nil {
		s.mux.Handle("/_sim/faults", cfg.Faults.Handler())
	}
	return s, nil
}

// ServeHTTP checks the credential before anything else.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(token), []byte(s.cfg.Token)) != 1 {
		problem(w, http.StatusUnauthorized, "unauthorized", nil)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// record is one line of the journal.
type record struct {
	Member *Member `json:"member,omitempty"`
	Entry  *Entry  `json:"entry,omitempty"`
	Key    string  `json:"key,omitempty"`
	Body   string  `json:"body,omitempty"`
}

func (s *Server) replay(line []byte) error {
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	if r.Member != nil {
		s.members[r.Member.ID] = r.Member
	}
	if r.Entry != nil {
		s.apply(*r.Entry, r.Key, r.Body)
	}
	return nil
}

// apply books an entry. The caller holds the lock.
func (s *Server) apply(e Entry, key, body string) {
	s.entries = append(s.entries, e)
	i := len(s.entries) - 1
	s.byMember[e.CustomerID] = append(s.byMember[e.CustomerID], i)
	if e.Reference != "" {
		s.byRef[e.CustomerID+"\n"+e.Reference] = i
	}
	if key != "" {
		s.byKey[key] = keyed{body, i}
	}
	s.members[e.CustomerID].Points = e.Balance
}

// AddCustomer makes a member known; one who is known already keeps their points.
func (s *Server) AddCustomer(id, name string, points int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members[id] != nil {
		return
	}
	m := &Member{ID: id, Name: name, Points: points}
	s.members[id] = m
	s.journal.Append(record{Member: m})
}

// Balance gives a member's points.
func (s *Server) Balance(id string) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[id]
	if m == nil {
		return 0, false
	}
	return m.Points, true
}

// Entries gives a member's history, oldest first.
func (s *Server) Entries(id string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Entry, 0, len(s.byMember[id]))
	for _, i := range s.byMember[id] {
		list = append(list, s.entries[i])
	}
	return list
}

// AllEntries gives the whole history, oldest first.
func (s *Server) AllEntries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Entry(nil), s.entries...)
}

// SellAtTill moves points without Pointbridge, as a sale does. It gives false when the member is unknown or poor.
func (s *Server) SellAtTill(id string, points int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[id]
	if m == nil || m.Points+points < 0 {
		return false
	}
	s.book(m, points, request{Reason: "Sale"}, "", "")
	return true
}

// book makes an entry and writes it down before anybody hears of it. The caller holds the lock.
func (s *Server) book(m *Member, points int64, r request, key, body string) Entry {
	e := Entry{ID: "e" + strconv.Itoa(len(s.entries)+1), CustomerID: m.ID, Amount: points, PreviousBalance: m.Points,
		Balance: m.Points + points, NewBalance: m.Points + points, Reason: r.Reason, Reference: r.Reference,
		RelatedReference: r.RelatedReference, CreatedAt: s.cfg.Clock().UTC()}
	s.apply(e, key, body)
	s.journal.Append(record{Entry: &e, Key: key, Body: body})
	return e
}

// Requests counts the requests per act, refused ones too.
func (s *Server) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int, len(s.requests))
	for act, n := range s.requests {
		counts[act] = n
	}
	return counts
}

// Close closes the journal.
func (s *Server) Close() error { return s.journal.Close() }
