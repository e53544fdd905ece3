package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
)

// pad is an audit in memory, with a clock that tests move.
type pad struct {
	mu      sync.Mutex
	at      time.Time
	entries []domain.AuditEntry
	fail    error
}

func newPad() (*pad, *audit.Bounded) {
	p := &pad{at: time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)}
	return p, &audit.Bounded{Writer: p, Now: p.now}
}

func (p *pad) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *pad) advance(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = p.at.Add(d)
}

// Record implements audit.Recorder.
func (p *pad) Record(_ context.Context, e domain.AuditEntry) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail == nil {
		p.entries = append(p.entries, e)
	}
	return p.fail
}

func (p *pad) written() []domain.AuditEntry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.entries)
}

func (p *pad) refused(operation string) domain.AuditEntry {
	return domain.AuditEntry{At: p.now(), Actor: "staff:1", ActorName: "Mori", Action: "access.refused",
		Outcome: domain.OutcomeRefused, Detail: map[string]any{"operation": operation}}
}

func (p *pad) read(member string) domain.AuditEntry {
	return domain.AuditEntry{At: p.now(), Actor: "staff:1", ActorName: "Mori", Action: domain.ActionCustomerRead,
		CustomerID: member, Outcome: domain.OutcomeDone, Detail: map[string]any{"found": 2}}
}

func record(t *testing.T, b *audit.Bounded, e domain.AuditEntry) {
	t.Helper()
	if err := b.Record(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func flush(t *testing.T, b *audit.Bounded) {
	t.Helper()
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsRepeatedBecomesOneEntryWithANumber(t *testing.T) {
	t.Parallel()
	t.Run("the first is written at once, the others as a number when the minute is over", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for range 500 {
			record(t, b, p.refused("POST /v1/coupons/{code}/cancellation"))
		}
		flush(t, b)
		if got := p.written(); len(got) != 1 || got[0].Detail["times"] != nil {
			t.Fatalf("within the minute there are %d entries", len(got))
		}
		p.advance(time.Minute)
		flush(t, b)
		flush(t, b)
		got := p.written()
		if len(got) != 2 {
			t.Fatalf("there are %d entries", len(got))
		}
		e := got[1]
		if e.Detail["times"] != 499 || e.Actor != "staff:1" || e.ActorName != "Mori" || e.Action != "access.refused" ||
			e.Outcome != domain.OutcomeRefused ||
			e.Detail["operation"] != "POST /v1/coupons/{code}/cancellation" ||
			e.Detail["since"] != "2026-03-01T12:00:10Z" {
			t.Errorf("the number stands in %s by %s with %v", e.Action, e.Actor, e.Detail)
		}
	})
	t.Run("the number names the credential, and each is for itself", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for _, credential := range []string{"session:aa", "token:bb"} {
			for range 3 {
				e := p.refused("x")
				e.Credential = credential
				record(t, b, e)
			}
		}
		p.advance(time.Minute)
		flush(t, b)
		times := map[string]any{}
		for _, e := range p.written() {
			if e.Detail["times"] != nil {
				times[e.Credential] = e.Detail["times"]
			}
		}
		if len(times) != 2 || times["session:aa"] != 2 || times["token:bb"] != 2 {
			t.Errorf("the numbers are %v", times)
		}
	})
	t.Run("each minute, caller and action is for itself", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for range 3 {
			other := p.refused("x")
			other.Actor = "staff:2"
			cancel := p.refused("x")
			cancel.Action = "cancellation.refused"
			for _, e := range []domain.AuditEntry{p.refused("x"), other, cancel} {
				record(t, b, e)
				record(t, b, e)
			}
			p.advance(time.Minute)
		}
		flush(t, b)
		if n := len(p.written()); n != 3*3*2 {
			t.Errorf("there are %d entries", n)
		}
	})
	t.Run("things of different kinds have their own entries, up to a number, whatever they are", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for i := range 1000 {
			record(t, b, p.refused(fmt.Sprint("operation ", i)))
		}
		p.advance(time.Minute)
		flush(t, b)
		got := p.written()
		if len(got) != audit.OwnEntries+1 || got[audit.OwnEntries].Detail["times"] != 1000-audit.OwnEntries ||
			got[audit.OwnEntries].Detail["operation"] != nil {
			t.Errorf("there are %d entries, the last with %v", len(got), got[len(got)-1].Detail)
		}
	})
	t.Run("those who did not prove who they are share few entries", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for i := range 1000 {
			record(t, b, domain.AuditEntry{At: p.now(), Actor: audit.Unknown, Action: "session.refused",
				Outcome: domain.OutcomeRefused, Detail: map[string]any{"email_sha256": fmt.Sprint(i)}})
		}
		p.advance(time.Minute)
		flush(t, b)
		if n := len(p.written()); n != audit.OwnUnknown+1 {
			t.Errorf("there are %d entries", n)
		}
	})
	t.Run("there are not more numbers than a bound, however many callers there are", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		total := 12_000
		for i := range total {
			e := p.refused("x")
			e.Actor = fmt.Sprint("shopify:", i)
			record(t, b, e)
		}
		first := len(p.written())
		p.advance(time.Minute)
		flush(t, b)
		got := p.written()
		if last := got[len(got)-1]; first > 10_000+audit.OwnEntries || len(got) != first+1 ||
			last.Actor != audit.Several || last.ActorName != "" ||
			last.Detail["times"] != total-first {
			t.Errorf("%d entries at once, %d in the end, the last of %s with %v", first, len(got), last.Actor,
				last.Detail)
		}
	})
	t.Run("of many at once one is the first", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { _ = b.Record(t.Context(), p.refused("x")) })
		}
		all.Wait()
		p.advance(time.Minute)
		flush(t, b)
		if got := p.written(); len(got) != 2 || got[1].Detail["times"] != 49 {
			t.Errorf("there are %d entries", len(got))
		}
	})
	t.Run("what is neither refused nor a read goes through", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for range 5 {
			record(t, b, domain.AuditEntry{At: p.now(), Actor: "staff:1", Action: "books.repaired",
				Outcome: domain.OutcomeDone})
		}
		if n := len(p.written()); n != 5 {
			t.Errorf("there are %d entries", n)
		}
	})
}

func TestReadsTellWhoSawWhom(t *testing.T) {
	t.Parallel()
	t.Run("each member has an entry, and one who pages through many has one with their ids and how much was shown",
		func(t *testing.T) {
			t.Parallel()
			p, b := newPad()
			for i := range 50 {
				record(t, b, p.read(fmt.Sprintf("member-%02d", i)))
				record(t, b, p.read(fmt.Sprintf("member-%02d", i)))
			}
			p.advance(time.Minute)
			flush(t, b)
			got := p.written()
			if len(got) != audit.OwnEntries+1 || got[0].CustomerID != "member-00" || got[39].CustomerID != "member-39" {
				t.Fatalf("there are %d entries", len(got))
			}
			last := got[len(got)-1]
			members, _ := last.Detail["customers"].([]string)
			if last.Detail["times"] != 60 || last.Detail["found"] != 120 || len(members) != 50 ||
				members[49] != "member-49" || last.CustomerID != "" {
				t.Errorf("the last tells %v", last.Detail)
			}
		})
	t.Run("each list that is taken along has an entry, and the same one twice has one", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for _, batch := range []string{"bat_one", "bat_two", "bat_two"} {
			e := p.read("")
			e.Action, e.Detail = domain.ActionBatchExported, map[string]any{"campaign": "spring", "batch": batch, "codes": 100}
			record(t, b, e)
		}
		if got := p.written(); len(got) != 2 || got[1].Detail["batch"] != "bat_two" {
			t.Errorf("there are %d entries: %v", len(got), got)
		}
	})
	t.Run("what is only counted makes one entry a minute, of one member with the member's id", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for range 30 {
			b.Count(p.read("member-01"))
		}
		if len(p.written()) != 0 {
			t.Error("something was written at once")
		}
		p.advance(time.Minute)
		flush(t, b)
		if got := p.written(); len(got) != 1 || got[0].CustomerID != "member-01" || got[0].Detail["times"] != 30 {
			t.Errorf("there are %d entries", len(got))
		}
	})
	t.Run("a list of ids is bounded", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for i := range 5000 {
			b.Count(p.read(fmt.Sprint(i)))
		}
		p.advance(time.Minute)
		flush(t, b)
		members, _ := p.written()[0].Detail["customers"].([]string)
		if len(members) != 100 {
			t.Errorf("%d ids are listed", len(members))
		}
	})
}

func TestNothingIsLostButWhatACrashTakes(t *testing.T) {
	t.Parallel()
	t.Run("what cannot be written is refused, and is the first again the next time", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		p.fail = errors.New("the database is away")
		if err := b.Record(t.Context(), p.read("1")); !errors.Is(err, p.fail) {
			t.Fatal(err)
		}
		p.fail = nil
		record(t, b, p.read("1"))
		if n := len(p.written()); n != 1 {
			t.Errorf("there are %d entries", n)
		}
	})
	t.Run("a number that cannot be written is kept for the next time", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		for range 4 {
			record(t, b, p.read("1"))
		}
		p.advance(time.Minute)
		p.fail = errors.New("the database is away")
		if err := b.Flush(t.Context()); !errors.Is(err, p.fail) {
			t.Fatal(err)
		}
		p.fail = nil
		flush(t, b)
		if got := p.written(); len(got) != 2 || got[1].Detail["times"] != 3 {
			t.Errorf("there are %d entries", len(got))
		}
	})
	t.Run("a process that stops writes the numbers of the minute that runs", func(t *testing.T) {
		t.Parallel()
		p, b := newPad()
		record(t, b, p.read("1"))
		record(t, b, p.read("1"))
		if err := b.Close(t.Context()); err != nil || len(p.written()) != 2 {
			t.Errorf("%d entries, %v", len(p.written()), err)
		}
	})
}

func TestRefusalsHoldTheAddressWhereItMayBeKept(t *testing.T) {
	t.Parallel()
	p, b := newPad()
	for i := range 5 {
		ctx := domain.WithClient(t.Context(), func() string { return fmt.Sprint("192.0.2.", i%2+1) })
		if err := b.Record(ctx, p.refused("x")); err != nil {
			t.Fatal(err)
		}
		if err := b.Record(ctx, p.read("1")); err != nil {
			t.Fatal(err)
		}
	}
	without := p.refused("x")
	without.Actor = "staff:2"
	if err := b.Record(domain.WithClient(t.Context(), func() string { return "" }), without); err != nil {
		t.Fatal(err)
	}
	p.advance(time.Minute)
	flush(t, b)
	for _, e := range p.written() {
		address, several := e.Detail["address"], e.Detail["addresses"]
		switch {
		case e.Action == domain.ActionCustomerRead || e.Actor == "staff:2":
			if address != nil || several != nil {
				t.Errorf("%s of %s holds %v %v", e.Action, e.Actor, address, several)
			}
		case e.Detail["times"] == nil:
			if address != "192.0.2.1" {
				t.Errorf("the first holds %v", address)
			}
		default:
			if list, _ := several.([]string); !slices.Equal(list, []string{"192.0.2.1", "192.0.2.2"}) ||
				address != nil {
				t.Errorf("the number holds %v and %v", several, address)
			}
		}
	}
}
