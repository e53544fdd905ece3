package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
)

const (
	// sealBy is how much older than the newest row a row without a seal may be: rounds of sealing come every ten
	// seconds.
	sealBy = 10 * time.Minute
	// rowsATell is how many rows pass between two words on how far it is.
	rowsATell = 100
	// toldDifferences bounds what is printed; the others are counted.
	toldDifferences = 20
)

var errBadAudit = errors.New("the audit does not hold")

// verifyDatabase prints everything that it finds: one row changed may show in the chain, in the books, or in both.
func (v verification) verifyDatabase(ctx context.Context, db *store.Store, c audit.Check, out io.Writer, bar *progress) (err error) {
	archives, losses, bad, err := archivesOf(ctx, db, c.Keys)
	if err == nil && bad == nil {
		bad, err = heldAgainstCarried(ctx, db, archives)
	}
	if err == nil && bad == nil {
		bad, err = lostAndThere(ctx, db, archives)
	}
	if err == nil && bad == nil {
		bad, err = lostAndUnsaid(ctx, db, archives)
	}
	if err != nil {
		return err
	}
	if bad != nil {
		_, _ = fmt.Fprintln(out, bad)
		return errBadAudit
	}
	tip, err := db.Audit.Tip(ctx)
	if err != nil {
		return err
	}
	given, err := openGiven(v.archives, bar)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, given.close()) }()
	unknown := tellLosses(archives, given, v.known, out)
	spare := spareOf(archives, given)
	chain := db.Audit.Links(ctx, archivedTo(archives)+1, store.EndOfChain)
	if len(given) > 0 {
		chain = wholeChain(archives, given, chain)
	} else if len(archives) > 0 {
		if c, err = behind(archives, c); err != nil {
			return err
		}
	}
	var highest int64 // of the ids that have a seal; complete when a number is missing, because the walk then goes to the end
	links := func(yield func(audit.Link, error) bool) {
		for l, err := range chain {
			highest = max(highest, l.AuditID)
			for _, one := range spare {
				one.meets(l)
			}
			if l.Seq%rowsATell == 0 {
				bar.at(l.Seq, tip.Seq, fmt.Sprintf("%d of %d rows", l.Seq, tip.Seq))
			}
			if !yield(l, err) {
				return
			}
		}
	}
	got, err := audit.Verify(links, c)
	if err != nil {
		return err
	}
	bar.end()
	w, err := unsealed(ctx, db, highest)
	if err != nil {
		return err
	}
	if now, lost, _, err := archivesOf(ctx, db, nil); err != nil || len(now) != len(archives) || lost != losses {
		return errors.Join(err, errors.New("rows were archived meanwhile; run it again"))
	}
	bad = got.Bad
	switch {
	case bad == nil:
		bad = w.overdue
	case bad.Kind == audit.Missing && bad.AuditID == 0 && w.skipped != nil:
		bad.AuditID, bad.Code, bad.Kind = w.skipped.ID, w.skipped.Code, audit.SealMissing
	}
	if bad != nil {
		_, _ = fmt.Fprintln(out, bad)
	}
	differences, err := holdAgainstBooks(ctx, db, out, bar)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%d rows hold, head %s; %d not sealed yet", got.Rows, got.Head, w.rows)
	if bad != nil || differences > 0 {
		_, _ = fmt.Fprintf(out, "%s; %d differences from the books\n", line, differences)
		return errBadAudit
	}
	if err := toldOf(spare, archivedTo(archives)); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%s\n%s\n", line, authenticity(got, c))
	return errors.Join(tellArchives(ctx, db, archives, len(given) > 0, out), unknown)
}

// waiting is what has no seal.
type waiting struct {
	rows int64
	// overdue is the first row that should have had one long ago.
	overdue *audit.Bad
	// skipped is the first row among those that have one: it had one as well, or its transaction was slow.
	skipped *store.Waiting
}

func unsealed(ctx context.Context, db *store.Store, highest int64) (w waiting, err error) {
	newest, err := db.Audit.NewestRow(ctx)
	if err != nil {
		return w, err
	}
	for row, err := range db.Audit.WaitingRows(ctx) {
		if err != nil {
			return w, err
		}
		w.rows++
		if w.overdue == nil && newest.Sub(row.At) > sealBy {
			w.overdue = &audit.Bad{AuditID: row.ID, Code: row.Code, Kind: audit.SealMissing,
				Detail: "it is more than ten minutes older than the newest row; if no service ran meanwhile, one that starts seals it"}
		}
		if w.skipped == nil && row.ID < highest {
			w.skipped = &row
		}
	}
	return w, nil
}

// holdAgainstBooks compares every coupon with its audit entries and names those that differ.
func holdAgainstBooks(ctx context.Context, db *store.Store, out io.Writer, bar *progress) (differences int, err error) {
	defer bar.end()
	held := int64(0)
	for account, err := range db.Audit.Accounts(ctx) {
		if err != nil {
			return differences, err
		}
		for _, sentence := range account.Differences() {
			if differences++; differences <= toldDifferences {
				bar.beside(func() { _, _ = fmt.Fprintln(out, sentence) })
			}
		}
		if held++; held%rowsATell == 0 {
			bar.at(held, 0, fmt.Sprintf("%d coupons held against the books", held))
		}
	}
	if more := differences - toldDifferences; more > 0 {
		_, _ = fmt.Fprintf(out, "and %d more\n", more)
	}
	return differences, nil
}
