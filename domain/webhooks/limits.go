package webhooks

import (
	"sync"
	"time"

	"pointbridge/domain"
)

// The most bytes that a body may have. Orders may come whole, with thousands of lines, where a subscription does not
// thin them; the others are small by nature, but that a redaction lists all the orders of a customer.
const (
	kib           = 1 << 10
	maxOrder      = 2048 * kib
	maxOrderPart  = 512 * kib
	maxCompliance = 256 * kib
	maxOther      = 64 * kib
	maxIDs        = 4 * kib
)

// MaxBody is the most bytes that a body of the topic may have.
func (t Topic) MaxBody() int64 {
	switch t {
	case OrdersCreate, OrdersUpdated, OrdersCancelled:
		return maxOrder
	case OrdersEdited, RefundsCreate:
		return maxOrderPart
	case DataRequest, CustomersRedact:
		return maxCompliance
	case OrdersDelete, ShopRedact:
		return maxIDs
	default:
		return maxOther
	}
}

// ofShopPerMinute is for the two topics about the whole shop, which come once in its life.
const ofShopPerMinute = 10

// perMinute is how many deliveries of the topic are taken in a minute, where general is the figure for most.
func (t Topic) perMinute(general int) int {
	if t == AppUninstalled || t == ShopRedact {
		return min(ofShopPerMinute, general)
	}
	return general
}

// flow counts the proved deliveries of each topic. A topic has a minute's worth at once at most, and gets more as time
// goes by. There are as many entries as topics.
type flow struct {
	mu   sync.Mutex
	left map[Topic]measure
}

type measure struct {
	room float64
	at   time.Time
}

// take counts one delivery, or tells how long to wait.
func (f *flow) take(topic Topic, perMinute int, now time.Time) (wait time.Duration, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == nil {
		f.left = map[Topic]measure{}
	}
	most, each := float64(perMinute), time.Minute/time.Duration(perMinute)
	m, known := f.left[topic]
	if !known {
		m = measure{room: most, at: now}
	}
	if past := now.Sub(m.at); past > 0 { // a clock that goes back gives nothing
		m.room, m.at = min(most, m.room+most*past.Minutes()), now
	}
	defer func() { f.left[topic] = m }()
	if m.room < 1 {
		return max(each, time.Second), false
	}
	m.room--
	return 0, true
}

// admit refuses what is more than a topic's share of a minute. The shop sends it again.
func (s *Service) admit(topic Topic, now time.Time) error {
	if wait, ok := s.flow.take(topic, topic.perMinute(s.PerMinute), now); !ok {
		return &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
	}
	return nil
}
