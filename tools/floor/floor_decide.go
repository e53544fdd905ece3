package floor

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Deciding reads and writes what one decision does, by plain pgx: no HTTP, no rules, nothing made of what was read.
type Deciding struct {
	pool     *pgxpool.Pool
	campaign int64
	facts    string
}

// NewDeciding opens a pool on a database with uses of a campaign.
func NewDeciding(ctx context.Context, url string, campaign int64, conns int) (*Deciding, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = int32(conns) //nolint:gosec // a handful
	cfg.ConnConfig.RuntimeParams["jit"] = "off"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	f := &Deciding{pool: pool, campaign: campaign}
	// What the service keeps of a decision about somebody whose network is known has about this size.
	for range 40 {
		f.facts += `{"order_id":"gid://shopify/Order/` + rand.Text() + `","order":"#1","same":["ip"]},`
	}
	return f, pool.Ping(ctx)
}

// Close lets the connections go.
func (f *Deciding) Close() { f.pool.Close() }

const (
	floorRules = `SELECT p.policy FROM campaigns c JOIN campaign_policies p ON p.campaign_id = c.id
		AND p.version = c.policy_version WHERE c.id = $1`
	floorUses = `SELECT u.id, u.order_id, u.order_name, u.code, u.used_at, d.kind, d.digest
		FROM (SELECT DISTINCT c.subject_id FROM unnest((SELECT $2::bytea[])) AS a (digest)
			CROSS JOIN LATERAL (SELECT subject_id FROM identity_digests WHERE digest = a.digest AND campaign_id = $1
				AND subject = 'use' ORDER BY at DESC LIMIT 200) c) f
		JOIN identity_uses u ON u.id = f.subject_id
		JOIN identity_digests d ON d.subject = 'use' AND d.subject_id = u.id
			AND d.digest = ANY((SELECT $2::bytea[])::bytea[])`
	floorDecision = `WITH c AS (
			INSERT INTO decisions (public_id, campaign_id, policy_version, stage, at, outcome, score, enforced, code,
				request, facts, answer) VALUES ($1, $2, 1, 'checkout', $3, 'allow', 0, true, 'FLOOR', '{}', $4, '{}') RETURNING id)
		INSERT INTO identity_digests (subject, subject_id, kind, digest, key_version, campaign_id, at)
		SELECT 'decision', c.id, v.kind, v.digest, 1, $2, $3 FROM c, unnest($5::text[], $6::bytea[]) AS v (kind, digest)`
)

// Decide reads who has any of the digests, and writes a decision with them.
func (f *Deciding) Decide(ctx context.Context, kinds []string, digests [][]byte) error {
	conn, err := f.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var policy string
	if err := conn.QueryRow(ctx, floorRules, f.campaign).Scan(&policy); err != nil {
		return err
	}
	rows, err := conn.Query(ctx, floorUses, f.campaign, digests)
	if err != nil {
		return err
	}
	var id int64
	var order, name, code, kind string
	var at time.Time
	var digest []byte
	if _, err := pgx.ForEachRow(rows, []any{&id, &order, &name, &code, &at, &kind, &digest}, func() error {
		return nil
	}); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, floorDecision, "floor_"+rand.Text(), f.campaign, time.Now(), f.facts, kinds, digests)
	return err
}
