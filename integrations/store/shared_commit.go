package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// sharedRows is how many rows a statement writes at most. What is ready at the same time is written by one statement for
// each kind of commit: PostgreSQL reads the rules of a table, opens its indexes and waits for its disk once for all of
// them. Each row keeps its own condition, so that one that comes too late is left out and the others are written. A
// statement that fails has written nothing; each then goes by itself.
const sharedRows = 32

const (
	// byKeys holds until the commit: rows are found by their keys, also by a plan that was made while there were next to
	// none.
	byKeys = `set_config('enable_seqscan', 'off', true)`
	// byKeysSoon limits besides how long those who go together, or for whom others wait, wait for a row that somebody else
	// has.
	byKeysSoon = byKeys + `, set_config('lock_timeout', '50ms', true)`
)

// entry is a row that is written together with others.
type entry struct {
	shape
	key string // rows are locked in the order of their keys, as everybody locks several
	// wrote is called for a row that was written and committed, with the numbers of what was inserted beside it.
	wrote func(movement, request int64)
}

// share has the row written, with others if there are any. What cannot be written at once is tried by itself, where
// nobody waits for it.
func (s *database) share(ctx context.Context, with *together[*entry], e *entry) error {
	err := with.do(ctx, e, func(all []*entry) error { return s.writeShared(ctx, all) })
	if errors.Is(err, errAlone) {
		err = s.writeRows(ctx, []*entry{e}, byKeys)
	}
	return classified(err)
}

// writeShared writes what several ask for, or one for whom others may wait: neither whoever leads, nor a row that
// somebody has, nor a connection that is dead, decides how long.
func (s *database) writeShared(ctx context.Context, all []*entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitLimit)
	defer cancel()
	err := s.writeRows(ctx, all, byKeysSoon)
	if err != nil && !errors.Is(err, errInDoubt) {
		return errAlone
	}
	return err
}

// writeRows writes rows in the order of their keys, under what is called first.
func (s *database) writeRows(ctx context.Context, all []*entry, first string) error {
	slices.SortStableFunc(all, func(a, b *entry) int { return strings.Compare(a.key, b.key) })
	return s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
		if c.IsClosed() {
			return driver.ErrBadConn
		}
		b, written := batch(all, "SELECT "+s.local+first)
		err := c.SendBatch(ctx, b).Close()
		if inDoubt(err) {
			// Whatever became of it, nobody may find it unfinished on this connection.
			return &trouble{cause: errors.Join(err, c.Close(ctx)), means: errInDoubt}
		}
		if err == nil {
			written.tell()
		}
		return err
	})
}

// batch is one statement for each kind of commit, all of which PostgreSQL commits together, and where they tell what they
// have written. Until the last of them is through, and committed, that can still be undone.
func batch(all []*entry, first string) (*pgx.Batch, *report) {
	b, t := &pgx.Batch{}, &report{}
	b.Queue(first)
	for _, alike := range byText(all) {
		text, args := statement(shapes(alike))
		b.Queue(text, args...).Query(func(rows pgx.Rows) error { return t.read(rows, alike) })
	}
	return b, t
}

// byText puts rows together that the same statement writes.
func byText(all []*entry) [][]*entry {
	var lists [][]*entry
	for _, e := range all {
		i := slices.IndexFunc(lists, func(list []*entry) bool { return list[0].text == e.text })
		if i < 0 {
			i, lists = len(lists), append(lists, nil)
		}
		lists[i] = append(lists[i], e)
	}
	return lists
}

func shapes(list []*entry) []*shape {
	out := make([]*shape, len(list))
	for i, e := range list {
		out[i] = &e.shape
	}
	return out
}

// cursor is what both drivers have in common of rows that are read.
type cursor interface {
	Next() bool
	Scan(into ...any) error
	Err() error
}

// report is what statements have told of the rows that they wrote.
type report []func()

func (t *report) tell() {
	for _, one := range *t {
		one()
	}
}

// read takes in what a statement tells of the rows that it has written.
func (t *report) read(rows cursor, list []*entry) error {
	for rows.Next() {
		var turn, movement, request int64
		if err := rows.Scan(&turn, &movement, &request); err != nil {
			return err
		}
		if turn < 1 || turn > int64(len(list)) {
			return fmt.Errorf("row %d of %d was written", turn, len(list))
		}
		*t = append(*t, func() { list[turn-1].wrote(movement, request) })
	}
	return rows.Err()
}

// writeWithin writes a row in a transaction that has begun.
func writeWithin(ctx context.Context, tx *gorm.DB, e *entry) error {
	text, args := statement([]*shape{&e.shape})
	rows, err := tx.Statement.ConnPool.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error is that of reading
	var t report
	if err := t.read(rows, []*entry{e}); err != nil {
		return err
	}
	t.tell()
	return nil
}

func newTogether() *together[*entry] {
	return &together[*entry]{chunk: sharedRows}
}
