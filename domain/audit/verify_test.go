package audit

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/test/expect"
)

func TestWhatIsSoundHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := start(t)
		links := chain(before, rows(t))
		last := links[len(links)-1]
		head := Head{last.Seq, last.Hash}
		any := links[rapid.IntRange(0, len(links)-1).Draw(t, "expected")]
		for _, expected := range []*Head{nil, {any.Seq, any.Hash}, &head, &before} {
			got := verify(t, links, before, expected)
			expect.MustEqual(t, "got.Bad", got.Bad, nil)
			expect.MustEqual(t, "got.Head", got.Head, head)
			expect.MustEqual(t, "got.Rows", got.Rows, int64(len(links)))
		}
	})
}

// changes are one for each field of a row; each makes it another one.
var changes = map[string]func(*Row){
	"id": func(r *Row) { r.ID++ }, "at": func(r *Row) { r.At = r.At.Add(time.Microsecond) },
	"actor": func(r *Row) { r.Actor += "x" }, "actor_name": func(r *Row) { r.ActorName += "\xff" },
	"action": func(r *Row) { r.Action += `"` }, "code": func(r *Row) { r.Code += `\` },
	"customer": func(r *Row) { r.CustomerID += "\x00" }, "from": func(r *Row) { r.FromStatus += "é" },
	"to": func(r *Row) { r.ToStatus += " " }, "outcome": func(r *Row) { r.Outcome += "\n" },
	"detail": func(r *Row) { r.Detail += " " },
	"coupon": func(r *Row) {
		if n := int64(0); r.CouponID == nil {
			r.CouponID = &n
		} else {
			r.CouponID = nil
		}
	},
	"text moved from one field to the next": func(r *Row) { r.Actor, r.ActorName = r.Actor+"x"+r.ActorName, "" },
}

// covers: 004-37
func TestAnyChangeOfAnyFieldIsFound(t *testing.T) {
	t.Parallel()
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				list, before := rows(t), start(t)
				links := chain(before, list)
				i := rapid.IntRange(0, len(links)-1).Draw(t, "row")
				changed := list[i]
				change(&changed)
				links[i] = link(changed, links[i].Seq, links[i].Hash)
				names(t, verify(t, links, before, nil), links[i], Changed)
			})
		})
	}
}

func names(t *rapid.T, got Result, l Link, kind Kind) {
	t.Helper()
	if got.Bad == nil || got.Bad.Seq != l.Seq || got.Bad.AuditID != l.AuditID || got.Bad.Code != l.Code ||
		got.Bad.Kind != kind || got.Head.Seq != l.Seq-1 {
		t.Fatalf("got %v; want %s of seq %d", got.Bad, kind, l.Seq)
	}
}

func TestAnySwapIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := rows(t)
		if len(list) < 2 {
			t.Skip("one row cannot be swapped")
		}
		links := chain(Head{}, list)
		i := rapid.IntRange(0, len(links)-2).Draw(t, "one")
		j := rapid.IntRange(i+1, len(links)-1).Draw(t, "other")
		first := links[i]
		links[i], links[j] = links[j], links[i]
		names(t, verify(t, links, Head{}, nil), first, OutOfOrder)

		// Rows that change places under their seals.
		links = chain(Head{}, list)
		links[i], links[j] = link(list[j], links[i].Seq, links[i].Hash), link(list[i], links[j].Seq, links[j].Hash)
		names(t, verify(t, links, Head{}, nil), links[i], Changed)
	})
}

func TestAnyRemovalIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := start(t)
		links := chain(before, rows(t))
		last := links[len(links)-1]
		head := Head{last.Seq, last.Hash}
		i := rapid.IntRange(0, len(links)-1).Draw(t, "row")
		gone := links[i]
		left := slices.Delete(slices.Clone(links), i, i+1)
		if i == len(links)-1 { // only whoever knows the head can miss the last row
			if got := verify(t, left, before, nil); got.Bad != nil {
				t.Fatalf("got %v", got.Bad)
			}
			names(t, verify(t, left, before, &head), Link{Seq: gone.Seq}, HeadDiffers)
			return
		}
		names(t, verify(t, left, before, nil), Link{Seq: gone.Seq}, Missing)

		links[i].Gone = true
		names(t, verify(t, links, before, nil), gone, Missing)
	})
}

func TestOtherFaults(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := start(t)
		links := chain(before, rows(t))
		i := rapid.IntRange(0, len(links)-1).Draw(t, "row")

		other := slices.Clone(links)
		other[i].Hash[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		names(t, verify(t, other, before, nil), links[i], Changed)

		twice := slices.Insert(slices.Clone(links), i, links[i])
		got := verify(t, twice, before, nil)
		if got.Bad == nil || got.Bad.Kind != OutOfOrder || got.Bad.Seq != links[i].Seq {
			t.Fatalf("a row that comes twice: %v", got.Bad)
		}

		wrong := Head{links[i].Seq, links[i].Hash.Next(nil)}
		if got := verify(t, links, before, &wrong); got.Bad == nil || got.Bad.Kind != HeadDiffers ||
			got.Bad.AuditID != links[i].AuditID {
			t.Fatalf("another head: %v", got.Bad)
		}
		if before.Seq > 0 {
			if got := verify(t, links, before, &Head{Seq: before.Seq - 1}); got.Bad == nil ||
				got.Bad.Kind != HeadDiffers {
				t.Fatalf("a head from before the first row: %v", got.Bad)
			}
		}
	})
}

func TestAFailingSourceIsNoVerdict(t *testing.T) {
	t.Parallel()
	broken := errors.New("the connection is gone")
	got, err := Verify(func(yield func(Link, error) bool) { yield(Link{}, broken) }, Check{})
	expect.MustThat(t, "err to be broken", errors.Is(err, broken), err)
	expect.MustEqual(t, "got.Bad", got.Bad, nil)
}
