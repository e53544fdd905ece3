package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"pointbridge/domain/reports"
)

// A year has thousands of slots and hundreds of days, so reports read days. Which slots make a day depends on the zone,
// by how far its clocks are ahead: days are kept for each shift that a report has asked for.

type dayRow struct {
	Shift, Day      int64
	Kind, Detail    string
	Coupons, Points int64
}

func (dayRow) TableName() string { return "tally_days" }

type shiftRow struct{ Shift, Seq int64 }

// foldDays brings the days along from a number of the chain to another, by what was added to the slots between. Days
// that are not where the slots were are made anew: those of a new shift, and those that a program of before this table
// left behind.
func foldDays(tx *gorm.DB, from, until int64, news map[reports.Slot]map[reports.Key]reports.Count) error {
	var shifts []shiftRow
	if err := tx.Raw(`SELECT shift, seq FROM tally_shifts WHERE seq <> ?`, until).Scan(&shifts).Error; err != nil {
		return err
	}
	for _, known := range shifts {
		err := addDays(tx, known.Shift, news)
		if known.Seq != from {
			err = remakeDays(tx, known.Shift)
		}
		if err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE tally_shifts SET seq = ? WHERE shift = ?`, until, known.Shift).Error; err != nil {
			return err
		}
	}
	return nil
}

func addDays(tx *gorm.DB, shift int64, news map[reports.Slot]map[reports.Key]reports.Count) error {
	type key struct {
		day int64
		key reports.Key
	}
	days := map[key]reports.Count{}
	for slot, keys := range news {
		for k, c := range keys {
			at := key{reports.Stretch{Shift: shift}.Day(slot), k}
			days[at] = days[at].Plus(c)
		}
	}
	rows := make([]dayRow, 0, len(days))
	for at, c := range days {
		rows = append(rows, dayRow{shift, at.day, string(at.key.Kind), at.key.Detail, c.Coupons, c.Points})
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b dayRow) int { return cmp.Compare(a.Day, b.Day) })
	return tx.Clauses(adding("tally_days", "shift", "day", "kind", "detail")).CreateInBatches(&rows, 1000).Error
}

func remakeDays(tx *gorm.DB, shift int64) error {
	if err := tx.Exec(`DELETE FROM tally_days WHERE shift = ?`, shift).Error; err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO tally_days (shift, day, kind, detail, coupons, points)
		SELECT CAST(? AS integer), (slot + ?) / 96, kind, detail, sum(coupons), sum(points) FROM tally_slots GROUP BY 1, 2, 3, 4 ORDER BY 2`, shift, shift).Error
}

// dated returns what happened within the stretches, and the shifts whose days nobody keeps yet.
func dated(tx *gorm.DB, within []reports.Stretch,
	news map[reports.Slot]map[reports.Key]reports.Count) (list []reports.Dated, unknown []int64, err error) {
	kept := map[int64]bool{} // whether the days are as far as the slots are
	if len(within) > 0 {
		var shifts []shiftRow
		if err := tx.Raw(`SELECT t.shift, t.seq - f.seq AS seq FROM tally_shifts t, tally_folded f`).Scan(&shifts).Error; err != nil {
			return nil, nil, err
		}
		for _, s := range shifts {
			kept[s.Shift] = s.Seq == 0
		}
	}
	for _, w := range within {
		current, known := kept[w.Shift]
		if !known && !slices.Contains(unknown, w.Shift) {
			unknown = append(unknown, w.Shift)
		}
		lines, err := linesOfDays(tx, w, current)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, lines...)
		for slot, keys := range news {
			if slot < w.From || slot >= w.To {
				continue
			}
			for k, c := range keys {
				list = append(list, reports.Dated{Day: w.Day(slot), Key: k, Count: c})
			}
		}
	}
	return list, unknown, nil
}

// linesOfDays reads a stretch: its whole days from where they are kept, and what is before and after them from the
// slots. Days that are kept are added up already: a year of them is thousands of rows, which are read as they are.
func linesOfDays(tx *gorm.DB, w reports.Stretch, kept bool) (list []reports.Dated, err error) {
	const slots = `SELECT (slot + ?) / 96 AS day, kind, detail, CAST(sum(coupons) AS bigint) AS coupons,
		CAST(sum(points) AS bigint) AS points FROM tally_slots WHERE slot >= ? AND slot < ? GROUP BY 1, 2, 3`
	text, args := slots, []any{w.Shift, int64(w.From), int64(w.To)}
	if first, end := w.Whole(); kept && first < end {
		text = slots + ` UNION ALL ` + slots +
			` UNION ALL SELECT day, kind, detail, coupons, points FROM tally_days WHERE shift = ? AND day >= ? AND day < ?`
		args = []any{w.Shift, int64(w.From), int64(w.Begins(first)), w.Shift, int64(w.Begins(end)), int64(w.To),
			w.Shift, first, end}
	}
	rows, err := tx.Raw(text, args...).Rows() // gorm's way into a struct would cost more than the database
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var d reports.Dated
		var kind string // database/sql has a short way to a plain text
		if err := rows.Scan(&d.Day, &kind, &d.Key.Detail, &d.Count.Coupons, &d.Count.Points); err != nil {
			return nil, err
		}
		d.Key.Kind = reports.Kind(kind)
		list = append(list, d)
	}
	return list, rows.Err()
}

// rememberShifts asks the sealer to keep the days of shifts from now on.
func (s *database) rememberShifts(ctx context.Context, shifts []int64) error {
	for _, shift := range shifts {
		if err := s.db.WithContext(ctx).Exec(`INSERT INTO tally_shifts (shift, seq) VALUES (?, -1) ON CONFLICT (shift) DO NOTHING`, shift).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}
