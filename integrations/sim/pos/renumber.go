package pos

import (
	"encoding/json"
	"errors"
	"net/http"
)

// renamed is a member who got another number: points and history go with them, and the old number is nobody's.
type renamed struct {
	From string `json:"from"`
	To   string `json:"to"`
}

var errNumber = errors.New("simulated POS: the number is nobody's, or the new one is taken")

// Renumber gives a member another number, as a POS does when somebody gets a new card.
func (s *Server) Renumber(from, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members[from] == nil || s.members[to] != nil || to == "" {
		return errNumber
	}
	return s.commit(record{Renamed: &renamed{from, to}})
}

func (s *Server) rename(r renamed) {
	member := s.members[r.From]
	delete(s.members, r.From)
	member.ID = r.To
	s.members[r.To] = member
	s.byMember[r.To] = s.byMember[r.From]
	delete(s.byMember, r.From)
	for _, i := range s.byMember[r.To] {
		e := &s.entries[i]
		if old := (reference{r.From, e.Reference}); e.Reference != "" {
			s.byRef[reference{r.To, e.Reference}] = s.byRef[old]
			delete(s.byRef, old)
		}
		e.CustomerID = r.To
	}
}

// renumber is what people of the demo do at the counter: POST /_sim/customers/{id}/number {"to": "…"}.
func (s *Server) renumber(w http.ResponseWriter, r *http.Request) {
	var body struct {
		To string `json:"to"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&body)
	if err == nil {
		err = s.Renumber(r.PathValue("id"), body.To)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
