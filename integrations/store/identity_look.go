package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// Identity implements decisions.Repository, Uses, Verdicts and Archive.
type Identity struct{ *database }

const (
	// candidates is how many uses a digest leads to at most, the newest: an office's IP costs as much as a person's. A
	// use that has nothing in common but kinds of which so many newer ones have the same is missed.
	candidates = 200
	// verdictsAtMost is how many pairs and blocked persons a request leads to at most.
	verdictsAtMost = 500
)

// selectCandidates finds what uses showed one digest, the newest first: a part of statements.
const selectCandidates = `SELECT * FROM (SELECT subject, subject_id FROM identity_digests
	WHERE digest = ? AND campaign_id = ? AND subject = 'use' AND ` + notOfDecisions + `
	ORDER BY at DESC, subject_id DESC LIMIT ?) AS of_one`

// selectTold is the part that finds what verdicts said of the request's person.
const selectTold = `SELECT * FROM (SELECT subject, subject_id FROM identity_digests WHERE digest IN ?
	AND campaign_id = ? AND subject IN ('blocked', 'pair_a', 'pair_b') AND ` + notOfDecisions + ` LIMIT ?) AS of_verdicts`

// foundRow is a subject that has something in common with the request; of a use, the use.
type foundRow struct {
	Subject   string
	SubjectID int64
	OrderID   string
	OrderName string
	Code      string
	UsedAt    *time.Time
	VoidAt    *time.Time
	Test      bool
}

// Look implements decisions.Repository.
func (s Identity) Look(ctx context.Context, campaignID int64, asked identity.Print,
	at time.Time) (decisions.Known, error) {
	if s.hot() {
		known, err := s.lookAtOnce(ctx, campaignID, asked, at)
		if !errors.Is(err, errPairs) {
			return known, err
		}
	}
	return s.lookInTwo(ctx, campaignID, asked)
}

// lookInTwo is Look in two statements; the prints are whole.
func (s Identity) lookInTwo(ctx context.Context, campaignID int64, asked identity.Print) (decisions.Known, error) {
	text, args := lookStatement(campaignID, asked)
	if text == "" {
		return decisions.Known{}, nil
	}
	tx := s.db.WithContext(ctx)
	var found []foundRow
	if err := tx.Raw(text, args...).Scan(&found).Error; err != nil {
		return decisions.Known{}, translate(err)
	}
	prints, err := printsFound(tx, found)
	if err != nil {
		return decisions.Known{}, translate(err)
	}
	var known decisions.Known
	for _, r := range found {
		switch r.Subject {
		case subjectUse:
			if r.UsedAt != nil {
				known.Uses = append(known.Uses, decisions.KnownUse{ID: r.SubjectID, OrderID: r.OrderID, Order: r.OrderName,
					Code: r.Code, At: r.UsedAt.UTC(), Void: r.VoidAt != nil, Test: r.Test,
					Print: prints[subjectUse][r.SubjectID]})
			}
		case subjectBlocked:
			known.Blocked = true
		}
	}
	for _, id := range pairsFound(found) {
		known.Pairs = append(known.Pairs, decisions.Pair{A: prints[subjectPairA][id], B: prints[subjectPairB][id]})
	}
	return known, nil
}

// findKinds are those that lead to uses; a name leads to nobody, because too many have the same. toldKinds lead to
// verdicts.
func findKinds() []identity.Kind {
	return append([]identity.Kind{identity.Customer}, identity.Counted()...)
}

func toldKinds() []identity.Kind {
	return []identity.Kind{identity.Customer, identity.Email, identity.Phone, identity.Device}
}

// lookStatement has a part for each digest.
func lookStatement(campaignID int64, asked identity.Print) (text string, args []any) {
	var parts []string
	for _, d := range blobs(asked, findKinds()...) {
		parts = append(parts, selectCandidates)
		args = append(args, d, campaignID, candidates)
	}
	if by := blobs(asked, toldKinds()...); len(by) > 0 {
		parts = append(parts, selectTold)
		args = append(args, by, campaignID, verdictsAtMost)
	}
	if len(parts) == 0 {
		return "", nil
	}
	return `SELECT f.subject, f.subject_id, coalesce(u.order_id, '') AS order_id, coalesce(u.order_name, '') AS order_name,
		coalesce(u.code, '') AS code, u.used_at, u.void_at, coalesce(u.test, false) AS test
		FROM (SELECT DISTINCT subject, subject_id FROM (` + strings.Join(parts, " UNION ALL ") + `) AS every) AS f
		LEFT JOIN identity_uses u ON f.subject = 'use' AND u.id = f.subject_id`, args
}

func pairsFound(found []foundRow) []int64 {
	var ids []int64
	for _, r := range found {
		if (r.Subject == subjectPairA || r.Subject == subjectPairB) && !slices.Contains(ids, r.SubjectID) {
			ids = append(ids, r.SubjectID)
		}
	}
	return ids
}

const selectDigests = `SELECT subject, subject_id, kind, digest, key_version FROM identity_digests WHERE subject `

func printsFound(tx *gorm.DB, found []foundRow) (map[string]map[int64]identity.Print, error) {
	var uses []int64
	for _, r := range found {
		if r.Subject == subjectUse {
			uses = append(uses, r.SubjectID)
		}
	}
	var parts []string
	var args []any
	if len(uses) > 0 {
		parts, args = append(parts, selectDigests+`= 'use' AND subject_id IN ?`), append(args, uses)
	}
	if pairs := pairsFound(found); len(pairs) > 0 {
		parts, args = append(parts, selectDigests+`IN ('pair_a', 'pair_b') AND subject_id IN ?`), append(args, pairs)
	}
	if len(parts) == 0 {
		return map[string]map[int64]identity.Print{}, nil
	}
	rows, err := readDigests(tx, strings.Join(parts, ` UNION ALL `), args)
	return printsOf(rows), err
}

// readDigests reads what selectDigests selects, column by column: there can be thousands of rows, and gorm's way into a
// struct would cost more than the database.
func readDigests(tx *gorm.DB, text string, args []any) (list []digestRow, err error) {
	rows, err := tx.Raw(text, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r digestRow
		if err := rows.Scan(&r.Subject, &r.SubjectID, &r.Kind, &r.Digest, &r.KeyVersion); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
