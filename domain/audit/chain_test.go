package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// rows draws a record; texts hold what JSON has to escape, and what is no UTF-8.
func rows(t *rapid.T) []Row {
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "a", `"`, `\`, "\n", "山田", "\xff", "\\udcff", "\x00", `","hash":"`, "<&>\u2028"}), rapid.String())
	number := int64(0)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
		number += rapid.Int64Range(1, 5).Draw(t, "step")
		r := Row{ID: number, At: time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")), Actor: text.Draw(t, "actor"), ActorName: text.Draw(t, "name"),
			Action: text.Draw(t, "action"), Code: text.Draw(t, "code"), CustomerID: text.Draw(t, "customer"), FromStatus: text.Draw(t, "from"),
			ToStatus: text.Draw(t, "to"), Outcome: text.Draw(t, "outcome"), Detail: text.Draw(t, "detail")}
		if rapid.Bool().Draw(t, "coupon") {
			r.CouponID = &r.ID
		}
		return r
	}), 1, 12).Draw(t, "rows")
}

// chain seals the rows after a head.
func chain(after Head, rows []Row) []Link {
	links := make([]Link, 0, len(rows))
	for _, r := range rows {
		after = after.Seal(r)
		links = append(links, link(r, after.Seq, after.Hash))
	}
	return links
}

func link(r Row, seq int64, hash Hash) Link {
	return Link{Seq: seq, AuditID: r.ID, Code: r.Code, Canonical: r.Canonical(seq), Hash: hash}
}

func each(links []Link) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		for _, l := range links {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func verify(t *rapid.T, links []Link, start Head, expected *Head) Result {
	t.Helper()
	got, err := Verify(each(links), start, expected)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// start draws the head before the first row: the beginning, or one in the middle of a longer chain.
func start(t *rapid.T) Head {
	if rapid.Bool().Draw(t, "whole") {
		return Head{}
	}
	return Head{Seq: rapid.Int64Range(1, 1e9).Draw(t, "after"), Hash: Hash{}.Next([]byte("before"))}
}

func TestWhatIsSoundHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := start(t)
		links := chain(before, rows(t))
		last := links[len(links)-1]
		head := Head{last.Seq, last.Hash}
		any := links[rapid.IntRange(0, len(links)-1).Draw(t, "expected")]
		for _, expected := range []*Head{nil, {any.Seq, any.Hash}, &head, &before} {
			if got := verify(t, links, before, expected); got.Bad != nil || got.Head != head || got.Rows != int64(len(links)) {
				t.Fatalf("%+v %v", got, got.Bad)
			}
		}
	})
}

// changes are one for each field of a row; each makes it another one.
var changes = map[string]func(*Row){
	"id": func(r *Row) { r.ID++ }, "at": func(r *Row) { r.At = r.At.Add(time.Microsecond) }, "actor": func(r *Row) { r.Actor += "x" },
	"actor_name": func(r *Row) { r.ActorName += "\xff" }, "action": func(r *Row) { r.Action += `"` }, "code": func(r *Row) { r.Code += `\` },
	"customer": func(r *Row) { r.CustomerID += "\x00" }, "from": func(r *Row) { r.FromStatus += "é" }, "to": func(r *Row) { r.ToStatus += " " },
	"outcome": func(r *Row) { r.Outcome += "\n" }, "detail": func(r *Row) { r.Detail += " " },
	"coupon": func(r *Row) {
		if n := int64(0); r.CouponID == nil {
			r.CouponID = &n
		} else {
			r.CouponID = nil
		}
	},
	"text moved from one field to the next": func(r *Row) { r.Actor, r.ActorName = r.Actor+"x"+r.ActorName, "" },
}

func TestAnyChangeOfAnyFieldIsFound(t *testing.T) {
	t.Parallel()
	for name, change := range changes {
		t.Run("004-37 "+name, func(t *testing.T) {
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
	if got.Bad == nil || got.Bad.Seq != l.Seq || got.Bad.AuditID != l.AuditID || got.Bad.Code != l.Code || got.Bad.Kind != kind || got.Head.Seq != l.Seq-1 {
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
		if got := verify(t, links, before, &wrong); got.Bad == nil || got.Bad.Kind != HeadDiffers || got.Bad.AuditID != links[i].AuditID {
			t.Fatalf("another head: %v", got.Bad)
		}
		if before.Seq > 0 {
			if got := verify(t, links, before, &Head{Seq: before.Seq - 1}); got.Bad == nil || got.Bad.Kind != HeadDiffers {
				t.Fatalf("a head from before the first row: %v", got.Bad)
			}
		}
	})
}

func TestAFailingSourceIsNoVerdict(t *testing.T) {
	t.Parallel()
	broken := errors.New("the connection is gone")
	got, err := Verify(func(yield func(Link, error) bool) { yield(Link{}, broken) }, Head{}, nil)
	if !errors.Is(err, broken) || got.Bad != nil {
		t.Fatalf("%+v, %v", got, err)
	}
}

// TestCanonicalForm pins the text that is documented: a change here breaks every chain there is.
func TestCanonicalForm(t *testing.T) {
	t.Parallel()
	coupon := int64(7)
	r := Row{ID: 9, At: time.Date(2026, 3, 1, 21, 4, 5, 60_000, time.FixedZone("JST", 9*60*60)), Actor: "key:1", ActorName: `山田 "T"`, Action: "points.taken",
		Code: "70934-AB72CD-500", CouponID: &coupon, CustomerID: "8812370934", FromStatus: "pending", ToStatus: "pending", Outcome: "done", Detail: `{"points":500}`}
	want := `{"seq":3,"id":9,"at":"2026-03-01T12:04:05.000060Z","actor":"key:1","actor_name":"山田 \"T\"","action":"points.taken",` +
		`"code":"70934-AB72CD-500","coupon_id":7,"customer_id":"8812370934","from_status":"pending","to_status":"pending","outcome":"done",` +
		`"detail":"{\"points\":500}"}`
	if got := string(r.Canonical(3)); got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	// What sha256sum says of 32 zero bytes and the text.
	if got := (Hash{}).Next([]byte(want)).String(); got != "b5f8016d4bb37e91c73771b63c67bdfa40d3ddc82044dcdc2852dd1adacd219b" {
		t.Fatal(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		for i, r := range rows(t) {
			var back struct {
				Seq    int    `json:"seq"`
				Detail string `json:"detail"`
			}
			if err := json.Unmarshal(r.Canonical(int64(i)), &back); err != nil || back.Seq != i {
				t.Fatalf("%s is no JSON: %v", r.Canonical(int64(i)), err)
			}
			if strings.ToValidUTF8(r.Detail, "") == r.Detail && back.Detail != r.Detail {
				t.Fatalf("%q came back as %q", r.Detail, back.Detail)
			}
		}
	})
}

func TestQuoteTellsTextsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOf(rapid.Byte()).Draw(t, "a"), rapid.SliceOf(rapid.Byte()).Draw(t, "b")
		if same := bytes.Equal(quote(nil, string(a)), quote(nil, string(b))); same != bytes.Equal(a, b) {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

func TestHeads(t *testing.T) {
	t.Parallel()
	h := Head{Seq: 12, Hash: Hash{}.Next([]byte("x"))}
	if got, err := ParseHead(" " + h.String() + "\n"); err != nil || got != h {
		t.Fatalf("%v, %v", got, err)
	}
	for _, text := range []string{"", "12", "12:", ":" + h.Hash.String(), "-1:" + h.Hash.String(), "12:" + h.Hash.String()[1:], "12:" + h.Hash.String() + "00", "x:y"} {
		if got, err := ParseHead(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
