package learn

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

// slow answers when it is let, and counts how often it was asked.
type slow struct {
	asked atomic.Int32
	began chan struct{}
	let   chan error
}

func newSlow() *slow { return &slow{began: make(chan struct{}, 100), let: make(chan error, 100)} }

func (s *slow) List(context.Context) ([]campaigns.Campaign, error) {
	s.asked.Add(1)
	s.began <- struct{}{}
	return []campaigns.Campaign{summer(decisions.Enforce)}, <-s.let
}

// TestOneQuestionServesAllWhoWaitForIt: a database that is slow is asked once, and nobody has to stay who wants to leave,
// neither the one who asked first nor those who came after.
func TestOneQuestionServesAllWhoWaitForIt(t *testing.T) {
	t.Parallel()
	db := newSlow()
	s := &Switch{Campaigns: db, Now: func() time.Time { return moment }}
	first, leave := context.WithCancel(t.Context())
	left := make(chan error, 2)
	go func() {
		_, err := s.On(first, "summer")
		left <- err
	}()
	<-db.began
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.On(impatient, "summer")
	expect.That(t, "who cannot wait leaves", errors.Is(err, context.Canceled), err)
	leave()
	expect.That(t, "who asked leaves", errors.Is(<-left, context.Canceled))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			on, err := s.On(t.Context(), "summer")
			expect.That(t, "the others are answered", on && err == nil, err)
		})
	}
	db.let <- nil
	all.Wait()
	expect.Equal(t, "questions", db.asked.Load(), 1)
}

// TestAnAnswerFromBeforeAChangeIsNotKept: and a question that fails is nobody's answer for longer than itself.
func TestAnAnswerFromBeforeAChangeIsNotKept(t *testing.T) {
	t.Parallel()
	db := newSlow()
	s := &Switch{Campaigns: db, Now: func() time.Time { return moment }}
	answered := make(chan error, 1)
	go func() {
		_, err := s.On(t.Context(), "summer")
		answered <- err
	}()
	<-db.began
	s.Forget()
	db.let <- nil
	expect.MustEqual(t, "err", <-answered, nil)
	db.let <- errors.New("the database is away")
	_, err := s.On(t.Context(), "summer")
	expect.That(t, "it is asked anew, and fails", err != nil)
	db.let <- nil
	on, err := s.On(t.Context(), "summer")
	expect.That(t, "it is asked once more", on && err == nil, err)
	expect.Equal(t, "questions", db.asked.Load(), 3)
}

// keyBook is what any process has told of its keys.
type keyBook struct {
	checks map[int]decisions.KeyCheck
	fails  error
}

func (k keyBook) KeyChecks(context.Context) (map[int]decisions.KeyCheck, error) {
	return k.checks, k.fails
}

// TestANewKeyIsKnownBeforeItIsUsed: while processes are started again with it, digests are made with the one of before;
// then a process without it decides nothing, a while before the others begin.
func TestANewKeyIsKnownBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	ring := func(keys ...byte) identity.Keyring {
		var all [][]byte
		for _, k := range keys {
			all = append(all, append(make([]byte, 31), k))
		}
		made, err := identity.NewKeyring(all...)
		expect.MustEqual(t, "err", err, nil)
		return made
	}
	both := ring(1, 2)
	known := func(ages ...time.Duration) keyBook {
		book := keyBook{checks: map[int]decisions.KeyCheck{}}
		for i, age := range ages {
			check, err := both.Check(i + 1)
			expect.MustEqual(t, "err", err, nil)
			book.checks[i+1] = decisions.KeyCheck{Check: check, Age: age}
		}
		return book
	}
	for name, tc := range map[string]struct {
		book KeyBook
		ring identity.Keyring
		want int
		code domain.Code
	}{
		"the first key, at once":                        {known(0), ring(1), 1, ""},
		"a new key, for who has it":                     {known(2*KeyGrace, KeyGrace-1), both, 1, ""},
		"a new key, for who has it not":                 {known(2*KeyGrace, KeyGrace-keyDoubt-1), ring(1), 1, ""},
		"a key that is about to be used, and is missed": {known(2*KeyGrace, KeyGrace-keyDoubt), ring(1), 0, domain.CodeUnavailable},
		"a key in use, for who has it":                  {known(2*KeyGrace, KeyGrace), both, 2, ""},
		"a key in use, for who has it not":              {known(2*KeyGrace, KeyGrace), ring(1), 0, domain.CodeUnavailable},
		"another key in the place of the first":         {known(0), ring(3), 0, domain.CodeUnavailable},
		"keys that were exchanged":                      {known(0, 0), ring(2, 1), 0, domain.CodeUnavailable},
		"a database that does not answer":               {keyBook{fails: domain.Refuse(domain.CodeBusy)}, both, 0, domain.CodeBusy},
	} {
		k := &Keys{Book: tc.book, Ring: tc.ring, Now: func() time.Time { return moment }}
		got, err := k.Current(t.Context())
		expect.Equal(t, "version", got, tc.want, name)
		expect.That(t, "the error", (err == nil) == (tc.code == "") && (err == nil || domain.CodeOf(err) == tc.code), name, err)
	}
}

// asker counts the questions, and refuses.
type asker struct{ asked int }

func (a *asker) Ask(context.Context, decisions.Question) (decisions.Decision, error) {
	a.asked++
	return decisions.Decision{Answer: decisions.Answer{Outcome: decisions.Refuse}}, nil
}

func (a *asker) Trial(ctx context.Context, q decisions.Question, _ *decisions.Policy) (decisions.Decision, error) {
	return a.Ask(ctx, q)
}

// TestWhatIsBelievedOfACampaignGivesNoCodeOut: who has just read that a campaign asks for decisions is not overruled by
// what was believed of it a moment ago, and the other way round.
func TestWhatIsBelievedOfACampaignGivesNoCodeOut(t *testing.T) {
	t.Parallel()
	for _, believed := range []decisions.Mode{decisions.Off, decisions.Enforce} {
		for _, read := range []bool{false, true} {
			a := &asker{}
			i := Issue{Switch: &Switch{Campaigns: lists{believed}, Now: func() time.Time { return moment }}, Asker: a}
			err := i.MayIssueCode(t.Context(), campaigns.Wish{Campaign: "summer", Protected: &read,
				Who: func(context.Context) (domain.Customer, error) { return domain.Customer{}, nil }})
			expect.Equal(t, "err", err, nil)
			expect.Equal(t, "asked", a.asked == 1, read)
		}
	}
}

type lists struct{ mode decisions.Mode }

func (l lists) List(context.Context) ([]campaigns.Campaign, error) {
	return []campaigns.Campaign{summer(l.mode)}, nil
}
