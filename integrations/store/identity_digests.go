package store

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain/identity"
)

// Subjects are what shows digests.
const (
	subjectUse      = "use"
	subjectDecision = "decision"
	subjectBlocked  = "blocked"
	subjectPairA    = "pair_a"
	subjectPairB    = "pair_b"
)

// notOfDecisions names what the index identity_digests_find is of, for SQLite, which does not conclude it.
const notOfDecisions = `subject <> 'decision'`

// withParts begins a statement that finds what decisions showed, and ofDecisions is its condition: the digests of
// decisions are in an index by parts of so many decisions each, and are asked for part by part.
const (
	withParts = `WITH RECURSIVE parts (n) AS (
		SELECT min(subject_id) / 16384 FROM identity_digests WHERE subject = 'decision'
		UNION ALL SELECT n + 1 FROM parts
			WHERE n < (SELECT max(subject_id) / 16384 FROM identity_digests WHERE subject = 'decision')) `
	ofDecisions = `FROM parts CROSS JOIN identity_digests d
		WHERE d.subject_id / 16384 = parts.n AND d.subject = 'decision' AND d.digest IN ?`
)

// digestRow is one digest that a subject showed.
type digestRow struct {
	Subject    string
	SubjectID  int64
	Kind       string
	Digest     []byte
	KeyVersion int
	CampaignID int64
	At         time.Time
}

func (digestRow) TableName() string { return "identity_digests" }

func (r digestRow) digest() identity.Digest {
	d := identity.Digest{Key: r.KeyVersion}
	copy(d.Sum[:], r.Digest)
	return d
}

// addPrint writes what a subject shows, beside what it showed before.
func addPrint(tx *gorm.DB, subject string, id, campaignID int64, at time.Time, print identity.Print) error {
	return addDigests(tx, printRows(subject, id, campaignID, at, print))
}

func printRows(subject string, id, campaignID int64, at time.Time, print identity.Print) (rows []digestRow) {
	for _, kind := range kindsOf(print) {
		for _, d := range print[kind] {
			rows = append(rows, digestRow{Subject: subject, SubjectID: id, Kind: string(kind),
				Digest: slices.Clone(d.Sum[:]), KeyVersion: d.Key, CampaignID: campaignID, At: utc(at)})
		}
	}
	return rows
}

const insertDigests = `INSERT INTO identity_digests (subject, subject_id, kind, digest, key_version, campaign_id, at)
	VALUES `

// addDigests inserts rows; what is there already stays.
func addDigests(tx *gorm.DB, rows []digestRow) error {
	const atOnce = 500
	for part := range slices.Chunk(rows, atOnce) {
		text, args := insertDigests, make([]any, 0, len(part)*7)
		for n, r := range part {
			if n > 0 {
				text += ", "
			}
			text += "(?, ?, ?, ?, ?, ?, ?)"
			args = append(args, r.Subject, r.SubjectID, r.Kind, r.Digest, r.KeyVersion, r.CampaignID, r.At)
		}
		if err := tx.Exec(text+` ON CONFLICT DO NOTHING`, args...).Error; err != nil {
			return err
		}
	}
	return nil
}

// kindsOf gives a print's kinds in one order, so that two transactions never wait for each other in a circle.
func kindsOf(print identity.Print) []identity.Kind {
	kinds := make([]identity.Kind, 0, len(print))
	for kind := range print {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

// printsOf puts rows together by subject and number.
func printsOf(rows []digestRow) map[string]map[int64]identity.Print {
	prints := map[string]map[int64]identity.Print{}
	for _, r := range rows {
		if prints[r.Subject] == nil {
			prints[r.Subject] = map[int64]identity.Print{}
		}
		if prints[r.Subject][r.SubjectID] == nil {
			prints[r.Subject][r.SubjectID] = identity.Print{}
		}
		print := prints[r.Subject][r.SubjectID]
		print[identity.Kind(r.Kind)] = append(print[identity.Kind(r.Kind)], r.digest())
	}
	return prints
}

// blobs are the digests of some kinds of a print, as they stand in the table.
func blobs(print identity.Print, kinds ...identity.Kind) [][]byte {
	var list [][]byte
	for _, kind := range kinds {
		for _, d := range print[kind] {
			list = append(list, slices.Clone(d.Sum[:]))
		}
	}
	return list
}
