package guard

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"time"
)

// Bounds of the shop's metafield. A Function gets nothing at all of one of more than 10,000 bytes.
const (
	// MaxBytes is how long either metafield may be.
	MaxBytes = 10_000
	// MaxMarks is how many marks there are at most, of all families together. A buyer shows three texts at most, so that
	// somebody who has nothing to do with any of them meets one with a likelihood of at most 3 × 1,000 ÷ 2³²: once in
	// 1.4 million checkouts with a code of such a family.
	MaxMarks = 1_000
	// MaxFamilies is how many families there are, the newest campaigns'.
	MaxFamilies = 40
)

// format is the version of both metafields. The Function knows no other.
const format = 1

// Shop is what the shop's metafield says.
type Shop struct {
	Key Key
	// Families are those of campaigns that are enforced, the newest first.
	Families []Family
	// Texts are the sentences by language, as the shop writes languages: "EN", "JA". Default is the language of those
	// whose own is not among them.
	Texts   map[string]Texts
	Default string
}

// Family is a campaign whose codes begin with a prefix.
type Family struct {
	Key, Prefix string
	Paused      bool
	// Used are those who have used it up, Blocked those who may not use it; in any order.
	Used, Blocked []Seen
}

// Seen is a mark, and when what it stands for was last seen.
type Seen struct {
	Mark Mark
	At   time.Time
}

// Texts are the sentences of a language, one for each reason: One for a second code of a family in one order.
type Texts struct {
	Paused  string `json:"paused"`
	Blocked string `json:"blocked"`
	Used    string `json:"used"`
	One     string `json:"one"`
}

// The metafield as it is written.
type (
	shopValue struct {
		Version  int              `json:"v"`
		Key      string           `json:"key"`
		Default  string           `json:"default"`
		Texts    map[string]Texts `json:"texts"`
		Families []familyValue    `json:"families"`
	}
	familyValue struct {
		Key     string `json:"key"`
		Prefix  string `json:"prefix"`
		Paused  bool   `json:"paused"`
		Used    string `json:"used"`
		Blocked string `json:"blocked"`
	}
)

// entry is a mark of one list.
type entry struct {
	Seen
	list int // of family list/2: used where it is even, blocked where it is odd
}

// Encode writes the metafield: as many families as there may be, and then the newest marks that fit, of whichever
// family. left is how many families and marks were left out. Equal shops are equal bytes.
func (s Shop) Encode() (value []byte, left int, err error) {
	families := s.Families[:min(len(s.Families), MaxFamilies)]
	left = len(s.Families) - len(families)
	made := shopValue{Version: format, Key: s.Key.Hex(), Default: s.Default, Texts: s.Texts}
	for {
		made.Families = make([]familyValue, 0, len(families))
		for _, f := range families {
			made.Families = append(made.Families, familyValue{Key: f.Key, Prefix: f.Prefix, Paused: f.Paused})
		}
		if value, err = marshal(made); err != nil || len(value) <= MaxBytes || len(families) == 0 {
			break
		}
		families, left = families[:len(families)-1], left+1
	}
	if err != nil {
		return nil, left, err
	}
	lists, more := fitting(families, MaxBytes-len(value))
	for i := range made.Families {
		made.Families[i].Used, made.Families[i].Blocked = written(lists[2*i]), written(lists[2*i+1])
	}
	value, err = marshal(made)
	return value, left + more, err
}

// fitting spreads room over the lists, the newest marks first.
func fitting(families []Family, room int) (lists [][]Mark, left int) {
	var all []entry
	for i, f := range families {
		for j, seen := range [][]Seen{f.Used, f.Blocked} {
			for _, one := range seen {
				all = append(all, entry{one, 2*i + j})
			}
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.list, b.list), cmp.Compare(a.Mark, b.Mark))
	})
	lists = make([][]Mark, 2*len(families))
	seen, size, full := map[entry]bool{}, 0, false
	for _, one := range all {
		n, known := len(lists[one.list]), entry{Seen{Mark: one.Mark}, one.list}
		grown := size - lengthOf(n) + lengthOf(n+1)
		full = full || len(seen) == MaxMarks || grown > room // what is older does not take what is left of the room
		switch {
		case seen[known]:
		case full:
			left++
		default:
			lists[one.list], size, seen[known] = append(lists[one.list], one.Mark), grown, true
		}
	}
	return lists, left
}

// lengthOf is how long a list of n marks is as it is written.
func lengthOf(n int) int { return base64.RawStdEncoding.EncodedLen(4 * n) }

// written is a list in ascending order, which says nothing of when its marks were seen.
func written(marks []Mark) string {
	slices.Sort(marks)
	raw := make([]byte, 0, 4*len(marks))
	for _, m := range marks {
		raw = binary.BigEndian.AppendUint32(raw, uint32(m))
	}
	return base64.RawStdEncoding.EncodeToString(raw)
}

func marshal(v any) ([]byte, error) { return json.Marshal(v) }
