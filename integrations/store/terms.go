package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"pointbridge/domain/members"
)

// makeTerms brings what a member is found by up to date with what stands in their row, in the transaction that changed
// the row. Where nothing changed nothing is written. The member's own lock keeps two who do it apart.
func makeTerms(tx *gorm.DB, id string) error {
	var row customerRow
	found := tx.Raw(`SELECT `+customerColumns+` FROM customers WHERE id = ?`, id).Scan(&row)
	if found.Error != nil || found.RowsAffected == 0 {
		return found.Error
	}
	old, err := termsOf(tx, id)
	if err != nil {
		return err
	}
	var fresh []members.Term
	for _, t := range members.Terms(row.domain()) {
		if !old[t] {
			fresh = append(fresh, t)
		}
		delete(old, t)
	}
	for t := range old {
		if err := tx.Exec(`DELETE FROM member_terms WHERE customer_id = ? AND kind = ? AND term = ?`, id, string(t.Kind),
			t.Text).Error; err != nil {
			return err
		}
	}
	if err := addTerms(tx, id, fresh); err != nil {
		return err
	}
	return tx.Exec(`UPDATE customers SET terms = ? WHERE id = ? AND terms <> ?`, members.TermsVersion, id,
		members.TermsVersion).Error
}

func termsOf(tx *gorm.DB, id string) (map[members.Term]bool, error) {
	var rows []struct{ Kind, Term string }
	err := tx.Raw(`SELECT kind, term FROM member_terms WHERE customer_id = ?`, id).Scan(&rows).Error
	terms := make(map[members.Term]bool, len(rows))
	for _, r := range rows {
		terms[members.Term{Kind: members.TermKind(r.Kind), Text: r.Term}] = true
	}
	return terms, err
}

func addTerms(tx *gorm.DB, id string, list []members.Term) error {
	if len(list) == 0 {
		return nil
	}
	args := make([]any, 0, 3*len(list))
	for _, t := range list {
		args = append(args, id, string(t.Kind), t.Text)
	}
	return tx.Exec(`INSERT INTO member_terms (customer_id, kind, term) VALUES `+
		strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", len(list)), ", ")+` ON CONFLICT DO NOTHING`, args...).Error
}

const selectWithoutTerms = `SELECT id FROM customers WHERE terms < 1 AND id > ? ORDER BY id LIMIT ?`

// WithoutTerms implements members.TermKeeper.
func (s Members) WithoutTerms(ctx context.Context, id string, limit int) (ids []string, err error) {
	err = s.db.WithContext(ctx).Raw(selectWithoutTerms, id, limit).Scan(&ids).Error
	return ids, translate(err)
}

// MakeTerms implements members.TermKeeper. Rows are locked in the order of their ids, as everywhere.
func (s Members) MakeTerms(ctx context.Context, ids []string) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`SELECT id FROM customers WHERE id IN ? ORDER BY id FOR UPDATE`, ids).Error; err != nil {
				return err
			}
		}
		for _, id := range ids {
			if err := makeTerms(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}
