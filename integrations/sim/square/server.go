// Package square is a simulated Square: loyalty accounts, their points and the events that moved them, behind the four
// calls of the Loyalty API that the service makes. It is written from Square's document and shares no type with the
// client that talks to it.
package square

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"pointbridge/integrations/sim"
)

// Config sets a Square up. Only Token is required.
type Config struct {
	// Token is the access token of every call, those under /_sim/ too.
	Token string
	// Clock tells Square's time; time.Now.
	Clock func() time.Time
	// Faults decides what goes wrong, by act: pos.balance (an account is read; subject: its id), pos.search (accounts
	// are searched; the customer id or phone number), pos.deduct and pos.add (points are adjusted; the reference in the
	// reason), pos.history (events are searched; the account's id). The reason of a refusal is a code of Square's, or
	// one of the neutral contract that Square has words for.
	Faults *sim.Faults
	// Path is the journal that outlives the process; empty keeps everything in memory.
	Path string
}

// Server is Square: an http.Handler, safe for concurrent use.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu       sync.Mutex
	accounts []*account
	events   []Event
	byKey    map[string]int
	journal  *sim.Journal

	counting sync.Mutex
	requests map[string]int
	refused  map[string]int
}

// New opens a Square, with what its journal holds. It fails without a token, or when the journal cannot be read.
func New(cfg Config) (*Server, error) {
	if cfg.Token == "" {
		return nil, errors.New("simulated Square: the token is missing")
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	s := &Server{cfg: cfg, byKey: map[string]int{}, requests: map[string]int{}, refused: map[string]int{}}
	var err error
	if s.journal, err = sim.OpenJournal(cfg.Path, s.replay); err != nil {
		return nil, fmt.Errorf("simulated Square: %w", err)
	}
	s.mux = s.routes()
	return s, nil
}

// Close closes the journal; it tells of a change that could not be written down.
func (s *Server) Close() error { return s.journal.Close() }

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/loyalty/accounts/search", s.searchAccounts)
	mux.HandleFunc("GET /v2/loyalty/accounts/{id}", s.retrieveAccount)
	mux.HandleFunc("POST /v2/loyalty/accounts/{id}/adjust", s.adjust)
	mux.HandleFunc("POST /v2/loyalty/events/search", s.searchEvents)
	mux.HandleFunc("GET /_sim/customers", s.listMembers)
	mux.HandleFunc("GET /_sim/entries", s.listEntries)
	if s.cfg.Faults != nil {
		mux.Handle("/_sim/faults", s.cfg.Faults.Handler())
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		s.refuse(w, refusal{code: "NOT_FOUND", detail: "Resource not found."})
	})
	return mux
}

var versionForm = regexp.MustCompile(`^20[0-9]{2}-[0-9]{2}-[0-9]{2}$`)

// ServeHTTP checks the credential before anything else.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare([]byte(token), []byte(s.cfg.Token)) != 1 {
		s.refuse(w, refusal{code: "UNAUTHORIZED", detail: "This request could not be authorized."})
		return
	}
	if version := r.Header.Get("Square-Version"); version != "" && !versionForm.MatchString(version) {
		s.refuse(w, refusal{code: "INVALID_SQUARE_VERSION_FORMAT", detail: "The version is not a date."})
		return
	}
	s.mux.ServeHTTP(w, r)
}

// Requests counts the requests per act (pos.search, pos.balance, pos.deduct, pos.add, pos.history), refused ones too.
func (s *Server) Requests() map[string]int {
	s.counting.Lock()
	defer s.counting.Unlock()
	return maps.Clone(s.requests)
}

// Refused counts the refusals per code of Square's.
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
