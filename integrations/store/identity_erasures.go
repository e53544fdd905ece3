package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// erasureDoubt is by how much the clocks of two machines may differ: what is shown so soon after an erasure is taken
// for shown before it.
const erasureDoubt = time.Minute

// Erase implements decisions.Archive. It is remembered before anything is removed, and alone: see forgotten.
func (s Identity) Erase(ctx context.Context, customerGID string, person identity.Print,
	at time.Time) (gone decisions.Erased, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		gone = decisions.Erased{}
		if err := s.rememberErasure(tx, person, at); err != nil {
			return err
		}
		found, err := subjectsOf(tx, customerGID, person)
		if err != nil {
			return err
		}
		uses, made := found[subjectUse], found[subjectDecision]
		verdicts := slices.Concat(found[subjectBlocked], found[subjectPairA], found[subjectPairB])
		gone = decisions.Erased{Uses: len(uses), Decisions: len(made), Verdicts: len(verdicts)}
		if err := eraseUses(tx, uses, at); err != nil {
			return err
		}
		if err := emptyDecisions(tx, made, at); err != nil {
			return err
		}
		if err := deleteDigests(tx, verdicts, subjectBlocked, subjectPairA, subjectPairB); err != nil {
			return err
		}
		gone.Phones, err = deletePhones(tx, person)
		return err
	})
	return gone, err
}

func eraseUses(tx *gorm.DB, ids []int64, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	if err := tx.Exec(`UPDATE identity_uses SET customer_gid = '', erased_at = coalesce(erased_at, ?) WHERE id IN ?`,
		utc(at), ids).Error; err != nil {
		return err
	}
	return deleteDigests(tx, ids, subjectUse)
}

// deletePhones removes a person's phone from whatever showed it. It looks twice, for what deleteDigests says it twice.
func deletePhones(tx *gorm.DB, person identity.Print) (gone int, err error) {
	phones := blobs(person, identity.Phone)
	if len(phones) == 0 {
		return 0, nil
	}
	for range 2 {
		found := map[string][]int64{}
		if err := addSubjects(tx, found, selectShowing, phones, phones); err != nil {
			return 0, err
		}
		for _, subject := range slices.Sorted(maps.Keys(found)) {
			for part := range slices.Chunk(found[subject], 1000) {
				done := tx.Exec(`DELETE FROM identity_digests WHERE subject = ? AND subject_id IN ? AND digest IN ?`, subject,
					part, phones)
				if done.Error != nil {
					return 0, done.Error
				}
				gone += int(done.RowsAffected)
			}
		}
	}
	return gone, nil
}

// rememberErasure locks out whoever writes digests, until the end of the transaction, and leaves a mark that they find
// afterwards. A second erasure of a person moves the mark.
func (s Identity) rememberErasure(tx *gorm.DB, person identity.Print, at time.Time) error {
	if s.dialect == "postgres" {
		if err := tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended('identity erasure', 0))`).Error; err != nil {
			return err
		}
	}
	for _, kind := range named() {
		for _, d := range person[kind] {
			if err := tx.Exec(`INSERT INTO identity_erasures (key_version, digest, shown_until, at) VALUES (?, ?, ?, ?)
				ON CONFLICT (digest) DO UPDATE SET shown_until = excluded.shown_until, at = excluded.at`, d.Key, d.Sum[:],
				utc(at.Add(erasureDoubt)), utc(at)).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

// named are the kinds by which somebody is forgotten.
func named() []identity.Kind {
	return []identity.Kind{identity.Customer, identity.Email, identity.Phone}
}

// subjectsOf are those that showed a customer or one of their e-mails, and those that showed their phone and neither a
// customer nor an e-mail: a household has one phone, and who shows it with an e-mail of their own is somebody else.
func subjectsOf(tx *gorm.DB, customerGID string, person identity.Print) (map[string][]int64, error) {
	found := map[string][]int64{}
	if by := blobs(person, identity.Customer, identity.Email); len(by) > 0 {
		if err := addSubjects(tx, found, selectShowing, by, by); err != nil {
			return nil, err
		}
	}
	if by := blobs(person, identity.Phone); len(by) > 0 {
		if err := addSubjects(tx, found, selectPhoneAlone, by, by); err != nil {
			return nil, err
		}
	}
	if customerGID == "" {
		return found, nil
	}
	return found, addSubjects(tx, found, `SELECT 'use' AS subject, id AS subject_id FROM identity_uses
		WHERE customer_gid = ? AND customer_gid <> ''`, customerGID)
}

// addSubjects adds what a statement finds to what was found before.
func addSubjects(tx *gorm.DB, found map[string][]int64, text string, by ...any) error {
	var rows []struct {
		Subject   string
		SubjectID int64
	}
	err := tx.Raw(text, by...).Scan(&rows).Error
	for _, r := range rows {
		if !slices.Contains(found[r.Subject], r.SubjectID) {
			found[r.Subject] = append(found[r.Subject], r.SubjectID)
		}
	}
	return err
}

// What showed any of some digests, which are asked for twice: in the index of decisions, and in that of all others.
const (
	selectShowing = withParts + `SELECT subject, subject_id FROM identity_digests
		WHERE digest IN ? AND ` + notOfDecisions + ` UNION SELECT d.subject, d.subject_id ` + ofDecisions
	selectPhoneAlone = `SELECT s.subject, s.subject_id FROM (` + selectShowing + `) AS s
		WHERE NOT EXISTS (SELECT 1 FROM identity_digests o WHERE o.subject = s.subject AND o.subject_id = s.subject_id
			AND o.kind IN ('customer', 'email'))
		AND NOT EXISTS (SELECT 1 FROM identity_uses u WHERE s.subject = 'use' AND u.id = s.subject_id
			AND u.customer_gid <> '')`
)

// forgotten is asked first by every transaction that writes what somebody showed at a moment. It gives what of that may
// be kept, and wholly where it was somebody's who was forgotten since: then nothing of it may. Until the transaction
// ends no erasure begins, so that it finds whatever is written now.
func (s Identity) forgotten(tx *gorm.DB, print identity.Print, shown time.Time) (left identity.Print, wholly bool,
	err error) {
	asked := blobs(print, named()...)
	if len(asked) == 0 {
		return print, false, nil
	}
	var gone [][]byte
	if s.dialect == "postgres" {
		args := make([]any, 0, len(asked)+1)
		for _, d := range asked {
			args = append(args, d)
		}
		err = tx.Raw(`SELECT identity_forgotten(ARRAY[`+strings.Repeat("?, ", len(asked)-1)+`?]::bytea[], ?)`,
			append(args, utc(shown))...).Scan(&gone).Error
	} else {
		err = tx.Raw(`SELECT digest FROM identity_erasures WHERE digest IN ? AND shown_until > ?`, asked,
			utc(shown)).Scan(&gone).Error
	}
	if err != nil || len(gone) == 0 {
		return print, false, err
	}
	left = identity.Print{}
	for kind, digests := range print {
		for _, d := range digests {
			if !slices.ContainsFunc(gone, func(g []byte) bool { return string(g) == string(d.Sum[:]) }) {
				left[kind] = append(left[kind], d)
			} else if kind != identity.Phone {
				wholly = true
			}
		}
	}
	return left, wholly || len(left[identity.Customer])+len(left[identity.Email]) == 0, nil
}

// rewrapErasures keeps marks of erasures under the newest key as well.
func (s Identity) rewrapErasures(ctx context.Context, newest int,
	wrap func(identity.Digest) (identity.Digest, error)) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		var rows []struct {
			Digest     []byte
			KeyVersion int
			ShownUntil time.Time
			At         time.Time
		}
		if err := tx.Raw(`SELECT digest, key_version, shown_until, at FROM identity_erasures WHERE key_version < ?`, newest).Scan(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			d, err := wrap(digestRow{Digest: r.Digest, KeyVersion: r.KeyVersion}.digest())
			if err != nil {
				return err
			}
			if err := tx.Exec(`INSERT INTO identity_erasures (key_version, digest, shown_until, at) VALUES (?, ?, ?, ?)
				ON CONFLICT (digest) DO NOTHING`, d.Key, d.Sum[:], utc(r.ShownUntil), utc(r.At)).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// ForgetErasures implements decisions.Archive.
func (s Identity) ForgetErasures(ctx context.Context, before time.Time) error {
	return translate(s.db.WithContext(ctx).Exec(`DELETE FROM identity_erasures WHERE at < ?`, utc(before)).Error)
}
