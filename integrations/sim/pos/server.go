// Package pos is a simulated POS: members, their points, and a history, behind the neutral POS contract
// (docs/pos-contract.md). It checks credentials and requests as a POS would, and shares no type with the client that
// talks to it.
package pos

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"pointbridge/integrations/sim"
)

// Config sets a POS up. Only Token is required.
type Config struct {
	// Token is the bearer token of every call, those under /_sim/ too.
	Token string
	// Clock tells the POS's time; time.Now.
	Clock func() time.Time
	// Faults decides what goes wrong, by act: pos.balance (subject: the customer), pos.deduct and pos.add (the
	// reference), pos.history (the reference asked for). The reason of a refusal is a code of the contract.
	Faults *sim.Faults
	// IgnoreKeys and IgnoreReferences together make a POS on which the same request sent twice applies twice.
	IgnoreKeys, IgnoreReferences bool
	// NoLookup makes a POS whose history cannot be asked for a reference.
	NoLookup bool
	// Path is the journal that outlives the process; empty keeps everything in memory.
	Path string
}

// Server is the POS: an http.Handler, safe for concurrent use.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu       sync.Mutex
	members  map[string]*Member
	entries  []Entry
	byMember map[string][]int
	byRef    map[reference][]int
	byKey    map[string]int
	journal  *sim.Journal

	counting sync.Mutex
	requests map[string]int
	refused  map[string]int
}

// New opens a POS, with what its journal holds. It fails without a token, or when the journal cannot be read.
func New(cfg Config) (*Server, error) {
	if cfg.Token == "" {
		return nil, errors.New("simulated POS: the token is missing")
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	s := &Server{cfg: cfg, members: map[string]*Member{}, byMember: map[string][]int{}, byRef: map[reference][]int{},
		byKey: map[string]int{}, requests: map[string]int{}, refused: map[string]int{}}
	var err error
	if s.journal, err = sim.OpenJournal(cfg.Path, s.replay); err != nil {
		return nil, fmt.Errorf("simulated POS: %w", err)
	}
	s.mux = s.routes()
	return s, nil
}

// Close closes the journal; it tells of a change that could not be written down.
func (s *Server) Close() error { return s.journal.Close() }

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /customers/{id}/points", s.balance)
	mux.HandleFunc("POST /customers/{id}/points/deduct", s.deduct)
	mux.HandleFunc("POST /customers/{id}/points/add", s.add)
	mux.HandleFunc("GET /customers/{id}/points/history", s.history)
	mux.HandleFunc("GET /_sim/customers", s.listMembers)
	mux.HandleFunc("POST /_sim/customers/{id}/number", s.renumber)
	mux.HandleFunc("GET /_sim/entries", s.listEntries)
	if s.cfg.Faults != nil {
		mux.Handle("/_sim/faults", s.cfg.Faults.Handler())
	}
	return mux
}

// ServeHTTP checks the credential before anything else.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare([]byte(token), []byte(s.cfg.Token)) != 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		s.refuse(w, refusal{code: "unauthorized"})
		return
	}
	s.mux.ServeHTTP(w, r)
}

// Requests counts the requests per act (pos.balance, pos.deduct, pos.add, pos.history), refused ones too.
func (s *Server) Requests() map[string]int {
	s.counting.Lock()
	defer s.counting.Unlock()
	return maps.Clone(s.requests)
}

// Refused counts the refusals per code of the contract.
func (s *Server) Refused() map[string]int {
	s.counting.Lock()
	defer s.counting.Unlock()
	return maps.Clone(s.refused)
}

func (s *Server) count(counts map[string]int, name string) {
	s.counting.Lock()
	defer s.counting.Unlock()
	counts[name]++
}
