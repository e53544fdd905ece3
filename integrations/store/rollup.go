package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/reports"
)

// The audit is the one source of the figures: each move of a coupon is one line of it, committed with the move. What is
// sealed is added up once, by the sealer, in the commit of the seals; what is not sealed yet is added when somebody
// asks. So nothing is written when a coupon moves, no row is fought for, and a figure is exact at the instant it is
// read.

// foldMost bounds what one commit adds up that others have sealed: a program of before these tables seals without
// adding.
const foldMost = 20 * audit.Batch

// rolledUpLines adds up the lines of the audit that figures are made of, read from a given source.
func (s *database) rolledUpLines(source string) string {
	slot := `CAST(strftime('%s', substr(a.at, 1, 19)) AS integer) / 900`
	if s.dialect == "postgres" {
		slot = `floor(extract(epoch FROM a.at) / 900)::bigint`
	}
	return `SELECT ` + slot + ` AS slot, a.action, ` + fromStatus + ` AS from_status, a.to_status, ` + outcome + ` AS outcome,
		CASE WHEN a.to_status = 'cancelled' THEN coalesce(c.reason, '') ELSE '' END AS reason,
		sum(` + s.timesOf("a") + `) AS coupons, coalesce(sum(c.points), 0) AS points
		FROM ` + source + ` AND (` + fromStatus + ` <> a.to_status OR a.outcome = 'refused'
			OR a.action IN ('points.given_back', 'points.granted', 'points.taken_back'))
		GROUP BY 1, 2, 3, 4, 5, 6`
}

// timesOf is how many refusals a line tells of: one, or the number of a line that tells of several. A detail that
// cannot be read tells of one.
func (s *database) timesOf(line string) string {
	number := `CASE WHEN json_valid(` + line + `.detail) THEN json_extract(` + line + `.detail, '$.times') END`
	if s.dialect == "postgres" {
		// In a text of JSON a quote is escaped, so only a member's own name can stand like this.
		number = `CAST(substring(` + line + `.detail FROM '"times":([0-9]{1,9})[,}]') AS bigint)`
	}
	return `CASE WHEN ` + line + `.outcome = 'refused' THEN coalesce(` + number + `, 1) ELSE 1 END`
}

// outcome is how it ended. That a conversion was refused whose coupon had been begun is told by the coupon's entry.
const outcome = `CASE WHEN a.action IN ('conversion.refused', 'issue.refused') AND a.detail LIKE '%"coupon_failed":true%'
	THEN 'told' ELSE a.outcome END`

// fromStatus is where a coupon was before. Lines of decisions to forfeit used to say that it was forfeited already.
const fromStatus = `CASE WHEN a.action = 'review.decided' AND a.to_status = 'forfeited' THEN 'suspended' ELSE a.from_status END`

const (
	sealedLines  = `audit_seals s JOIN audit a ON a.id = s.audit_id LEFT JOIN coupons c ON c.id = a.coupon_id WHERE s.seq > ? AND s.seq <= ?`
	waitingLines = `audit a LEFT JOIN coupons c ON c.id = a.coupon_id WHERE a.id > ? AND NOT EXISTS (` + sealOf + `)`
)

type linesRow struct {
	Slot                                          int64
	Action, FromStatus, ToStatus, Outcome, Reason string
	Coupons, Points                               int64
}

func (s *database) lines(tx *gorm.DB, source string, args ...any) ([]reports.Lines, error) {
	var rows []linesRow
	if err := tx.Raw(s.rolledUpLines(source), args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]reports.Lines, 0, len(rows))
	for _, r := range rows {
		list = append(list, reports.Lines{Slot: reports.Slot(r.Slot), Action: r.Action,
			From: domain.Status(r.FromStatus), To: domain.Status(r.ToStatus), Outcome: r.Outcome, Reason: r.Reason,
			Count: reports.Count{Coupons: r.Coupons, Points: r.Points}})
	}
	return list, nil
}

type statusRow struct {
	Status          string
	Coupons, Points int64
}

func (statusRow) TableName() string { return "tally_status" }

type slotRow struct {
	Slot            int64
	Kind, Detail    string
	Coupons, Points int64
}

func (slotRow) TableName() string { return "tally_slots" }

// fold adds up what was sealed since the last fold, most numbers of the chain at most. Whoever calls it is the only
// sealer.
func (s *database) fold(tx *gorm.DB, head, most int64) error {
	var folded int64
	if err := tx.Raw(`SELECT seq FROM tally_folded`).Row().Scan(&folded); err != nil {
		return err
	}
	until := min(head, folded+most)
	if until <= folded {
		return foldDays(tx, folded, folded, nil)
	}
	list, err := s.lines(tx, sealedLines, folded, until)
	if err != nil {
		return err
	}
	sums := reports.Add(list)
	if err := addRollup(tx, sums); err != nil {
		return err
	}
	if err := tx.Exec(`UPDATE tally_folded SET seq = ?`, until).Error; err != nil {
		return err
	}
	return foldDays(tx, folded, until, sums.Slots)
}

func addRollup(tx *gorm.DB, t reports.Rollup) error {
	statuses := make([]statusRow, 0, len(t.Status))
	for status, c := range t.Status {
		statuses = append(statuses, statusRow{string(status), c.Coupons, c.Points})
	}
	var slots []slotRow
	for slot, keys := range t.Slots {
		for k, c := range keys {
			slots = append(slots, slotRow{int64(slot), string(k.Kind), k.Detail, c.Coupons, c.Points})
		}
	}
	if len(statuses) > 0 {
		if err := tx.Clauses(adding("tally_status", "status")).Create(&statuses).Error; err != nil {
			return err
		}
	}
	if len(slots) == 0 {
		return nil
	}
	// A report reads neighbours, so they are written side by side.
	slices.SortFunc(slots, func(a, b slotRow) int { return cmp.Compare(a.Slot, b.Slot) })
	return tx.Clauses(adding("tally_slots", "slot", "kind", "detail")).CreateInBatches(&slots, 1000).Error
}

// adding adds to the row that is there.
func adding(table string, key ...string) clause.OnConflict {
	columns := make([]clause.Column, 0, len(key))
	for _, k := range key {
		columns = append(columns, clause.Column{Name: k})
	}
	return clause.OnConflict{Columns: columns, DoUpdates: clause.Assignments(map[string]any{
		"coupons": gorm.Expr(table + ".coupons + excluded.coupons"),
		"points":  gorm.Expr(table + ".points + excluded.points"),
	})}
}

// RebuildRollup adds everything that is sealed up anew. Errors: domain.ErrConflict while a sealer is at work.
func (s Reports) RebuildRollup(ctx context.Context) error { return s.rebuildRollup(ctx, rebuiltAtOnce) }

// rebuildRollup adds so many numbers of the chain up at once.
func (s Reports) rebuildRollup(ctx context.Context, most int64) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		mine, err := s.lockSeals(tx)
		if err != nil {
			return err
		}
		if !mine {
			return fmt.Errorf("%w: somebody is sealing", domain.ErrConflict)
		}
		statements := []string{`DELETE FROM tally_status`, `DELETE FROM tally_slots`, `UPDATE tally_folded SET seq = 0`,
			`UPDATE tally_shifts SET seq = -1`}
		for _, statement := range statements {
			if err := tx.Exec(statement).Error; err != nil {
				return err
			}
		}
		head, err := chainTip(tx)
		if err != nil {
			return err
		}
		for done := most; ; done += most {
			if err := s.fold(tx, head.Seq, most); err != nil || done >= head.Seq {
				return err
			}
		}
	})
}

// rebuiltAtOnce is how many numbers of the chain one statement of a rebuild adds up: no statement may take longer than
// those of a request, which this side gives up whatever the database was told.
const rebuiltAtOnce = 20_000

// Figures implements reports.Store.
func (s Reports) Figures(ctx context.Context, now time.Time, within []reports.Stretch) (reports.Figures, error) {
	return s.figures(ctx, now, within)
}

// figures are those of the reports, and of a list of all coupons.
func (s *database) figures(ctx context.Context, now time.Time, within []reports.Stretch) (reports.Figures, error) {
	var f reports.Figures
	var unknown []int64
	err := s.snapshot(ctx, func(tx *gorm.DB) error {
		list, err := s.unfolded(tx, now)
		if err != nil {
			return err
		}
		news := reports.Add(list)
		if f.Standing, err = standing(tx, now, news.Status); err != nil {
			return err
		}
		f.Days, unknown, err = dated(tx, within, news.Slots)
		return err
	})
	if err != nil {
		return reports.Figures{}, err
	}
	return f, s.rememberShifts(ctx, unknown)
}

// unfolded returns the lines that nobody has added up: those without a seal, as far back as a round of sealing looks,
// and those that were sealed without being added.
func (s *database) unfolded(tx *gorm.DB, now time.Time) ([]reports.Lines, error) {
	var folded, head int64
	if err := tx.Raw(`SELECT seq, (SELECT coalesce(max(seq), 0) FROM audit_seals) FROM tally_folded`).Row().Scan(&folded, &head); err != nil {
		return nil, err
	}
	after, err := sealedBefore(tx, now.Add(-audit.QuietAfter))
	if err != nil {
		return nil, err
	}
	list, err := s.lines(tx, waitingLines, after, after)
	if err != nil || folded >= head {
		return list, err
	}
	sealed, err := s.lines(tx, sealedLines, folded, head)
	return append(list, sealed...), err
}

func standing(tx *gorm.DB, now time.Time, news map[domain.Status]reports.Count) (reports.Standing, error) {
	var rows []statusRow
	if err := tx.Raw(`SELECT status, coupons, points FROM tally_status`).Scan(&rows).Error; err != nil {
		return reports.Standing{}, err
	}
	rolledUp := make(map[domain.Status]reports.Count, len(rows))
	for _, r := range rows {
		rolledUp[domain.Status(r.Status)] = reports.Count{Coupons: r.Coupons, Points: r.Points}
	}
	for status, c := range news {
		rolledUp[status] = rolledUp[status].Plus(c)
	}
	var ended reports.Count
	err := tx.Raw(`SELECT count(*), coalesce(sum(points), 0) FROM coupons WHERE status = 'active' AND expires_at <= ?`,
		utc(now)).
		Row().Scan(&ended.Coupons, &ended.Points)
	return reports.NewStanding(now, rolledUp, ended), err
}
