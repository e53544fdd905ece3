package audit

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/test/expect"
)

// TestAWalkGoesOnBehindALoss, and finds whatever is done to the rows around it; a head that is expected among the lost
// rows is not taken for there.
func TestAWalkGoesOnBehindALoss(t *testing.T) {
	t.Parallel()
	keys := NewKeys(oneSecret)
	rapid.Check(t, func(t *rapid.T) {
		list := rows(t)
		plain := rapid.IntRange(0, len(list)-1).Draw(t, "plain")
		links := sealed(Head{}, list, plain, keys)
		first := rapid.IntRange(0, len(list)-1).Draw(t, "first")
		last := rapid.IntRange(first, len(list)-1).Draw(t, "last")
		until := Head{Seq: links[last].Seq, Hash: links[last].Hash}
		gap := Link{Seq: links[first].Seq, Until: until, Keyed: Keyed{From: int64(plain + 1)}}
		with := func(gap Link, behind []Link) []Link {
			return append(append(append([]Link{}, links[:first]...), gap), behind...)
		}
		left := len(list) - (last - first + 1)
		c := Check{Keys: keys}
		if got := held(t, with(gap, links[last+1:]), c); got.Bad != nil || got.Rows != int64(left) || got.Head.Seq != int64(len(list)) {
			t.Fatalf("%v, %d rows, %v", got.Bad, got.Rows, got.Head)
		}
		for at := first; at <= last; at++ {
			c.Expected = &Head{Seq: links[at].Seq, Hash: links[at].Hash}
			got := held(t, with(gap, links[last+1:]), c)
			if (got.Bad != nil) != (at < last) || got.Bad != nil && got.Bad.Kind != HeadDiffers {
				t.Fatalf("expected at %d of %d to %d: %v", at, first, last, got.Bad)
			}
		}
		c.Expected = nil
		other := gap
		other.Until.Hash[0] ^= 1
		if got := held(t, with(other, links[last+1:]), c); last+1 < len(links) && got.Bad == nil {
			t.Fatal("another hash before the rest")
		}
		if last+2 < len(links) {
			if got := held(t, with(gap, links[last+2:]), c); got.Bad == nil || got.Bad.Kind != Missing {
				t.Fatalf("a row more is gone: %v", got.Bad)
			}
		}
		if got := held(t, with(gap, links[last:]), c); got.Bad == nil || got.Bad.Kind != OutOfOrder {
			t.Fatalf("a row that is lost is there: %v", got.Bad)
		}
		early := gap
		early.Seq++
		if got := held(t, with(early, links[last+1:]), c); got.Bad == nil {
			t.Fatal("a row before the loss is gone")
		}
	})
}

func TestRecordsOfLosses(t *testing.T) {
	t.Parallel()
	keys := NewKeys(strings.Repeat("k", 32))
	archives := func() []Archive {
		return []Archive{{First: 1, Head: Head{Seq: 5, Hash: Hash{5}}, File: "a", SHA256: Hash{1}}, {First: 6, Head: Head{Seq: 9, Hash: Hash{9}},
			File: "b", SHA256: Hash{2}}}
	}
	record := func(first, last int64, hash, before Hash, file string) Recorded {
		r, err := keys.RecordLoss(Loss{First: first, Head: Head{Seq: last, Hash: hash}, File: file, By: "A", Reason: "fire", At: time.Unix(1, 0)}, before)
		expect.MustEqual(t, "err", err, nil)
		return r
	}
	whole, part, more := record(1, 5, Hash{5}, Hash{}, ""), record(6, 7, Hash{7}, Hash{5}, "c"), record(8, 8, Hash{8}, Hash{7}, "d")
	list := archives()
	expect.MustEqual(t, "bad", WithLosses(list, []Recorded{whole, part, more}, keys), nil)
	expect.Equal(t, "the rest", list[1].Rest().File, "d")
	expect.Equal(t, "its first row", list[1].Rest().First, int64(9))
	expect.Equal(t, "before it", HeadBefore(list, 1), Head{Seq: 8, Hash: Hash{8}})
	expect.Equal(t, "nothing is left", list[0].Rest().Rows(), int64(0))

	asArchive := part
	asArchive.MAC = keys.Current.ofRecord(archiveLabel, part.Text)
	other := part
	other.Text = strings.Replace(other.Text, "fire", "flood", 1)
	for name, tc := range map[string]struct {
		list []Recorded
		kind Kind
	}{
		"no archive":                  {[]Recorded{record(10, 12, Hash{1}, Hash{9}, "c")}, Changed},
		"into the next archive":       {[]Recorded{record(1, 7, Hash{7}, Hash{}, "c")}, Changed},
		"not from where it begins":    {[]Recorded{record(7, 8, Hash{8}, Hash{6}, "c")}, Changed},
		"twice":                       {[]Recorded{part, part}, Changed},
		"one between is gone":         {[]Recorded{more}, Changed},
		"of another chain":            {[]Recorded{record(6, 7, Hash{7}, Hash{4}, "c")}, Changed},
		"another end":                 {[]Recorded{record(1, 5, Hash{4}, Hash{}, "")}, Changed},
		"all, and a file":             {[]Recorded{record(1, 5, Hash{5}, Hash{}, "c")}, Changed},
		"some, and no file":           {[]Recorded{record(1, 4, Hash{4}, Hash{}, "")}, Changed},
		"the archives' own signature": {[]Recorded{asArchive}, NotAuthentic},
		"another reason":              {[]Recorded{other}, NotAuthentic},
		"no text":                     {[]Recorded{{Seq: 5, Key: keys.Current.ID, MAC: keys.Current.ofRecord(lossLabel, "")}}, Changed},
	} {
		bad := WithLosses(archives(), tc.list, keys)
		expect.MustThat(t, "it is found", bad != nil, name)
		expect.Equal(t, "kind", bad.Kind, tc.kind, name, bad)
	}
}
