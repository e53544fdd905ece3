package smaregi

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The scopes that calls need.
const (
	readMembers      = "pos.customers:read"
	writeMembers     = "pos.customers:write"
	readTransactions = "pos.transactions:read"
)

// grant is what a token stands for.
type grant struct {
	scopes []string
	until  time.Time
}

type tokenAnswer struct {
	Scope       string `json:"scope"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
	AccessToken string `json:"access_token"`
}

// token grants one to the app. It speaks OAuth (RFC 6749) and not problem+json.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	const act = "pos.token"
	r.Body = http.MaxBytesReader(w, r.Body, mostBody)
	formed := r.ParseForm() == nil &&
		strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	s.begin(r, act)
	if !s.affords(w, write) || s.readFault(w, r, act, s.cfg.ClientID) {
		return
	}
	if r.PathValue("contract") != s.cfg.Account || !s.isApp(r) {
		w.Header().Set("WWW-Authenticate", "Basic")
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	if !formed || r.PostForm.Get("grant_type") != "client_credentials" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
		return
	}
	scope := r.PostForm.Get("scope")
	value := rand.Text()
	s.mu.Lock()
	s.tokens[value] = grant{strings.Fields(scope), s.cfg.Clock().Add(s.cfg.TokenLife)}
	s.mu.Unlock()
	s.cfg.Faults.End(act)
	answer(w, http.StatusOK, tokenAnswer{scope, "Bearer", int(s.cfg.TokenLife.Seconds()), value})
}

// RevokeTokens makes every token that was granted worthless before its time.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// guarded checks the limit, the token, its scope and the contract before anything else.
func (s *Server) guarded(scope string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		kind := read
		if r.Method != http.MethodGet {
			kind = write
		}
		if !s.affords(w, kind) {
			return
		}
		value, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.mu.Lock()
		held, known := s.tokens[value]
		s.mu.Unlock()
		switch {
		case !bearer || !known || !s.cfg.Clock().Before(held.until) || r.PathValue("contract") != s.cfg.Account:
			w.Header().Set("WWW-Authenticate", "Bearer")
			s.refuse(w, http.StatusUnauthorized, "")
		case !slices.Contains(held.scopes, scope):
			s.refuse(w, http.StatusForbidden, "")
		default:
			next(w, r)
		}
	}
}

// The two kinds of request that are counted apart.
const (
	read = iota
	write
)

// affords counts a request against the limit of its kind; one too many is answered.
func (s *Server) affords(w http.ResponseWriter, kind int) bool {
	most := [2]int{s.cfg.ReadsPerSecond, s.cfg.WritesPerSecond}[kind]
	if most == 0 {
		return true
	}
	s.mu.Lock()
	now := s.cfg.Clock()
	s.spent[kind] = slices.DeleteFunc(s.spent[kind], func(at time.Time) bool { return now.Sub(at) >= time.Second })
	over := len(s.spent[kind]) >= most
	if !over {
		s.spent[kind] = append(s.spent[kind], now)
	}
	s.mu.Unlock()
	if over {
		w.Header().Set("Retry-After", strconv.Itoa(1))
		s.refuse(w, http.StatusTooManyRequests, "")
	}
	return !over
}
