package staff

import (
	"context"
	"time"

	"pointbridge/domain"
)

// From is where somebody comes from.
type From struct {
	// Address is the client's network address, as far as proxies are believed.
	Address string
	// Agent is the browser's own description of itself, or the program's.
	Agent string
	// Browser is a text that this browser alone has, by which a new one is told of; empty for programs. Nothing is
	// proved by it.
	Browser string
	// Device names a device that has signed in as this very person before; it is empty for any other one, and for
	// programs. Whoever fills it in has proved it.
	Device string
	Locale string
}

// FromOf is where a person comes from who is signed in: they count for themselves, so that no stranger's failures keep
// them from what they are doing.
func FromOf(person domain.Staff) From { return From{Device: person.Caller().ID} }

func (f From) known() bool { return f.Device != "" }

// source stands for the device, or for the address where the device is not known.
func (f From) source() string {
	if f.known() {
		return digest("device " + f.Device)
	}
	return digest(f.Address)
}

// Attempt is one try at a password. E-mail and source are digests, so that an e-mail nobody has counts like any other.
type Attempt struct {
	Email, Source string
	At            time.Time
	// Window is how long a failure counts.
	Window time.Duration
	// PerPair is for one e-mail from one source. PerSource is for one source whatever the e-mail, and PerEmail for
	// one e-mail whatever the source; these two are nil for a known device, which nobody else's failures keep out.
	PerPair             Bound
	PerSource, PerEmail *Bound
}

// Bound lets Free failures pass. From then on the next attempt has to wait, First at the beginning and twice as long
// with each further failure, Most at most. So guessing gets slow, and nobody is shut out for good.
type Bound struct {
	Free        int
	First, Most time.Duration
}

// Wait tells how long it is until another attempt may be made: failures is how many count, and last when the latest
// was.
func (b Bound) Wait(failures int, last, now time.Time) time.Duration {
	if failures < b.Free || failures == 0 {
		return 0
	}
	delay := b.First
	for i := b.Free; i < failures && delay < b.Most; i++ {
		delay *= 2
	}
	return max(0, last.Add(min(delay, b.Most)).Sub(now))
}

// Counted is how many failures make a difference to Wait; a store need not look at more.
func (b Bound) Counted() int {
	n := b.Free
	for delay := b.First; delay < b.Most && delay > 0; delay *= 2 {
		n++
	}
	return max(1, n)
}

// attempt says how often this attempt may have been made before.
func (s *Service) attempt(email string, from From) Attempt {
	window := s.limits.Window
	slow := func(free int) Bound { return Bound{Free: free, First: window / 30, Most: window} }
	a := Attempt{Email: digest(email), Source: from.source(), At: s.now(), Window: window,
		PerPair: slow(s.limits.PerEmail)}
	if !from.known() {
		perSource := slow(s.limits.PerAddress)
		a.PerSource, a.PerEmail = &perSource, &Bound{Free: s.limits.Everywhere, First: window / 90, Most: window / 15}
	}
	return a
}

// tried lets an attempt at a password through to compare. Cheap things come first: a place in the line, then the
// limits, and only then the wait for the memory that hashing takes. An attempt counts as a failure before it is looked
// at, so of many at once no more are looked at than may fail. Whoever hangs up keeps their place until then: otherwise
// failures could be written faster than passwords are hashed. Errors: rate_limited, and what compare says.
func (s *Service) tried(
	ctx context.Context, email string, from From, compare func(ctx context.Context, attempt int64) error,
) error {
	leave, err := s.gate.enter(from.source(), from.known())
	if err != nil {
		return err
	}
	defer leave()
	attempt, err := s.counted(ctx, email, from)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	return s.gate.run(ctx, func() error { return compare(ctx, attempt) })
}

// counted writes an attempt down as a failure, which it is until it is forgiven. Errors: rate_limited, while one from
// there has to wait.
func (s *Service) counted(ctx context.Context, email string, from From) (int64, error) {
	attempt, wait, err := s.store.TrySignIn(ctx, s.attempt(email, from))
	if err != nil {
		return 0, err
	}
	if wait > 0 {
		return 0, &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
	}
	return attempt, nil
}
