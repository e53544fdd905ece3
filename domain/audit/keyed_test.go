package audit

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/test/expect"
)

const oneSecret, otherSecret = "the first of two long secrets 0123456789", "the second of two long secrets 9876543210"

// sealed chains the rows after a head: the first ones plainly, the others with the keys, in their turns.
func sealed(after Head, rows []Row, plain int, keys ...*Keys) []Link {
	tip := Tip{Head: after}
	links := make([]Link, 0, len(rows))
	for i, r := range rows {
		var k *Keys
		if i >= plain {
			k = keys[min(i-plain, len(keys)-1)]
		}
		tip = k.After(tip, r)
		l := link(r, tip.Seq, tip.Hash)
		l.Keyed = tip.Keyed
		links = append(links, l)
	}
	return links
}

func held(t *rapid.T, links []Link, c Check) Result {
	t.Helper()
	got, err := Verify(each(links), c)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestKeyedSealsHold(t *testing.T) {
	t.Parallel()
	one := NewKeys(oneSecret)
	rapid.Check(t, func(t *rapid.T) {
		list := rows(t)
		plain := rapid.IntRange(0, len(list)-1).Draw(t, "plain")
		both := NewKeys(otherSecret, oneSecret)
		links := sealed(Head{}, list, plain, one, both)
		if len(list)-plain == 1 {
			both = one // nothing was sealed with the second key
		}
		whole := held(t, links, Check{Keys: both, ToTheEnd: true})
		if whole.Bad != nil || whole.From != int64(plain+1) || whole.Keyed != int64(len(list)-plain) {
			t.Fatalf("%v; keyed from %d, %d rows", whole.Bad, whole.From, whole.Keyed)
		}
		if got := held(t, links, Check{}); got.Bad != nil || got.Keyed != 0 || got.Rows != int64(len(list)) {
			t.Fatalf("without the key the links hold: %v, %d rows, %d keyed", got.Bad, got.Rows, got.Keyed)
		}
		from := rapid.IntRange(0, len(list)-1).Draw(t, "part")
		before := Head{}
		if from > 0 {
			before = Head{links[from-1].Seq, links[from-1].Hash}
		}
		part := Check{Start: before, Keys: both}
		if got := held(t, links[from:], part); got.Bad != nil {
			t.Fatalf("a part from %d on: %v", from, got.Bad)
		}
		data := export(t, before, links[from:])
		e, err := ReadExport(strings.NewReader(string(data)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Verify(e.Links(), part)
		if err != nil || got.Bad != nil || got.Keyed != int64(len(list)-max(plain, from)) {
			t.Fatalf("exported from %d on: %v, %v, %d keyed", from, err, got.Bad, got.Keyed)
		}
	})
}

// TestWhoHasTheDatabaseAloneCannotSeal makes what somebody can who owns the database and knows the program, but not the
// key: any row changed, and every link after it made anew.
func TestWhoHasTheDatabaseAloneCannotSeal(t *testing.T) {
	t.Parallel()
	keys := NewKeys(oneSecret)
	forge := func(t *rapid.T) (list []Row, plain int, links []Link) {
		list = rows(t)
		plain = rapid.IntRange(0, len(list)-1).Draw(t, "plain")
		links = sealed(Head{}, list, plain, keys)
		at := rapid.IntRange(0, len(list)-1).Draw(t, "row")
		list[at].Detail += " "
		return list, plain, links
	}
	refused := func(t *rapid.T, links []Link, what string) {
		t.Helper()
		got := held(t, links, Check{Keys: keys, ToTheEnd: true})
		expect.MustThat(t, "got.Bad != nil", got.Bad != nil, what)
		expect.MustEqual(t, "got.Bad.Kind", got.Bad.Kind, NotAuthentic, what, got.Bad)
	}
	for name, attack := range map[string]func(t *rapid.T, list []Row, plain int, links []Link) []Link{
		"the keyed parts stay as they were": func(_ *rapid.T, list []Row, _ int, links []Link) []Link {
			anew := sealed(Head{}, list, len(list))
			for i := range anew {
				anew[i].Keyed = links[i].Keyed
			}
			return anew
		},
		"all is made plain": func(_ *rapid.T, list []Row, _ int, _ []Link) []Link { return sealed(Head{}, list, len(list)) },
		"a key of their own": func(_ *rapid.T, list []Row, plain int, _ []Link) []Link {
			return sealed(Head{}, list, plain, NewKeys(otherSecret))
		},
		"our key's name on theirs": func(_ *rapid.T, list []Row, plain int, _ []Link) []Link {
			other := NewKeys(otherSecret)
			other.Current.ID = keys.Current.ID
			return sealed(Head{}, list, plain, other)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				list, plain, links := forge(t)
				refused(t, attack(t, list, plain, links), name)
			})
		})
	}
}

func TestWhereKeyedSealsBeginCannotBeMoved(t *testing.T) {
	t.Parallel()
	keys := NewKeys(oneSecret)
	rapid.Check(t, func(t *rapid.T) {
		list := rows(t)
		plain := rapid.IntRange(0, len(list)-1).Draw(t, "plain")
		links := sealed(Head{}, list, plain, keys)
		at := rapid.IntRange(plain, len(list)-1).Draw(t, "stripped")

		later := slices.Clone(links)
		for i := plain; i <= at; i++ {
			later[i].Keyed = Keyed{}
		}
		moved := slices.Clone(later)
		for i := at + 1; i < len(moved); i++ {
			moved[i].Keyed.From = moved[at+1].Seq
		}
		earlier := slices.Clone(links)
		if plain > 0 {
			for i := plain; i < len(earlier); i++ {
				earlier[i].Keyed.From = 1
			}
		}
		for name, forged := range map[string][]Link{"seals are stripped": later,
			"the boundary is said to be later": moved, "or earlier": earlier} {
			if name == "or earlier" && plain == 0 {
				continue
			}
			for _, c := range []Check{{Keys: keys}, {Keys: keys, ToTheEnd: true}} {
				got := held(t, forged, c)
				expect.MustThat(t, "got.Bad != nil", got.Bad != nil, name)
				expect.MustEqual(t, "got.Bad.Kind", got.Bad.Kind, NotAuthentic, name, got.Bad)
			}
		}
	})
}

func TestTheNewestSealIsOfTheKeyInUse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		links := sealed(Head{}, rows(t), 0, NewKeys(oneSecret))
		rotated := NewKeys(otherSecret, oneSecret)
		if got := held(t, links, Check{Keys: rotated}); got.Bad != nil {
			t.Fatalf("an export of old seals: %v", got.Bad)
		}
		if got := held(t, links, Check{Keys: rotated, ToTheEnd: true}); got.Bad == nil || got.Bad.Kind != NotAuthentic {
			t.Fatalf("the chain's end by a key out of use: %v", got.Bad)
		}
		if got := held(t, links, Check{Keys: NewKeys(otherSecret)}); got.Bad == nil || got.Bad.Seq != 1 {
			t.Fatalf("a key that is not given any more: %v", got.Bad)
		}
	})
}

// TestKeyForm pins what chains depend on that exist. The figures are those of another program's HKDF and HMAC.
func TestKeyForm(t *testing.T) {
	t.Parallel()
	k := NewKey(oneSecret)
	marked := k.Mark(Head{Seq: 3, Hash: Hash{}.Next([]byte("x"))}, 2)
	if k.ID != "9991909cc826" || marked.MAC.String() != "e251b0cf22f18ca0740fcfdd1cf55772ca0b3e69958cf676d780d2fa8eb81e97" {
		t.Fatalf("key %s makes %s", k.ID, marked.MAC)
	}
}
