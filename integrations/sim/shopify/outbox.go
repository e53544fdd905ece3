package shopify

import (
	"slices"
	"time"
)

// DeliveryState says what became of a webhook.
type DeliveryState string

// The states. A waiting webhook is sent as soon as its time has come; a held one waits until it is let go.
const (
	Waiting   DeliveryState = "waiting"
	Held      DeliveryState = "held"
	Delivered DeliveryState = "delivered"
	Lost      DeliveryState = "lost"
	GivenUp   DeliveryState = "given_up"
)

// Delivery is one webhook for one address: what was owed at the time of the event, and what became of it.
type Delivery struct {
	// N counts the deliveries from 1 on, in the order of the events.
	N     int64         `json:"n"`
	State DeliveryState `json:"state"`
	// Topic is as the header has it ("orders/create").
	Topic string `json:"topic"`
	URI   string `json:"uri"`
	// Subscription is zero for the compliance topics, which nobody subscribes to.
	Subscription int64     `json:"subscription,omitempty"`
	WebhookID    string    `json:"webhook_id"`
	EventID      string    `json:"event_id"`
	TriggeredAt  time.Time `json:"triggered_at"`
	// Body is sent byte for byte, at every attempt.
	Body string `json:"body,omitempty"`
	// NotBefore is when a waiting one is sent; Copies is how often it has yet to be taken.
	NotBefore time.Time `json:"not_before"`
	Copies    int       `json:"copies"`
	Attempts  int       `json:"attempts"`
	Failures  int       `json:"failures"`
	// Status and Fault are the last attempt's; Status is zero when there was no answer.
	Status int        `json:"status,omitempty"`
	Fault  string     `json:"fault,omitempty"`
	LastAt *time.Time `json:"last_at,omitempty"`
}

func (d Delivery) owed() bool { return d.State == Waiting || d.State == Held }

// Switches make deliveries go as badly as the vendor's may. They hold for events from now on, except Reversed, which
// holds for whatever is sent.
type Switches struct {
	// Late keeps webhooks back: for LateFor, or until they are let go when that is zero.
	Late    bool          `json:"late"`
	LateFor time.Duration `json:"late_for_ns,omitempty"`
	// Twice sends each one a second time, with the same webhook id.
	Twice bool `json:"twice"`
	// Reversed sends what is due at the same time newest first.
	Reversed bool `json:"reversed"`
	// Lost never sends them.
	Lost bool `json:"lost"`
	// Topics narrows Late, Twice and Lost to some topics ("orders/cancelled"); none means all.
	Topics []string `json:"topics,omitempty"`
}

// keptDeliveries is how many that are done with stay in the log.
const keptDeliveries = 200

// outbox is what is owed and the log of what was done, by number. It is guarded by the state's lock.
type outbox struct {
	last       int64
	deliveries map[int64]*Delivery
	order      []int64 // ascending
	done       int
	switches   Switches
}

// put stores a delivery, or its next state: that comes without the body, which never changes.
func (o *outbox) put(d Delivery) {
	old, known := o.deliveries[d.N]
	switch {
	case !known:
		o.order = append(o.order, d.N)
	case d.Body == "":
		d.Body = old.Body
	}
	if !d.owed() && (!known || old.owed()) {
		o.done++
	}
	o.last = max(o.last, d.N)
	o.deliveries[d.N] = &d
	if o.done > keptDeliveries {
		o.forget()
	}
}

// forget drops the oldest delivery that is done with.
func (o *outbox) forget() {
	i := slices.IndexFunc(o.order, func(n int64) bool { return !o.deliveries[n].owed() })
	if i < 0 {
		return
	}
	delete(o.deliveries, o.order[i])
	o.order = slices.Delete(o.order, i, i+1)
	o.done--
}

// due are the deliveries whose time has come, in the order in which they are sent.
func (o *outbox) due(now time.Time) []Delivery {
	var list []Delivery
	for _, n := range o.order {
		if d := o.deliveries[n]; d.State == Waiting && !now.Before(d.NotBefore) {
			list = append(list, *d)
		}
	}
	if o.switches.Reversed {
		slices.Reverse(list)
	}
	return list
}

// next is when something is due; false when nothing waits.
func (o *outbox) next() (at time.Time, ok bool) {
	for _, n := range o.order {
		if d := o.deliveries[n]; d.State == Waiting && (!ok || d.NotBefore.Before(at)) {
			at, ok = d.NotBefore, true
		}
	}
	return at, ok
}

// Deliveries are what is owed and the log of what was done, newest first.
func (s *Server) Deliveries() []Delivery {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	list := make([]Delivery, 0, len(s.state.outbox.order))
	for _, n := range slices.Backward(s.state.outbox.order) {
		list = append(list, *s.state.outbox.deliveries[n])
	}
	return list
}

// Switches are how deliveries go at present.
func (s *Server) Switches() Switches {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	return s.state.outbox.switches
}

// Switch changes how deliveries go. What is held stays held until Flush.
func (s *Server) Switch(to Switches) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	to.Topics = slices.Clone(to.Topics)
	return s.commit("", record{Switches: &to})
}
