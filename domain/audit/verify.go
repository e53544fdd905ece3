package audit

import (
	"fmt"
	"iter"
	"strings"
)

// Link is a row in its place, from wherever the chain is read.
type Link struct {
	Seq, AuditID int64
	Code         string // the coupon's; empty when the row is about none
	Canonical    []byte
	Hash         Hash // the stored one
	// Gone tells that the row is not there, although its seal, or the end of a file, says that it was.
	Gone bool
	// Fault says why the row or its seal cannot be read as what it has to be; empty when it can. Without a number it is
	// about the place where it is met.
	Fault string
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
}

// Verify walks the chain from the head before its first link. expected is a head that was written down elsewhere, or nil.
// It stops at the first bad row, and keeps no more than one in memory. An error is one of the source.
func Verify(links iter.Seq2[Link, error], start Head, expected *Head) (Result, error) {
	w := &walk{Result: Result{Head: start}, expected: expected}
	if expected != nil && expected.Seq < start.Seq {
		w.fail(Link{Seq: expected.Seq}, HeadDiffers, "the rows begin after it")
		return w.Result, nil
	}
	w.compare(Link{Seq: start.Seq})
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
	if w.Bad == nil && expected != nil && expected.Seq > w.Head.Seq {
		w.fail(Link{Seq: expected.Seq}, HeadDiffers, fmt.Sprintf("the chain ends at %d", w.Head.Seq))
	}
	return w.Result, nil
}

type walk struct {
	Result
	expected *Head
	sought   int64 // the number that was not where it should be
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
	case w.Head.Hash.Next(link.Canonical) != link.Hash:
		w.fail(link, Changed, "the row or its seal")
	default:
		w.Rows++
		w.Head = Head{Seq: want, Hash: link.Hash}
		w.compare(link)
	}
}

func kindOf(link Link) Kind {
	if link.Gone {
		return Missing
	}
	return Changed
}

// compare holds the chain against the expected head when it gets there.
func (w *walk) compare(link Link) {
	if w.expected != nil && w.expected.Seq == w.Head.Seq && w.expected.Hash != w.Head.Hash {
		w.fail(link, HeadDiffers, "it is "+w.Head.String())
	}
}

func (w *walk) fail(link Link, kind Kind, detail string) {
	if w.Bad == nil {
		w.Bad = &Bad{Seq: link.Seq, AuditID: link.AuditID, Code: link.Code, Kind: kind, Detail: detail}
	}
}
