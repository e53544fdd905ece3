// Package sim is what the simulated outside has in common: being told to fail.
//
// A simulator names each thing it does (an act, such as "pos.deduct") and asks Faults what should go wrong with it. The
// same switch serves tests in the process and, over HTTP, tests of another process.
package sim

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"
)

// Mode says how an act goes wrong.
type Mode string

// The modes. The simulator itself words Refuse, Internal and Throttle as its vendor does.
const (
	// Refuse: not applied, with the vendor's refusal named by Rule.Reason.
	Refuse Mode = "refuse"
	// Throttle: not applied, with the vendor's own way of saying "slow down".
	Throttle Mode = "throttle"
	// Internal and InternalAfter: the vendor's internal error, before or after the act was applied.
	Internal      Mode = "internal"
	InternalAfter Mode = "internal_after"
	// Status and StatusAfter: a bare HTTP status, before or after the act was applied.
	Status      Mode = "status"
	StatusAfter Mode = "status_after"
	// DropBefore and LoseAnswer: the connection is closed without an answer, before or after.
	DropBefore Mode = "drop_before"
	LoseAnswer Mode = "lose_answer"
	// BrokenAnswer: applied, answered with 200 and something that makes no sense.
	BrokenAnswer Mode = "broken_answer"
	// Hang and HangAfter: no answer until the caller gives up, before or after.
	Hang      Mode = "hang"
	HangAfter Mode = "hang_after"
)

// applied reports whether the act takes effect in this mode.
func (m Mode) applied() bool {
	switch m {
	case InternalAfter, StatusAfter, LoseAnswer, BrokenAnswer, HangAfter:
		return true
	case Refuse, Throttle, Internal, Status, DropBefore, Hang:
		return false
	default:
		return false
	}
}

// known tells a mode from a misspelt one.
func (m Mode) known() bool {
	switch m {
	case Refuse, Throttle, Internal, InternalAfter, Status, StatusAfter, DropBefore, LoseAnswer, BrokenAnswer, Hang,
		HangAfter:
		return true
	default:
		return false
	}
}

// Applied reports whether an act that falls under the rule takes effect all the same.
func (r Rule) Applied() bool { return r.Mode.applied() }

// Rule makes acts of one name go wrong.
type Rule struct {
	Act  string `json:"act"`
	Mode Mode   `json:"mode"`
	// Count is how often; negative means always, zero once.
	Count int `json:"count"`
	// Code is the status of Status and StatusAfter, of HTTP or of SMTP; zero means the simulator's usual one (HTTP:
	// 503).
	Code int `json:"status"`
	// RetryAfter is sent as it stands; empty sends none.
	RetryAfter string `json:"retry_after"`
	// Reason is the vendor's own code for Refuse.
	Reason string `json:"reason"`
	// Match narrows the rule to subjects (a customer, a reference, a code); nil means all.
	Match func(subject string) bool `json:"-"`
}

// Phase is where in an act a hook is called.
type Phase string

// The phases: before the act takes effect, and after it did and before the answer leaves.
const (
	Before Phase = "before"
	After  Phase = "after"
)

// Faults holds the rules, delays and hooks of a simulator. The zero value makes nothing go wrong; a nil *Faults too.
type Faults struct {
	mu     sync.Mutex
	rules  []*Rule
	delays map[string]time.Duration
	hook   func(act string, phase Phase)
}

// Add queues a rule. Of several that fit, the oldest is used up first.
func (f *Faults) Add(r Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Count == 0 {
		r.Count = 1
	}
	f.rules = append(f.rules, &r)
}

// Clear forgets all rules and delays.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.delays = nil, nil
}

// SetDelay makes every act of this name take longer.
func (f *Faults) SetDelay(act string, d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.delays == nil {
		f.delays = map[string]time.Duration{}
	}
	f.delays[act] = d
}

// OnAct calls hook before and after each act.
func (f *Faults) OnAct(hook func(act string, phase Phase)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = hook
}

// Take returns the rule for this act and uses it up once; ok is false when nothing is to go wrong.
func (f *Faults) Take(act, subject string) (rule Rule, ok bool) {
	if f == nil {
		return Rule{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, r := range f.rules {
		if r.Act != act || (r.Match != nil && !r.Match(subject)) {
			continue
		}
		if r.Count > 0 {
			if r.Count--; r.Count == 0 {
				f.rules = append(f.rules[:i:i], f.rules[i+1:]...)
			}
		}
		return *r, true
	}
	return Rule{}, false
}

// Begin calls the hook and lets the act's delay pass, or the caller give up.
func (f *Faults) Begin(ctx context.Context, act string) {
	if f == nil {
		return
	}
	f.mu.Lock()
	hook, delay := f.hook, f.delays[act]
	f.mu.Unlock()
	if hook != nil {
		hook(act, Before)
	}
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// End calls the hook once an act was carried out, and before its answer leaves.
func (f *Faults) End(act string) {
	if f == nil {
		return
	}
	f.mu.Lock()
	hook := f.hook
	f.mu.Unlock()
	if hook != nil {
		hook(act, After)
	}
}

// Answer does what a rule says about the answer, once the act was applied or not. It gives false for the modes that the
// vendor words itself (Refuse, Throttle, Internal, InternalAfter): the simulator writes those.
func (r Rule) Answer(w http.ResponseWriter, req *http.Request) bool {
	switch r.Mode {
	case Status, StatusAfter:
		if r.RetryAfter != "" {
			w.Header().Set("Retry-After", r.RetryAfter)
		}
		w.WriteHeader(cmp.Or(r.Code, http.StatusServiceUnavailable))
	case DropBefore, LoseAnswer:
		drop(w)
	case BrokenAnswer:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"data": {"half an ans`))
	case Hang, HangAfter:
		<-req.Context().Done()
		drop(w)
	case Refuse, Throttle, Internal, InternalAfter:
		return false
	default:
		return false
	}
	return true
}

// drop closes the connection without a byte of answer.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close()
}
