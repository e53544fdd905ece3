package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// On PostgreSQL a decision reads with one statement and is kept with another one. Their texts are the same however much
// was shown and found, so that each connection prepares them once. SQLite, where no round trip can be saved, takes the
// general way, and the same tests run on both.

// hotLook reads what Look does, a row for each use, however much it shows. What is known of the values must not be better
// than what is known without them, else PostgreSQL plans anew for every decision, which takes as long as the reading: so
// arrays are given as (SELECT $n). LIMIT keeps each part to a loop over few rows by an index, whatever the tables'
// statistics say. A digest that led to a use is one that it shows. Only what leads to none, and what leads to more uses
// than are looked at, is asked for use by use, and so are the e-mails of a recent use; nothing else matters, unless pairs
// do.
var hotLook = fmt.Sprintf(`WITH led AS (
		SELECT a.digest, c.subject_id FROM unnest((SELECT $2::bytea[])) AS a (digest)
			CROSS JOIN LATERAL (SELECT subject_id FROM identity_digests WHERE digest = a.digest AND campaign_id = $1
				AND subject = 'use' ORDER BY at DESC, subject_id DESC LIMIT %[1]d) c
	), beside AS (
		SELECT $3::bytea[] || ARRAY(SELECT digest FROM led GROUP BY digest HAVING count(*) = %[1]d) AS digests
	)
	SELECT 'use' AS subject, f.subject_id, u.order_id, u.order_name, u.code, u.used_at, u.void_at IS NOT NULL, u.test,
		f.digests, CASE WHEN (SELECT cardinality(digests) FROM beside) > 0 THEN
			(SELECT string_agg(digest, '') FROM identity_digests WHERE subject = 'use' AND subject_id = f.subject_id
				AND digest = ANY((SELECT digests FROM beside)::bytea[])) END,
		CASE WHEN u.used_at BETWEEN (SELECT $5::timestamptz) AND (SELECT $6::timestamptz) THEN
			(SELECT string_agg(digest || int4send(key_version), '') FROM identity_digests WHERE subject = 'use'
				AND subject_id = f.subject_id AND kind = 'email') END
	FROM (SELECT subject_id, string_agg(digest, '') AS digests FROM led GROUP BY subject_id) f
		CROSS JOIN LATERAL (SELECT * FROM identity_uses WHERE id = f.subject_id LIMIT 1) u
	UNION ALL
	SELECT v.subject, v.subject_id, '', '', '', now(), false, false, NULL, NULL, NULL
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
	kinds := kindsShown(asked)
	var known decisions.Known
	err := s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
		rows, err := c.Query(ctx, hotLook, campaignID, find, blobs(asked, besideKinds()...), told,
			utc(at.Add(-decisions.EmailWindow)), utc(at))
		if err != nil {
			return err
		}
		known, err = readKnown(rows, kinds)
		return err
	})
	return known, err
}

// besideKinds are those that lead to no use.
func besideKinds() []identity.Kind { return []identity.Kind{identity.Name} }

// digestOf is what a digest that was asked for is of.
type digestOf struct {
	kind identity.Kind
	key  int
}

func kindsShown(asked identity.Print) map[[16]byte]digestOf {
	kinds := map[[16]byte]digestOf{}
	for kind, list := range asked {
		for _, d := range list {
			kinds[d.Sum] = digestOf{kind, d.Key}
		}
	}
	return kinds
}

// usuallyKnown is room for the uses that most people in question have in common with others.
const usuallyKnown = 16

// readKnown reads what lookAtOnce found. Texts stay in the driver's memory until they are needed.
func readKnown(rows pgx.Rows, kinds map[[16]byte]digestOf) (known decisions.Known, err error) {
	defer rows.Close()
	known.Uses = make([]decisions.KnownUse, 0, usuallyKnown)
	var (
		subject, order, name, code pgtype.DriverBytes
		led, beside, emails        pgtype.DriverBytes
		id                         int64
		usedAt                     time.Time
		void, test                 bool
	)
	into := []any{&subject, &id, &order, &name, &code, &usedAt, &void, &test, &led, &beside, &emails}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return decisions.Known{}, err
		}
		switch string(subject) {
		case subjectUse:
			known.Uses = append(known.Uses, decisions.KnownUse{ID: id, OrderID: string(order), Order: string(name),
				Code: string(code), At: usedAt.UTC(), Void: void, Test: test, Print: printRead(kinds, led, beside, emails)})
		case subjectBlocked:
			known.Blocked = true
		default:
			return decisions.Known{}, errPairs
		}
	}
	return known, rows.Err()
}

// printRead puts together what a use shows: digests one behind the other, of e-mails each with the version of its key.
func printRead(kinds map[[16]byte]digestOf, led, beside, emails []byte) identity.Print {
	print := identity.Print{}
	add := func(kind identity.Kind, d identity.Digest) {
		if !slices.Contains(print[kind], d) {
			print[kind] = append(print[kind], d)
		}
	}
	const size, withKey = len(identity.Digest{}.Sum), len(identity.Digest{}.Sum) + 4
	for _, list := range [][]byte{led, beside} {
		for ; len(list) >= size; list = list[size:] {
			sum := [size]byte(list)
			add(kinds[sum].kind, identity.Digest{Sum: sum, Key: kinds[sum].key})
		}
	}
	for ; len(emails) >= withKey; emails = emails[withKey:] {
		add(identity.Email, identity.Digest{Sum: [size]byte(emails), Key: int(binary.BigEndian.Uint32(emails[size:]))})
	}
	return print
}

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
