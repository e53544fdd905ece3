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

// What is ready at the same time is written by one statement for each kind of commit: PostgreSQL reads
// the rules of a table, opens its indexes and waits for its disk once for all of them. Each row keeps its own condition,
// so that one that comes too late is left out and the others are written. A statement that fails has written nothing;
// each then goes by itself.
const (
	sharedAtOnce = 2 // one waits for the disk while the other is made
	sharedRows   = 32
)

const (
	// byKeys holds until the commit: rows are found by their keys, also by a plan that was made while there were next to
	// none.
	byKeys = `SELECT set_config('enable_seqscan', 'off', true)`
	// sharedLockLimit is how long several wait together for a row that somebody else has.
	sharedLockLimit = `SELECT set_config('lock_timeout', '50ms', true)`
)

// entry is a row that is written together with others.
type entry struct {
	shape
	key string // rows are locked in the order of their keys, as everybody locks several
	// wrote is called for a row that was written, with the numbers of what was inserted beside it.
	wrote func(movement, request int64)
}

// share has the row written, with others if there are any.
func (s *database) share(ctx context.Context, with *together[*entry], e *entry) error {
	err := with.do(ctx, e, func(all []*entry) []error {
		if len(all) == 1 {
			return []error{s.writeRows(ctx, all)}
		}
		return s.writeShared(ctx, all)
	})
	if errors.Is(err, errAlone) {
		err = s.writeRows(ctx, []*entry{e})
	}
	return classified(err)
}

// writeShared writes what several ask for. Whoever leads does not decide how long the others wait.
func (s *database) writeShared(ctx context.Context, all []*entry) []error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitLimit)
	defer cancel()
	err := s.writeRows(ctx, all)
	if err != nil && !errors.Is(err, errInDoubt) {
		err = errAlone
	}
	return slices.Repeat([]error{err}, len(all))
}

// writeRows writes rows in the order of their keys.
func (s *database) writeRows(ctx context.Context, all []*entry) error {
	slices.SortStableFunc(all, func(a, b *entry) int { return strings.Compare(a.key, b.key) })
	return s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
		if c.IsClosed() {
			return driver.ErrBadConn
		}
		var written []written
		err := c.SendBatch(ctx, batch(all, &written)).Close()
		if inDoubt(err) {
			// Whatever became of it, nobody may find it unfinished on this connection.
			return &trouble{cause: errors.Join(err, c.Close(ctx)), means: errInDoubt}
		}
		if err == nil {
			tell(written)
		}
		return err
	})
}

// written is what a statement said of a row. It holds once all that was committed with it is.
type written struct {
	*entry
	movement, request int64
}

func tell(list []written) {
	for _, w := range list {
		w.wrote(w.movement, w.request)
	}
}

// batch is one statement for each kind of commit, all of which PostgreSQL commits together.
func batch(all []*entry, into *[]written) *pgx.Batch {
	b := &pgx.Batch{}
	b.Queue(byKeys)
	if len(all) > 1 {
		b.Queue(sharedLockLimit)
	}
	for _, alike := range byText(all) {
		text, args := statement(shapes(alike))
		b.Queue(text, args...).Query(func(rows pgx.Rows) error {
			list, err := read(rows, alike)
			*into = append(*into, list...)
			return err
		})
	}
	return b
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

// read reads what the statement tells of the rows that it has written.
func read(rows cursor, list []*entry) (found []written, err error) {
	for rows.Next() {
		var turn int64
		var w written
		if err := rows.Scan(&turn, &w.movement, &w.request); err != nil {
			return nil, err
		}
		if turn < 1 || turn > int64(len(list)) {
			return nil, fmt.Errorf("row %d of %d was written", turn, len(list))
		}
		w.entry = list[turn-1]
		found = append(found, w)
	}
	return found, rows.Err()
}

// writeWithin writes a row in a transaction that has begun.
func writeWithin(ctx context.Context, tx *gorm.DB, e *entry) error {
	text, args := statement([]*shape{&e.shape})
	rows, err := tx.Statement.ConnPool.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error is that of reading
	list, err := read(rows, []*entry{e})
	if err == nil {
		tell(list)
	}
	return err
}

func newTogether() *together[*entry] {
	return &together[*entry]{most: sharedAtOnce, chunk: sharedRows}
}
