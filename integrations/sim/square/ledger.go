package square

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The kinds of events that are simulated, and who made them.
const (
	adjusted    = "ADJUST_POINTS"
	accumulated = "ACCUMULATE_POINTS"
	redeemed    = "CREATE_REWARD"
	atTheTill   = "SQUARE"
	byTheAPI    = "LOYALTY_API"
)

const program = "d619f755-2d17-41f3-990d-c04ecedd64dd"

// account is somebody with points.
type account struct {
	ID         string    `json:"id"`
	CustomerID string    `json:"customer_id,omitempty"`
	Phone      string    `json:"phone,omitempty"`
	Name       string    `json:"name"`
	Points     int64     `json:"points"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
}

// Event is one change of an account's points. Key is the idempotency key of a change that was asked for.
type Event struct {
	ID        string    `json:"id"`
	AccountID string    `json:"account_id"`
	Type      string    `json:"type"`
	Source    string    `json:"source"`
	Points    int64     `json:"points"`
	Reason    string    `json:"reason,omitempty"`
	Key       string    `json:"key,omitempty"`
	Negative  bool      `json:"negative,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Reference is what stands in brackets at the end of the reason.
func (e Event) Reference() string { return referenceIn(e.Reason) }

var bracketed = regexp.MustCompile(`\[([^\[\]]+)\]$`)

func referenceIn(reason string) string {
	if found := bracketed.FindStringSubmatch(reason); found != nil {
		return found[1]
	}
	return ""
}

// record is one line of the journal: a new account, an event, that the keys were forgotten, or that what an account was
// known by passed on.
type record struct {
	Account    *account `json:"account,omitempty"`
	Event      *Event   `json:"event,omitempty"`
	ForgetKeys bool     `json:"forget_keys,omitempty"`
	PassedOn   string   `json:"passed_on,omitempty"`
}

func (s *Server) replay(line []byte) error {
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	if r.Event != nil && s.accountOf(r.Event.AccountID) == nil {
		return fmt.Errorf("event %s belongs to nobody", r.Event.ID)
	}
	s.apply(r)
	return nil
}

// commit writes a change down and only then lets it happen. The caller holds the lock.
func (s *Server) commit(r record) error {
	if err := s.journal.Append(r); err != nil {
		return err
	}
	s.apply(r)
	return nil
}

func (s *Server) apply(r record) {
	switch {
	case r.Account != nil:
		a := *r.Account
		s.accounts = append(s.accounts, &a)
	case r.Event != nil:
		e := *r.Event
		if e.Key != "" {
			s.byKey[e.Key] = len(s.events)
		}
		s.events = append(s.events, e)
		a := s.accountOf(e.AccountID)
		a.Points, a.UpdatedAt = a.Points+e.Points, e.CreatedAt
	case r.PassedOn != "":
		if a := s.accountOf(r.PassedOn); a != nil {
			a.Phone, a.CustomerID = "", ""
		}
	case r.ForgetKeys:
		clear(s.byKey)
	}
}

func (s *Server) accountOf(id string) *account {
	for _, a := range s.accounts {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// decide books an adjustment once per key, or says why not. A refusal leaves no trace, so that the same request may
// succeed later. The error is the journal's: nothing was booked.
func (s *Server) decide(wish Event) (Event, *refusal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, known := s.byKey[wish.Key]; known {
		first := s.events[i]
		if first.AccountID != wish.AccountID || first.Points != wish.Points || first.Reason != wish.Reason ||
			first.Negative != wish.Negative {
			return Event{}, &refusal{code: "IDEMPOTENCY_KEY_REUSED", field: "idempotency_key",
				detail: "The idempotency key was used with other parameters."}, nil
		}
		return first, nil, nil
	}
	a := s.accountOf(wish.AccountID)
	if a == nil {
		return Event{}, &refusal{code: "NOT_FOUND", detail: "The loyalty account was not found."}, nil
	}
	if wish.Points < 0 && a.Points+wish.Points < 0 && !wish.Negative {
		return Event{}, &refusal{code: "BAD_REQUEST", detail: "The points cannot be adjusted."}, nil
	}
	e, err := s.book(wish)
	return e, nil, err
}

// book makes an event. The caller holds the lock.
func (s *Server) book(e Event) (Event, error) {
	e.ID, e.CreatedAt = madeID(0xe, len(s.events)+1), s.now()
	return e, s.commit(record{Event: &e})
}

func (s *Server) now() time.Time { return s.cfg.Clock().UTC().Truncate(time.Millisecond) }

func madeID(kind, n int) string { return fmt.Sprintf("%07x%x-0000-4000-8000-%012x", 0, kind, n) }

var (
	phoneForm   = regexp.MustCompile(`^\+?[1-9][0-9]{7,14}$`)
	accountForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// AddCustomer opens a loyalty account and gives its id: under that id where it has the form of one, else for the phone
// number or Square's customer of that id. Who has an account keeps it, and the points. When the journal fails nothing
// is opened, and Close tells why.
func (s *Server) AddCustomer(id, name string, points int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.member(id); a != nil {
		return a.ID
	}
	a := &account{ID: madeID(0xa, len(s.accounts)+1), Name: name, Points: points, CreatedAt: s.now(), UpdatedAt: s.now()}
	switch {
	case accountForm.MatchString(id):
		a.ID = id
	case phoneForm.MatchString(id):
		a.Phone = "+" + strings.TrimPrefix(id, "+")
	default:
		a.CustomerID = id
	}
	_ = s.commit(record{Account: a})
	return a.ID
}

// member finds the account of a member by any of the ids that AddCustomer takes.
func (s *Server) member(id string) *account {
	for _, a := range s.accounts {
		if id != "" && (a.ID == id || a.CustomerID == id || a.Phone == "+"+strings.TrimPrefix(id, "+")) {
			return a
		}
	}
	return nil
}

// SellAtPOS moves points as a sale at the till does, without anybody's request: negative when a reward was taken. It
// gives false when the member is unknown or has too few.
func (s *Server) SellAtPOS(id string, points int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.member(id)
	if a == nil || a.Points+points < 0 {
		return false
	}
	kind := accumulated
	if points < 0 {
		kind = redeemed
	}
	_, err := s.book(Event{AccountID: a.ID, Type: kind, Source: atTheTill, Points: points})
	return err == nil
}

// AdjustByHand is somebody at the till who corrects a balance, below zero too. It gives false when nobody has this id.
func (s *Server) AdjustByHand(id string, points int64, reason string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.member(id)
	if a == nil {
		return false
	}
	_, err := s.book(Event{AccountID: a.ID, Type: adjusted, Source: atTheTill, Points: points, Reason: reason})
	return err == nil
}

// PassOn gives the phone number, or Square's customer, of an account to a new account with these points, as a seller can.
// It gives both accounts' ids.
func (s *Server) PassOn(id string, points int64) (from, to string) {
	s.mu.Lock()
	if a := s.member(id); a != nil && a.ID != id {
		from = a.ID
		_ = s.commit(record{PassedOn: from}) // Close tells of a journal that failed
	}
	s.mu.Unlock()
	return from, s.AddCustomer(id, "", points)
}

// ForgetKeys is what happens once Square's time for idempotency keys is over, which it does not tell.
func (s *Server) ForgetKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.commit(record{ForgetKeys: true})
}

// Balance returns a member's points; false when nobody has this id.
func (s *Server) Balance(id string) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.member(id); a != nil {
		return a.Points, true
	}
	return 0, false
}

// AllEntries returns everybody's events, oldest first.
func (s *Server) AllEntries() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}
