package postest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

func spoiltAnswers(t *testing.T, open Open) {
	for _, what := range spoilt() {
		for _, what.booked = range []bool{false, true} {
			for _, kind := range []domain.MovementKind{domain.Take, domain.GiveBack} {
				spoiltAnswer(t, open.bed(t), what, kind)
			}
		}
	}
}

func (b bed) movement(kind domain.MovementKind) domain.Movement {
	if kind == domain.Take {
		return b.take()
	}
	return b.give()
}

func spoiltAnswer(t *testing.T, b bed, what fault, kind domain.MovementKind) {
	t.Helper()
	m, start := b.movement(kind), b.Points(b.Member)
	b.front.once(b.Moves, what)
	if e, err := b.send(t.Context(), m); err == nil || domain.KindOf(err) != domain.KindUnknown {
		t.Errorf("%s of a %s (booked: %t) is taken for %+v, %v", what.name, kind, what.booked, e, err)
		return
	} else if strings.Contains(err.Error(), b.Member) || strings.Contains(err.Error(), m.Key) {
		t.Errorf("%s of a %s tells too much: %v", what.name, kind, err)
	}
	if b.front.wasFollowed() {
		t.Errorf("%s of a %s was followed", what.name, kind)
	}
	want := start
	if what.booked {
		want += signed(m)
	}
	if now := b.Points(b.Member); now != want {
		t.Errorf("%s of a %s (booked: %t): there are %d points, want %d", what.name, kind, what.booked, now, want)
	}
	b.settles(t, what, m, start)
}

// settles finds out what became of a movement, in each way that the POS promises.
func (b bed) settles(t *testing.T, what fault, m domain.Movement, start int64) {
	t.Helper()
	var got coupons.Entry
	var err error
	switch b.Capabilities.Lookup {
	case coupons.LookupExact, coupons.LookupScan:
		got, err = b.Ledger.Find(t.Context(), m)
		found := err == nil && got.Points == signed(m)
		if found != what.booked || !what.booked && domain.KindOf(err) != domain.KindNotFound {
			t.Errorf("%s of a %s (booked: %t): the look-up says %+v, %v", what.name, m.Kind, what.booked, got, err)
		}
	case coupons.LookupAmount:
		list, err := b.entries(t)
		if booked := len(list) == 1 && list[0].Points == signed(m); err != nil || booked != what.booked || len(list) > 1 {
			t.Errorf("%s of a %s (booked: %t): the history says %+v, %v", what.name, m.Kind, what.booked, list, err)
		}
	case coupons.LookupNone:
	}
	if !b.Capabilities.Replay {
		return
	}
	if got, err = b.send(t.Context(), m); err != nil || got.Points != signed(m) || b.Points(b.Member) != start+signed(m) {
		t.Errorf("%s of a %s (booked: %t), sent again: %+v, %v, and %d points of %d", what.name, m.Kind, what.booked, got,
			err, b.Points(b.Member), start)
	}
}

// entries lists what was booked of the member since the till was opened; what its past holds is older.
func (b bed) entries(t *testing.T) ([]coupons.Entry, error) {
	now := b.Now()
	return b.History.Entries(t.Context(), b.Member, now.Add(-window), now.Add(window))
}

const window = 5 * time.Minute

func asksToWait(t *testing.T, open Open) {
	for i := range throttled(time.Time{}) {
		for _, kind := range []domain.MovementKind{domain.Take, domain.GiveBack} {
			b := open.bed(t)
			what, m, start := throttled(b.Now())[i], b.movement(kind), b.Points(b.Member)
			b.front.once(b.Moves, what)
			_, err := b.send(t.Context(), m)
			wait := domain.RetryAfterOf(err)
			if domain.KindOf(err) != domain.KindThrottled || wait <= 0 || wait > askedWait || b.Points(b.Member) != start {
				t.Errorf("%s of a %s is taken for %v, to wait %s; there are %d points of %d", what.name, kind, err, wait,
					b.Points(b.Member), start)
			}
			if _, err := b.send(t.Context(), m); err != nil || b.Points(b.Member) != start+signed(m) {
				t.Errorf("%s of a %s, sent again: %v, and %d points of %d", what.name, kind, err, b.Points(b.Member), start)
			}
		}
	}
}

// untrue makes a movement, and twists the answer to it, or to what is asked after it.
func untrue(t *testing.T, open Open) {
	for _, twist := range open.bed(t).Twists {
		t.Run(twist.Name, func(t *testing.T) {
			t.Parallel()
			b := open.bed(t)
			changed := false
			what := fault{name: twist.Name, booked: true, answer: func(w http.ResponseWriter,
				got *httptest.ResponseRecorder) {
				body := twist.Change(got.Body.Bytes())
				changed = string(body) != got.Body.String()
				says(got.Code, jsonType, string(body))(w, got)
			}}
			m := b.take()
			if twist.Of != Move {
				if _, err := b.send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			b.believes(t, twist.Of, m, what)
			if !changed {
				t.Error("the answer was not changed")
			}
		})
	}
}

// believes fails when the client takes a twisted answer for true, or for a proof of the contrary.
func (b bed) believes(t *testing.T, of Of, m domain.Movement, what fault) {
	t.Helper()
	var err error
	var got any
	switch of {
	case Move:
		b.front.once(b.Moves, what)
		got, err = b.send(t.Context(), m)
	case Read:
		b.front.once(b.Reads, what)
		got, err = b.Ledger.Balance(t.Context(), b.Member)
	case Look:
		b.front.once(b.Finds, what)
		if b.Capabilities.Lookup == coupons.LookupAmount {
			var list []coupons.Entry
			if list, err = b.entries(t); err == nil && len(list) == 0 {
				return // left out: what is not of this window does not count
			}
			got = list
		} else {
			got, err = b.Ledger.Find(t.Context(), m)
		}
	}
	if err == nil || domain.KindOf(err) != domain.KindUnknown {
		t.Errorf("it is taken for %+v, %v", got, err)
	}
}
