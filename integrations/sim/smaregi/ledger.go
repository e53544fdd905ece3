package smaregi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Kinds of transactions (取引区分).
const (
	sale    = "1"
	added   = "6"
	taken   = "7"
	expired = "8"
)

// Member is somebody with points. ExpireOn is the day after which all of them are gone (2006-01-02); empty for never.
type Member struct {
	ID       string    `json:"id"`
	Code     string    `json:"code"`
	Points   int64     `json:"points"`
	ExpireOn string    `json:"expire_on,omitempty"`
	Changed  time.Time `json:"changed"`
}

// Transaction is a line of the till's book, as far as points go.
type Transaction struct {
	ID       string    `json:"id"`
	Member   string    `json:"member"`
	Division string    `json:"division"`
	New      int64     `json:"new"`
	Spent    int64     `json:"spent"`
	Before   int64     `json:"before"`
	After    int64     `json:"after"`
	At       time.Time `json:"at"`
}

// record is one line of the journal: a member as they are now, or a transaction.
type record struct {
	Member      *Member      `json:"member,omitempty"`
	Transaction *Transaction `json:"transaction,omitempty"`
}

func (s *Server) replay(line []byte) error {
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	if r.Transaction != nil && s.members[r.Transaction.Member] == nil {
		return fmt.Errorf("transaction %s belongs to nobody", r.Transaction.ID)
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
	if r.Member != nil {
		m := *r.Member
		s.members[m.ID] = &m
	}
	if t := r.Transaction; t != nil {
		s.transactions = append(s.transactions, *t)
		s.members[t.Member].Points, s.members[t.Member].Changed = t.After, t.At
	}
}

// book writes a transaction down. The caller holds the lock.
func (s *Server) book(m *Member, division string, given, spent int64) (Transaction, error) {
	t := Transaction{ID: strconv.Itoa(len(s.transactions) + 1001), Member: m.ID, Division: division, New: given,
		Spent: spent, Before: m.Points, After: m.Points + given - spent, At: s.cfg.Clock()}
	return t, s.commit(record{Transaction: &t})
}

// lapse books out points whose day has passed, as Smaregi does whenever it looks at a member. The caller holds the
// lock.
func (s *Server) lapse(m *Member) (ids []string, err error) {
	if m.Points <= 0 || m.ExpireOn == "" || m.ExpireOn >= s.today() {
		return nil, nil
	}
	t, err := s.book(m, expired, 0, m.Points)
	return []string{t.ID}, err
}

func (s *Server) today() string { return s.cfg.Clock().In(japan).Format(time.DateOnly) }

// The ways in which a change is not made.
var (
	errNobody = errors.New("no such member")
	errTooFew = errors.New("too few points")
)

// move books a relative change, positive or negative, and gives the member after it and the transactions it made.
func (s *Server) move(id string, points int64, expireOn string) (Member, []string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[id]
	if m == nil {
		return Member{}, nil, errNobody
	}
	ids, err := s.lapse(m)
	if err != nil {
		return Member{}, nil, err
	}
	if m.Points+points < 0 {
		return Member{}, nil, errTooFew
	}
	if expireOn != "" {
		changed := *m
		changed.ExpireOn = expireOn
		if err := s.commit(record{Member: &changed}); err != nil {
			return Member{}, nil, err
		}
	}
	if points != 0 {
		division, given, spent := added, points, int64(0)
		if points < 0 {
			division, given, spent = taken, 0, -points
		}
		t, err := s.book(s.members[id], division, given, spent)
		if err != nil {
			return Member{}, nil, err
		}
		ids = append(ids, t.ID)
	}
	return *s.members[id], ids, nil
}

// AddMember makes a member known; one who is known already keeps their points.
func (s *Server) AddMember(m Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members[m.ID] == nil {
		m.Changed = s.cfg.Clock()
		_ = s.commit(record{Member: &m}) // Close tells of a journal that failed
	}
}

// AddCustomer makes a member known whose code stands on a card of theirs.
func (s *Server) AddCustomer(id, _ string, points int64) {
	s.AddMember(Member{ID: id, Code: "C" + id, Points: points})
}

// Change lets somebody at the till or in the management screens write a new code or day of expiry.
func (s *Server) Change(id string, change func(*Member)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members[id] == nil {
		return false
	}
	m := *s.members[id]
	change(&m)
	return s.commit(record{Member: &m}) == nil
}

// Sell books a sale at the till, which gives points and takes some. It gives false when the member is unknown or has
// too few.
func (s *Server) Sell(id string, given, spent int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[id]
	if m == nil || m.Points < spent {
		return false
	}
	_, err := s.book(m, sale, given, spent)
	return err == nil
}

// SellAtPOS moves points as a sale does: negative when they were spent.
func (s *Server) SellAtPOS(id string, points int64) bool {
	return s.Sell(id, max(points, 0), max(-points, 0))
}

// ByHand moves points as a clerk does in the management screens: the transaction looks like one of the API.
func (s *Server) ByHand(id string, points int64) bool {
	_, _, err := s.move(id, points, "")
	return err == nil
}

// Balance returns a member's points; false when nobody has this id.
func (s *Server) Balance(id string) (int64, bool) {
	m, ok := s.Member(id)
	return m.Points, ok
}

// Member returns a member; false when nobody has this id.
func (s *Server) Member(id string) (Member, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.members[id]; m != nil {
		return *m, true
	}
	return Member{}, false
}

// Transactions returns the whole book, oldest first.
func (s *Server) Transactions() []Transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.transactions)
}
