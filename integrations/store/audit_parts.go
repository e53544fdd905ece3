package store

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"
)

// usualPart is how many rows of the audit one statement looks at where all of them are looked at: the database ends a
// statement that takes too long, and one about ten million rows would.
const usualPart = 50_000

// ranges divides numbers into parts, both ends included.
func (d *database) ranges(first, last int64) iter.Seq2[int64, int64] {
	return func(yield func(from, to int64) bool) {
		for from := first; from <= last; from += d.auditPart {
			if !yield(from, min(from+d.auditPart-1, last)) {
				return
			}
		}
	}
}

// Waiting is a row without a seal.
type Waiting struct {
	ID   int64
	Code string
	At   time.Time
}

// WaitingRows returns every row without a seal, in the order of their ids.
func (s Audit) WaitingRows(ctx context.Context) iter.Seq2[Waiting, error] {
	return func(yield func(Waiting, error) bool) {
		first, last, err := s.ends(ctx, `SELECT min(id), max(id) FROM audit`)
		if err != nil {
			yield(Waiting{}, err)
			return
		}
		for from, to := range s.ranges(first, last) {
			var part []Waiting
			err := s.db.WithContext(ctx).Raw(`SELECT id, code, at FROM audit a WHERE id >= ? AND id <= ? AND NOT EXISTS (`+sealOf+
				` AND s.audit_id <= ?) ORDER BY id`, from, to, from-1, to).Scan(&part).Error
			if err != nil {
				yield(Waiting{}, translate(err))
				return
			}
			for _, w := range part {
				if !yield(w, nil) {
					return
				}
			}
		}
	}
}

// ends reads the lowest and the highest of something; 0, -1 when there is nothing, so that it has no parts.
func (s Audit) ends(ctx context.Context, statement string) (first, last int64, err error) {
	var lowest, highest sql.NullInt64
	err = s.db.WithContext(ctx).Raw(statement).Row().Scan(&lowest, &highest)
	if err != nil || !lowest.Valid {
		return 0, -1, translate(err)
	}
	return lowest.Int64, highest.Int64, nil
}

// ArchivedLeft is how many rows that are archived are still in the database.
func (s Audit) ArchivedLeft(ctx context.Context) (n int64, err error) {
	first, _, err := s.ends(ctx, `SELECT min(seq), max(seq) FROM audit_seals`)
	if err != nil {
		return 0, err
	}
	last, err := archived(s.db.WithContext(ctx))
	if err != nil {
		return 0, translate(err)
	}
	for from, to := range s.ranges(first, last) {
		var some int64
		err := s.db.WithContext(ctx).Raw(`SELECT count(*) FROM audit_seals WHERE seq >= ? AND seq <= ?`, from, to).Row().Scan(&some)
		if n += some; err != nil {
			return 0, translate(err)
		}
	}
	return n, nil
}

// SealedBetween returns the first and the last number of the rows that are dated from one moment (inclusive) to another
// (exclusive); zero moments are no bounds, and 0, 0 means that there are none. In between may be rows of other moments:
// the numbers are in the order of sealing.
func (s Audit) SealedBetween(ctx context.Context, from, to time.Time) (first, last int64, err error) {
	if from.IsZero() && to.IsZero() {
		first, last, err = s.ends(ctx, `SELECT min(seq), max(seq) FROM audit_seals`)
		return first, max(last, 0), err
	}
	if to.IsZero() {
		to = lastMoment
	}
	end := place{at: to}
	for after, all := (place{at: from}), false; !all; {
		var until place
		if until, all, err = s.partAfter(ctx, after, end); err != nil {
			return 0, 0, err
		}
		lowest, highest, err := s.numbered(ctx, after, until)
		if err != nil {
			return 0, 0, err
		}
		if highest > 0 && (first == 0 || lowest < first) {
			first = lowest
		}
		last, after = max(last, highest), until
	}
	return first, last, nil
}

// lastMoment is later than whatever is dated.
var lastMoment = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// place is a place in the order of time: that of a row, or, without one, before all rows of a moment.
type place struct {
	at time.Time
	id int64
}

// partAfter says where a part of the rows behind one place ends, at the latest at another one, which ends all.
func (s Audit) partAfter(ctx context.Context, after, end place) (until place, all bool, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT at, id FROM audit WHERE (at, id) > (?, ?) AND (at, id) <= (?, ?) ORDER BY at, id LIMIT 1 OFFSET ?`,
		utc(after.at), after.id, utc(end.at), end.id, s.auditPart-1).Row().Scan(&until.at, &until.id)
	if errors.Is(err, sql.ErrNoRows) {
		return end, true, nil
	}
	return until, false, translate(err)
}

// numbered reads the lowest and the highest number of the sealed rows behind one place and up to another one; 0, 0 when
// there are none. That their ids lie between two of them keeps the database from reading every seal there is.
func (s Audit) numbered(ctx context.Context, after, until place) (lowest, highest int64, err error) {
	err = s.db.WithContext(ctx).Raw(`WITH part AS MATERIALIZED (SELECT id FROM audit WHERE (at, id) > (?, ?) AND (at, id) <= (?, ?))
		SELECT coalesce(min(s.seq), 0), coalesce(max(s.seq), 0) FROM audit_seals s JOIN part ON part.id = s.audit_id
		WHERE s.audit_id >= (SELECT min(id) FROM part) AND s.audit_id <= (SELECT max(id) FROM part)`,
		utc(after.at), after.id, utc(until.at), until.id).Row().Scan(&lowest, &highest)
	return lowest, highest, translate(err)
}
