package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// Source is the sealed audit as an export reads it.
type Source interface {
	// SealedBetween returns the first and the last place in the chain of the rows within two moments; zero when there
	// are none. A zero moment is no bound.
	SealedBetween(ctx context.Context, from, to time.Time) (first, last int64, err error)
	// First is the place after what was archived.
	First(ctx context.Context) (int64, error)
	// Tip is the end of the chain.
	Tip(ctx context.Context) (Tip, error)
	// Before is the head before a place in the chain.
	Before(ctx context.Context, seq int64) (Head, error)
	Links(ctx context.Context, first, last int64) iter.Seq2[Link, error]
}

// ExportRange writes the part of the audit within two moments. Errors: those of the source and of out, and one that
// names the first row that is not what was sealed.
func ExportRange(ctx context.Context, from Source, begin, end time.Time, out io.Writer) error {
	first, last, err := from.SealedBetween(ctx, begin, end)
	if err != nil {
		return err
	}
	kept, err := from.First(ctx)
	if err != nil {
		return err
	}
	if first == 0 || last < kept { // nothing: an export of no rows, after the end of the chain
		tip, err := from.Tip(ctx)
		if err != nil {
			return err
		}
		first, last = tip.Seq+1, tip.Seq
	} else if begin.IsZero() {
		first = kept
	} else {
		first = max(first, kept)
	}
	head, err := from.Before(ctx, first)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	w, err := NewWriter(buffered, head)
	if err != nil {
		return err
	}
	for link, err := range from.Links(ctx, first, last) {
		if err != nil {
			return err
		}
		if link.Gone || link.Fault != "" {
			return fmt.Errorf("seq %d, audit row %d cannot be exported: %s; run: pointbridge audit verify", link.Seq,
				link.AuditID, link.Fault)
		}
		if err := w.Write(link); err != nil {
			return err
		}
		head = Head{Seq: link.Seq, Hash: link.Hash}
	}
	return errors.Join(w.Close(head), buffered.Flush())
}
