package pos

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Member is somebody with points.
type Member struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Points int64  `json:"points"`
}

// Entry is one line of a member's history, as it is answered and as it is written down. Amount is negative when points
// were taken; Balance and NewBalance are the same figure under the contract's two names. A sale at the POS has no
// reference.
type Entry struct {
	ID               string    `json:"entry_id"`
	CustomerID       string    `json:"customer_id"`
	Amount           int64     `json:"amount"`
	PreviousBalance  int64     `json:"previous_balance"`
	Balance          int64     `json:"balance"`
	NewBalance       int64     `json:"new_balance"`
	Reason           string    `json:"reason"`
	Reference        string    `json:"reference,omitempty"`
	RelatedReference string    `json:"related_reference,omitempty"`
	CreatedAt        time.Time `json:"created_at"`
}

// reference is unique per customer, not over all of them.
type reference struct{ customer, text string }

// move is a wish to book points; they are signed.
type move struct {
	customer, key              string
	points                     int64
	reason, reference, related string
}

// means reports whether an entry is what this move asks for.
func (m move) means(e Entry) bool {
	return e.CustomerID == m.customer && e.Amount == m.points && e.Reason == m.reason && e.Reference == m.reference &&
		e.RelatedReference == m.related
}

// record is one line of the journal: a new member, a new number, or an entry with the key it was asked for under.
type record struct {
	Member  *Member  `json:"member,omitempty"`
	Renamed *renamed `json:"renamed,omitempty"`
	Entry   *Entry   `json:"entry,omitempty"`
	Key     string   `json:"key,omitempty"`
}

func (s *Server) replay(line []byte) error {
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	if r.Entry != nil && s.members[r.Entry.CustomerID] == nil {
		return fmt.Errorf("entry %s belongs to nobody", r.Entry.ID)
	}
	if r.Renamed != nil && s.members[r.Renamed.From] == nil {
		return errNumber
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
	if r.Renamed != nil {
		s.rename(*r.Renamed)
	}
	if r.Entry == nil {
		return
	}
	e, i := *r.Entry, len(s.entries)
	s.entries = append(s.entries, e)
	s.byMember[e.CustomerID] = append(s.byMember[e.CustomerID], i)
	if e.Reference != "" {
		ref := reference{e.CustomerID, e.Reference}
		s.byRef[ref] = append(s.byRef[ref], i)
	}
	if r.Key != "" {
		s.byKey[r.Key] = i
	}
	s.members[e.CustomerID].Points = e.Balance
}

// decide books a move once per key and reference, or says why not. A refusal leaves no trace, so the same request may
// succeed later. Replayed is true when the entry was there before. The error is the journal's: nothing was booked.
func (s *Server) decide(m move) (e Entry, replayed bool, no *refusal, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	member := s.members[m.customer]
	if member == nil {
		return e, false, &refusal{code: "customer_not_found"}, nil
	}
	if i, known := s.byKey[m.key]; known && !s.cfg.IgnoreKeys {
		return s.again(m, i, "idempotency_key_reused")
	}
	if found := s.byRef[reference{m.customer, m.reference}]; len(found) > 0 && !s.cfg.IgnoreReferences {
		return s.again(m, found[0], "reference_reused")
	}
	if member.Points+m.points < 0 {
		return e, false, insufficient(member.Points, -m.points, m.reference), nil
	}
	e, err = s.book(member, m)
	return e, false, nil, err
}

// again answers a request that was made before, if it is the same one.
func (s *Server) again(m move, i int, otherwise string) (Entry, bool, *refusal, error) {
	if e := s.entries[i]; m.means(e) {
		return e, true, nil, nil
	}
	return Entry{}, false, &refusal{code: otherwise}, nil
}

// book makes an entry. The caller holds the lock.
func (s *Server) book(member *Member, m move) (Entry, error) {
	e := Entry{ID: "e" + strconv.Itoa(len(s.entries)+1), CustomerID: member.ID, Amount: m.points,
		PreviousBalance: member.Points, Balance: member.Points + m.points, NewBalance: member.Points + m.points,
		Reason: m.reason, Reference: m.reference, RelatedReference: m.related,
		CreatedAt: s.cfg.Clock().UTC().Truncate(time.Millisecond)}
	return e, s.commit(record{Entry: &e, Key: m.key})
}

// AddCustomer makes a member known; one who is known already keeps their points. When the journal fails nobody is
// added, and Close tells why.
func (s *Server) AddCustomer(id, name string, points int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members[id] == nil {
		_ = s.commit(record{Member: &Member{ID: id, Name: name, Points: points}})
	}
}

// SellAtPOS moves points as a sale at the POS does, without anybody's request: negative when points were spent. It
// gives false when the member is unknown or has too few.
func (s *Server) SellAtPOS(id string, points int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	member := s.members[id]
	if member == nil || member.Points+points < 0 {
		return false
	}
	_, err := s.book(member, move{points: points, reason: "Sale"})
	return err == nil
}

// Balance returns a member's points; false when nobody has this id.
func (s *Server) Balance(id string) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if member := s.members[id]; member != nil {
		return member.Points, true
	}
	return 0, false
}

// Entries returns a member's history, oldest first.
func (s *Server) Entries(id string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Entry, 0, len(s.byMember[id]))
	for _, i := range s.byMember[id] {
		list = append(list, s.entries[i])
	}
	return list
}

// AllEntries returns everybody's history, oldest first.
func (s *Server) AllEntries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}
