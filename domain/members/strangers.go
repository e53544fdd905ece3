package members

import (
	"sync"
	"time"
)

const (
	// strangerFor is how long a customer of the shop is taken for nobody's member after the shop was asked.
	strangerFor = time.Minute
	// strangersMost bounds how many are remembered; when there are more, all are forgotten, and the shop is asked
	// again.
	strangersMost = 10_000
)

// strangers are customers of the shop who are no members, as the shop said a moment ago: any shopper can open the page
// any number of times, and each look-up is a call that members' coupons wait for. A link is found in our own database
// before anybody is looked up here, so it counts at once.
type strangers struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (s *strangers) has(gid string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.until[gid])
}

func (s *strangers) note(gid string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil || len(s.until) >= strangersMost {
		s.until = map[string]time.Time{}
	}
	s.until[gid] = now.Add(strangerFor)
}

func (s *strangers) forget(gid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.until, gid)
}

// CustomerChanged is told that something about a customer of the shop is otherwise: the shop may say now which member
// they are.
func (s *Service) CustomerChanged(shopCustomerGID string) {
	s.strangers.forget(shopCustomerGID)
}
