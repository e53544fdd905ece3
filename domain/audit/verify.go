package audit

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"iter"
	"strings"
	"time"
)

// Link is a row in its place, from wherever the chain is read.
type Link struct {
	Seq, AuditID int64
	At           time.Time // as the database has it; a file's lines are not read for it
	Code         string    // the coupon's; empty when the row is about none
	Canonical    []byte
	Hash         Hash // the stored one
	Keyed        Keyed
	// Gone says that the row is not there, although its seal, or the end of a file, says that it was.
	Gone bool
	// Fault says why the row or its seal cannot be read as what it has to be; empty when it can. Without a number it is
	// about the place where it is met.
	Fault string
	// Until is not zero for what is no row: the rows from Seq to this head were accepted as lost. Keyed then has the number
	// of the chain's first keyed seal, where one is known.
	Until Head
}

// Kind says what is wrong with a row.
type Kind string

// The kinds of fault.
const (
	Changed     Kind = "changed"
	Missing     Kind = "missing"
	OutOfOrder  Kind = "out of order"
	SealMissing Kind = "seal missing"
	HeadDiffers Kind = "head differs from the expected"
	// NotAuthentic: the links fit, but whoever made the seal did not have the key.
	NotAuthentic Kind = "not authentic"
)

// Bad is the first row that is not what was sealed. AuditID is 0 and Code empty where nobody can tell any more.
type Bad struct {
	Seq, AuditID int64
	Code         string
	Kind         Kind
	Detail       string
}

// String is one line that names the row and the fault.
func (b Bad) String() string {
	parts := make([]string, 0, 3)
	if b.Seq != 0 {
		parts = append(parts, fmt.Sprintf("seq %d", b.Seq))
	}
	if b.AuditID != 0 {
		parts = append(parts, fmt.Sprintf("audit row %d", b.AuditID))
	}
	if b.Code != "" {
		parts = append(parts, "coupon "+b.Code)
	}
	line := strings.Join(parts, ", ") + ": " + string(b.Kind)
	if b.Detail != "" {
		line += ": " + b.Detail
	}
	return strings.TrimPrefix(line, ": ")
}

// Result is what a walk along the chain found: how many rows hold, where it got to, and the first one that does not.
type Result struct {
	Rows int64
	Head Head
	Bad  *Bad
	// From is the number of the first keyed seal, 0 when none was met; Keyed is how many were held against their key,
	// and Last names the key of the last one.
	From, Keyed int64
	Last        string
}

// Check says what a chain is held against.
type Check struct {
	// Start is the head before the first link, and From the number of the first keyed seal where one is known to stand
	// before it.
	Start Head
	From  int64
	// Expected is a head that was written down elsewhere, or nil.
	Expected *Head
	// Keys are those that sealed, or nil: then only the links are looked at, which anybody can make.
	Keys *Keys
	// ToTheEnd says that the last link is the newest there is, so that the key in use must have made it.
	ToTheEnd bool
}

// Verify walks the chain. It stops at the first bad row, and keeps no more than one in memory. An error is one of the
// source.
func Verify(links iter.Seq2[Link, error], c Check) (Result, error) {
	w := &walk{Result: Result{Head: c.Start, From: c.From}, Check: c, sum: sha256.New()}
	if c.Expected != nil && c.Expected.Seq < c.Start.Seq {
		w.fail(Link{Seq: c.Expected.Seq}, HeadDiffers, "the rows begin after it")
		return w.Result, nil
	}
	w.compare(Link{Seq: c.Start.Seq})
	for link, err := range links {
		if err != nil {
			return w.Result, err
		}
		if w.Bad != nil {
			// The row that should stand here was not there: if it comes later, it was moved.
			if w.sought == 0 || link.Seq != w.sought {
				continue
			}
			*w.Bad = Bad{Seq: link.Seq, AuditID: link.AuditID, Code: link.Code, Kind: OutOfOrder}
			break
		}
		w.take(link)
		if w.Bad != nil && w.sought == 0 {
			break
		}
	}
	w.end()
	return w.Result, nil
}

type walk struct {
	Result
	Check
	sought int64 // the number that was not where it should be
	sum    hash.Hash
	marker *marker // of the key that made the last seal
}

// end looks at what can be told only after the last link.
func (w *walk) end() {
	switch {
	case w.Bad != nil:
	case w.Expected != nil && w.Expected.Seq > w.Head.Seq:
		w.fail(Link{Seq: w.Expected.Seq}, HeadDiffers, fmt.Sprintf("the chain ends at %d", w.Head.Seq))
	case w.Keys == nil || w.Rows == 0:
	case w.Result.From == 0:
		w.fail(Link{Seq: w.Head.Seq}, NotAuthentic, "no seal was made with a key")
	case w.ToTheEnd && w.Last != w.Keys.Current.ID:
		w.fail(Link{Seq: w.Head.Seq}, NotAuthentic, "the newest seal was made with key "+w.Last+
			", which is not the one in use")
	}
}

func (w *walk) take(link Link) {
	want := w.Head.Seq + 1
	switch {
	case link.Seq == 0:
		link.Seq = want
		w.fail(link, kindOf(link), link.Fault)
	case link.Seq > want:
		w.sought = want
		w.fail(Link{Seq: want}, Missing, "")
	case link.Seq < want:
		w.fail(link, OutOfOrder, "")
	case link.Gone, link.Fault != "":
		w.fail(link, kindOf(link), link.Fault)
	case link.Until != Head{}:
		w.pass(link)
	case w.Head.Hash.nextBy(w.sum, link.Canonical) != link.Hash:
		w.fail(link, Changed, "the row or its seal")
	default:
		if fault := w.keyed(link); fault != "" {
			w.fail(link, NotAuthentic, fault)
			return
		}
		w.Rows++
		w.Head = Head{Seq: want, Hash: link.Hash}
		w.compare(link)
	}
}

// pass goes on behind rows that were accepted as lost. A head that is expected among them nobody can look at.
func (w *walk) pass(link Link) {
	if w.Expected != nil && w.Expected.Seq >= link.Seq && w.Expected.Seq < link.Until.Seq {
		w.fail(Link{Seq: w.Expected.Seq}, HeadDiffers, "it lies within rows that were accepted as lost")
		return
	}
	if from := link.Keyed.From; from != 0 && from <= link.Until.Seq {
		w.Result.From = from
	}
	w.Head = link.Until
	w.compare(Link{Seq: w.Head.Seq})
}

// keyed holds the keyed part of a seal against those before it and, where there are keys, against its key.
func (w *walk) keyed(link Link) (fault string) {
	k := link.Keyed
	switch {
	case k == Keyed{} && w.Result.From == 0:
		return ""
	case k == Keyed{}:
		return fmt.Sprintf("its seal was made without a key, although keyed seals begin at %d", w.Result.From)
	case k.Key == "", k.From < 1, k.From > link.Seq, w.Result.From != 0 && k.From != w.Result.From, w.Result.From == 0 && w.plain() &&
		k.From != link.Seq:
		return fmt.Sprintf("its seal says that keyed seals begin at %d", k.From)
	}
	if w.Keys != nil {
		if w.marker == nil || w.marker.id != k.Key {
			key, known := w.Keys.find(k.Key)
			if !known {
				return "its seal names the key " + k.Key + ", which was not given"
			}
			w.marker = key.marker()
		}
		if !w.marker.made(Head{Seq: link.Seq, Hash: link.Hash}, k) {
			return "its seal was not made with the key that it names"
		}
		w.Keyed++
	}
	w.Result.From, w.Last = k.From, k.Key
	return ""
}

// plain reports whether a row without a keyed seal, or the very beginning, stands before the next link.
func (w *walk) plain() bool { return w.Rows > 0 || w.Start.Seq == 0 }

func kindOf(link Link) Kind {
	if link.Gone {
		return Missing
	}
	return Changed
}

// compare holds the chain against the expected head when it gets there.
func (w *walk) compare(link Link) {
	if w.Expected != nil && w.Expected.Seq == w.Head.Seq && w.Expected.Hash != w.Head.Hash {
		w.fail(link, HeadDiffers, "it is "+w.Head.String())
	}
}

func (w *walk) fail(link Link, kind Kind, detail string) {
	if w.Bad == nil {
		w.Bad = &Bad{Seq: link.Seq, AuditID: link.AuditID, Code: link.Code, Kind: kind, Detail: detail}
	}
}
