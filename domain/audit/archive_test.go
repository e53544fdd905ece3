package audit

import (
	"strings"
	"testing"
	"time"

	"pointbridge/test/expect"
)

func TestRecordsOfArchives(t *testing.T) {
	t.Parallel()
	keys := NewKeys(strings.Repeat("k", 32))
	record := func(first, last int64) Recorded {
		r, err := keys.Record(Archive{First: first, Head: Head{Seq: last, Hash: Hash{9}}, Seal: Keyed{Key: "k", From: 1},
			File: "a.jsonl", SHA256: Hash{1}, Carried: Hash{2}, At: time.Unix(1, 0)})
		expect.MustEqual(t, "err", err, nil)
		return r
	}
	one, two := record(1, 5), record(6, 9)
	got, bad := Archives([]Recorded{one, two}, keys)
	expect.MustEqual(t, "bad", bad, nil)
	expect.MustEqual(t, "len(got)", len(got), 2)
	expect.Equal(t, "got[1].Head", got[1].Head, Head{Seq: 9, Hash: Hash{9}})
	expect.Equal(t, "got[0].Carried", got[0].Carried, Hash{2})
	expect.Equal(t, "got[0].Seal", got[0].Seal, Keyed{Key: "k", From: 1})

	other := two
	other.Text = strings.Replace(other.Text, "a.jsonl", "b.jsonl", 1)
	moved := two
	moved.Seq = 10
	for name, tc := range map[string]struct {
		list []Recorded
		keys *Keys
		kind Kind
		seq  int64
	}{
		"one is gone":         {[]Recorded{two}, keys, Missing, 9},
		"they overlap":        {[]Recorded{one, record(4, 9)}, keys, Missing, 9},
		"another file":        {[]Recorded{one, other}, keys, NotAuthentic, 9},
		"another number":      {[]Recorded{one, moved}, keys, Changed, 10},
		"another's key":       {[]Recorded{one, two}, NewKeys(strings.Repeat("x", 32)), NotAuthentic, 5},
		"no text":             {[]Recorded{{Seq: 5}}, nil, Changed, 5},
		"another, and no key": {[]Recorded{one, other, one}, nil, Missing, 5},
	} {
		_, bad := Archives(tc.list, tc.keys)
		expect.MustThat(t, "bad != nil", bad != nil, name)
		expect.Equal(t, "bad.Kind", bad.Kind, tc.kind, name, bad)
		expect.Equal(t, "bad.Seq", bad.Seq, tc.seq, name, bad)
	}
}
