package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// On PostgreSQL a decision reads with one statement and is kept with another one. Their texts are the same however much
// was shown and found, so that each connection prepares them once. SQLite, where no round trip can be saved, takes the
// general way, and the same tests run on both.

// hotLook reads what Look does. What is known of the values must not be better than what is known without them, else
// PostgreSQL plans anew for every decision, which takes as long as the reading: so arrays are given as (SELECT $n).
// LIMIT and OFFSET keep each part to a loop over few rows by an index, whatever the tables' statistics say. Of a use
// only the digests that are asked for are read, and the e-mails of a recent one; nothing else matters, unless pairs do.
var hotLook = fmt.Sprintf(`SELECT 'use' AS subject, f.subject_id, u.order_id, u.order_name, u.code, u.used_at,
		u.void_at IS NOT NULL, u.test, d.kind, d.digest, d.key_version
	FROM (SELECT DISTINCT c.subject_id FROM unnest((SELECT $2::bytea[])) AS a (digest)
			CROSS JOIN LATERAL (SELECT subject_id FROM identity_digests WHERE digest = a.digest AND campaign_id = $1
				AND subject = 'use' ORDER BY at DESC, subject_id DESC LIMIT %[1]d) c) f
		CROSS JOIN LATERAL (SELECT * FROM identity_uses WHERE id = f.subject_id LIMIT 1) u
		CROSS JOIN LATERAL (SELECT kind, digest, key_version FROM identity_digests WHERE subject = 'use'
			AND subject_id = f.subject_id AND (digest = ANY((SELECT $3::bytea[])::bytea[])
				OR (kind = 'email' AND u.used_at BETWEEN (SELECT $5::timestamptz) AND (SELECT $6::timestamptz))) OFFSET 0) d
	UNION ALL
	SELECT v.subject, v.subject_id, '', '', '', now(), false, false, '', NULL, 0
	FROM (SELECT i.subject, i.subject_id FROM unnest((SELECT $4::bytea[])) AS a (digest),
			(VALUES ('blocked'), ('pair_a'), ('pair_b')) AS s (subject)
		CROSS JOIN LATERAL (SELECT subject, subject_id FROM identity_digests WHERE digest = a.digest AND campaign_id = $1
			AND subject = s.subject AND subject <> 'decision' LIMIT %[2]d) i LIMIT %[2]d) v`, candidates, verdictsAtMost)

// errPairs tells that somebody in question was told apart from somebody: then everything that a use showed matters.
var errPairs = errors.New("there are pairs")

// lookAtOnce is Look in one statement; errPairs where that is not enough.
func (s Identity) lookAtOnce(ctx context.Context, campaignID int64, asked identity.Print,
	at time.Time) (decisions.Known, error) {
	find, told := blobs(asked, findKinds()...), blobs(asked, toldKinds()...)
	var known decisions.Known
	err := s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
		rows, err := c.Query(ctx, hotLook, campaignID, find, blobs(asked, kindsOf(asked)...), told,
			utc(at.Add(-decisions.EmailWindow)), utc(at))
		if err != nil {
			return err
		}
		known, err = readKnown(rows)
		return err
	})
	return known, err
}

// usuallyKnown is room for the uses that most people in question have in common with others.
const usuallyKnown = 16

// readKnown reads what lookAtOnce found. Texts stay in the driver's memory until they are needed: the same use comes once
// for each of its digests, and it is hundreds of rows for somebody who shares an address with many.
func readKnown(rows pgx.Rows) (known decisions.Known, err error) {
	defer rows.Close()
	known.Uses = make([]decisions.KnownUse, 0, usuallyKnown)
	at := make(map[int64]int, usuallyKnown)
	var (
		subject, order, name, code, kind, digest pgtype.DriverBytes
		id                                       int64
		usedAt                                   time.Time
		void, test                               bool
		version                                  int
	)
	into := []any{&subject, &id, &order, &name, &code, &usedAt, &void, &test, &kind, &digest, &version}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return decisions.Known{}, err
		}
		switch string(subject) {
		case subjectUse:
			i, seen := at[id]
			if !seen {
				i = len(known.Uses)
				at[id] = i
				known.Uses = append(known.Uses, decisions.KnownUse{ID: id, OrderID: string(order), Order: string(name),
					Code: string(code), At: usedAt.UTC(), Void: void, Test: test, Print: identity.Print{}})
			}
			k := kindNamed(kind)
			known.Uses[i].Print[k] = append(known.Uses[i].Print[k], digestRow{Digest: digest, KeyVersion: version}.digest())
		case subjectBlocked:
			known.Blocked = true
		default:
			return decisions.Known{}, errPairs
		}
	}
	return known, rows.Err()
}

// kindNamed is a kind by its name, without a text of its own for those that there are.
func kindNamed(name []byte) identity.Kind {
	if k, ok := kindsByName[string(name)]; ok {
		return k
	}
	return identity.Kind(name)
}

var kindsByName = func() map[string]identity.Kind {
	all := map[string]identity.Kind{}
	for _, k := range append(findKinds(), toldKinds()...) {
		all[string(k)] = k
	}
	return all
}()

// hotKeep writes a decision and what it showed. Only what is new is joined with digests. It begins, as every writer of
// digests does, by asking who was forgotten, which shares a lock with other writers until the decision is committed; where
// somebody was, it writes nothing. What is asked before an order is not waited for until it is on the disk, unless something
// is: nothing hangs on such a record but the answer that was given, and whatever is committed later, as the first step of
// a conversion is, takes it along. A database that dies forgets at most the last moments of them.
const hotKeep = `WITH g AS (
	SELECT identity_forgotten($21::bytea[], $22::timestamptz)
), c AS (
	` + intoDecisions + `SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
		$17
		WHERE NOT EXISTS (SELECT 1 FROM g)` + onceAnOrder + `
), p AS (
	INSERT INTO identity_digests (subject, subject_id, kind, digest, key_version, campaign_id, at)
	SELECT 'decision', c.id, v.kind, v.digest, v.key_version, $2, $5
	FROM c, unnest($18::text[], $19::bytea[], $20::integer[]) AS v (kind, digest, key_version) ON CONFLICT DO NOTHING
)
SELECT coalesce((SELECT id FROM c), 0), EXISTS (SELECT 1 FROM g),
	CASE WHEN $4 <> 'order' THEN set_config('synchronous_commit', 'off', true) END`

// errForgotten tells that somebody who is named was forgotten since: what may be kept is found step by step then.
var errForgotten = errors.New("somebody was forgotten")

// keepAtOnce is insertDecision without jobs, in one statement; errForgotten where that may not be.
func (s Identity) keepAtOnce(ctx context.Context, d decisions.Decision, print identity.Print) (id int64, err error) {
	var kinds []string
	var sums [][]byte
	var versions []int32
	for _, r := range printRows(subjectDecision, 0, d.CampaignID, d.At, print) {
		kinds, sums, versions = append(kinds, r.Kind), append(sums, r.Digest), append(versions, int32(r.KeyVersion))
	}
	args := append(decisionArgs(d), kinds, sums, versions, blobs(print, named()...), utc(d.Request.At))
	forgotten := false
	err = s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, hotKeep, args...).Scan(&id, &forgotten, nil)
	})
	if err == nil && forgotten {
		err = errForgotten
	}
	return id, err
}
