// Package smaregi is a simulated Smaregi (スマレジ): members with points and a day on which all of them expire, the
// transactions that moved them, and the platform API of one contract before that, written from Smaregi's documents. It
// checks credentials, scopes and requests as Smaregi would, and shares no type with the client that talks to it.
package smaregi

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"pointbridge/integrations/sim"
)

// Config sets a Smaregi up. Account, ClientID and ClientSecret are required.
type Config struct {
	// Account is the contract id. Both of Smaregi's hosts, the one of tokens and the one of the API, are this server.
	Account, ClientID, ClientSecret string
	// Clock tells Smaregi's time; time.Now. Its days are those of Japan.
	Clock func() time.Time
	// Faults decides what goes wrong, by act: pos.token (subject: the client), pos.balance, pos.member, pos.deduct,
	// pos.add and pos.history (the member's id). A refusal is Smaregi's 400; its reason becomes the detail.
	Faults *sim.Faults
	// TokenLife is how long a token lives; an hour.
	TokenLife time.Duration
	// ReadsPerSecond and WritesPerSecond are the limits, requests for a token counted as writes; zero for none.
	ReadsPerSecond, WritesPerSecond int
	// MostRows bounds a page whatever is asked for; a thousand.
	MostRows int
	// HistoryLag is how long a transaction is not listed yet.
	HistoryLag time.Duration
	// NoIDs makes the older API, whose answer to a change does not name its transactions.
	NoIDs bool
	// Path is the journal that outlives the process; empty keeps everything in memory.
	Path string
}

// Server is Smaregi: an http.Handler, safe for concurrent use.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu           sync.Mutex
	members      map[string]*Member
	transactions []Transaction
	journal      *sim.Journal
	tokens       map[string]grant
	spent        [2][]time.Time

	counting sync.Mutex
	requests map[string]int
	refused  map[int]int
}

// New opens a Smaregi, with what its journal holds.
func New(cfg Config) (*Server, error) {
	if cfg.Account == "" || cfg.ClientID == "" || cfg.ClientSecret == "" {
		return nil, errors.New("simulated Smaregi: the contract or its credentials are missing")
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.TokenLife <= 0 {
		cfg.TokenLife = time.Hour
	}
	if cfg.MostRows <= 0 {
		cfg.MostRows = fullPage
	}
	s := &Server{cfg: cfg, members: map[string]*Member{}, tokens: map[string]grant{}, requests: map[string]int{},
		refused: map[int]int{}}
	var err error
	if s.journal, err = sim.OpenJournal(cfg.Path, s.replay); err != nil {
		return nil, fmt.Errorf("simulated Smaregi: %w", err)
	}
	s.mux = s.routes()
	return s, nil
}

// Close closes the journal; it tells of a change that could not be written down.
func (s *Server) Close() error { return s.journal.Close() }

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /app/{contract}/token", s.token)
	api := "/{contract}/pos/"
	mux.HandleFunc("GET "+api+"customers/point", s.guarded(readMembers, s.balance))
	mux.HandleFunc("GET "+api+"customers/{id}", s.guarded(readMembers, s.member))
	mux.HandleFunc("POST "+api+"customers/{id}/point/add", s.guarded(writeMembers, s.add))
	mux.HandleFunc("GET "+api+"transactions", s.guarded(readTransactions, s.list))
	mux.HandleFunc("GET /_sim/members", s.own(s.listMembers))
	mux.HandleFunc("GET /_sim/transactions", s.own(s.listTransactions))
	if s.cfg.Faults != nil {
		mux.HandleFunc("/_sim/faults", s.own(s.cfg.Faults.Handler().ServeHTTP))
	}
	return mux
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// own lets in whoever has the app's credentials: what stands below /_sim/ is the simulator's own.
func (s *Server) own(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.isApp(r) {
			s.refuse(w, http.StatusUnauthorized, "")
			return
		}
		next(w, r)
	}
}

func (s *Server) isApp(r *http.Request) bool {
	id, secret, _ := r.BasicAuth()
	return subtle.ConstantTimeCompare([]byte(id+":"+secret), []byte(s.cfg.ClientID+":"+s.cfg.ClientSecret)) == 1
}

// Requests counts the requests per act, refused ones too.
func (s *Server) Requests() map[string]int {
	s.counting.Lock()
	defer s.counting.Unlock()
	return maps.Clone(s.requests)
}

// Refused counts the refusals per status.
func (s *Server) Refused() map[int]int {
	s.counting.Lock()
	defer s.counting.Unlock()
	return maps.Clone(s.refused)
}

// begin counts a request and lets the act's delay pass. It comes after the body was read, because only then does the
// server notice a caller who gives up.
func (s *Server) begin(r *http.Request, act string) {
	s.counting.Lock()
	s.requests[act]++
	s.counting.Unlock()
	s.cfg.Faults.Begin(r.Context(), act)
}

// fault answers as a rule says, in Smaregi's words where the rule leaves them to it.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, rule sim.Rule) {
	if rule.Answer(w, r) {
		return
	}
	if rule.RetryAfter != "" {
		w.Header().Set("Retry-After", rule.RetryAfter)
	}
	switch rule.Mode {
	case sim.Refuse:
		s.refuse(w, http.StatusBadRequest, rule.Reason)
	case sim.Throttle:
		s.refuse(w, http.StatusTooManyRequests, "")
	default:
		s.refuse(w, http.StatusInternalServerError, "")
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
