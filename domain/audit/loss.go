package audit

import (
	"encoding/json"
	"fmt"
	"time"
)

const lossLabel = "pointbridge audit loss v1"

// Loss says that somebody stands for it that the first rows of an archive are nowhere any more: they were deleted beside
// its file, and the file is lost. It is no pardon: whoever verifies is told of it as long as there is a record.
type Loss struct {
	// First is the number of its first row; the head is that of its last one, to which the rows that are left are chained.
	First int64
	Head
	// File is the file that was made of the rows that were left, SHA256 the hash over its bytes. Both are empty where none
	// was left.
	File   string
	SHA256 Hash
	// By is who accepted it, and why.
	By, Reason string
	At         time.Time
}

// String is what an auditor is told.
func (l Loss) String() string {
	return fmt.Sprintf("LOST: the rows %d to %d are missing, accepted on %s by %s: %s", l.First, l.Seq,
		l.At.Format(time.DateOnly), l.By, l.Reason)
}

// Range is the rows as they are named on a command line.
func (l Loss) Range() string { return fmt.Sprintf("%d-%d", l.First, l.Seq) }

type lossText struct {
	First  int64     `json:"first"`
	Seq    int64     `json:"seq"`
	Before string    `json:"before"`
	Hash   string    `json:"hash"`
	File   string    `json:"file"`
	SHA256 string    `json:"sha256"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// RecordLoss writes a loss down under the key in use. before is the head that its first row was chained to.
func (k *Keys) RecordLoss(l Loss, before Hash) (Recorded, error) {
	text, err := json.Marshal(lossText{l.First, l.Seq, before.String(), l.Hash.String(), l.File, l.SHA256.String(), l.By, l.Reason,
		l.At.UTC()})
	return Recorded{Seq: l.Seq, Text: string(text), Key: k.Current.ID, MAC: k.Current.ofRecord(lossLabel, string(text))}, err
}

// WithLosses adds the losses, which come in the order of their numbers, to the archives of which they are. Each begins
// where what is left of its archive begins, after the very row that the record says, and ends within it. The first that
// does not hold is named.
func WithLosses(archives []Archive, list []Recorded, keys *Keys) *Bad {
	for _, r := range list {
		fail := func(kind Kind, detail string) *Bad {
			return &Bad{Seq: r.Seq, Kind: kind, Detail: "the record of the loss up to here " + detail}
		}
		if fault := r.authentic(lossLabel, keys); fault != "" {
			return fail(NotAuthentic, fault)
		}
		l, before, err := r.readLoss()
		if err != nil || l.Seq != r.Seq || l.First > l.Seq {
			return fail(Changed, "cannot be read")
		}
		at := containing(archives, l.Seq)
		if at < 0 {
			return fail(Changed, "is of no archive")
		}
		a := &archives[at]
		whole := l.Seq == a.Seq
		if l.First != a.Rest().First || before != HeadBefore(archives, at).Hash || whole != (l.File == "") || whole && l.Head != a.Head {
			return fail(Changed, "does not fit its archive")
		}
		a.Lost = append(a.Lost, l)
	}
	return nil
}

func containing(archives []Archive, seq int64) int {
	for i, a := range archives {
		if a.First <= seq && seq <= a.Seq {
			return i
		}
	}
	return -1
}

// HeadBefore is the head before what is left of an archive.
func HeadBefore(archives []Archive, at int) Head {
	if lost := archives[at].Lost; len(lost) > 0 {
		return lost[len(lost)-1].Head
	}
	if at == 0 {
		return Head{}
	}
	return archives[at-1].Head
}

func (r Recorded) readLoss() (l Loss, before Hash, err error) {
	var t lossText
	if err := json.Unmarshal([]byte(r.Text), &t); err != nil {
		return l, before, err
	}
	l = Loss{First: t.First, Head: Head{Seq: t.Seq}, File: t.File, By: t.By, Reason: t.Reason, At: t.At}
	for _, one := range []struct {
		text string
		into *Hash
	}{{t.Before, &before}, {t.Hash, &l.Hash}, {t.SHA256, &l.SHA256}} {
		if *one.into, err = ParseHash(one.text); err != nil {
			return l, before, err
		}
	}
	return l, before, nil
}
