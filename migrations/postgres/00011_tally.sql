-- +goose Up
-- Filling the tables and making the indexes takes as long as it takes.
SET LOCAL statement_timeout = 0;

-- What the sealed part of the audit adds up to; seq is how far along the chain it has been added up.
CREATE TABLE tally_folded (
    id  integer PRIMARY KEY CHECK (id = 1),
    seq bigint NOT NULL
);
CREATE TABLE tally_status (
    status  text PRIMARY KEY,
    coupons bigint NOT NULL,
    points  bigint NOT NULL
);
-- slot is a quarter of an hour, counted from 1970 in UTC: every zone's day begins with one.
CREATE TABLE tally_slots (
    slot    bigint NOT NULL,
    kind    text NOT NULL,
    detail  text NOT NULL,
    coupons bigint NOT NULL,
    points  bigint NOT NULL,
    PRIMARY KEY (slot, kind, detail)
);

-- fill
INSERT INTO tally_folded (id, seq) SELECT 1, coalesce(max(seq), 0) FROM audit_seals;

-- Two kinds of lines used to repeat a move that the line beside them tells; decisions to forfeit used to say that the coupon
-- was forfeited already.
INSERT INTO tally_status (status, coupons, points)
SELECT m.status, sum(m.sign), sum(m.sign * c.points) FROM (
    SELECT a.coupon_id, x.status, x.sign FROM audit_seals s JOIN audit a ON a.id = s.audit_id
    CROSS JOIN LATERAL (VALUES (a.to_status, 1),
        (CASE WHEN a.action = 'review.decided' AND a.to_status = 'forfeited' THEN 'suspended' ELSE a.from_status END, -1)) AS x (status, sign)
    WHERE s.seq <= (SELECT seq FROM tally_folded) AND (a.from_status <> a.to_status OR (a.action = 'review.decided' AND a.to_status = 'forfeited'))
        AND NOT (a.action = 'points.given_back' AND a.to_status = 'failed')
        AND NOT (a.action = 'review.decided' AND a.to_status IN ('failed', 'used', 'cancelled'))
) m JOIN coupons c ON c.id = m.coupon_id WHERE m.status <> '' GROUP BY m.status;

INSERT INTO tally_slots (slot, kind, detail, coupons, points)
SELECT slot, kind, detail, count(*), coalesce(sum(points), 0) FROM (
    SELECT floor(extract(epoch FROM a.at) / 900)::bigint AS slot, x.kind, x.detail, c.points
    FROM audit_seals s JOIN audit a ON a.id = s.audit_id LEFT JOIN coupons c ON c.id = a.coupon_id
    CROSS JOIN LATERAL (VALUES
        (CASE WHEN (a.from_status = a.to_status AND NOT (a.action = 'review.decided' AND a.to_status = 'forfeited')) OR (a.action = 'points.given_back' AND a.to_status = 'failed')
                OR (a.action = 'review.decided' AND a.to_status IN ('failed', 'used', 'cancelled')) THEN ''
            WHEN a.to_status = 'active' THEN 'issued'
            WHEN a.to_status IN ('used', 'expired', 'cancelled', 'suspended', 'forfeited', 'failed') THEN a.to_status ELSE '' END,
            CASE WHEN a.to_status = 'cancelled' THEN coalesce(c.reason, '') ELSE '' END),
        (CASE a.action WHEN 'points.given_back' THEN 'given_back' WHEN 'points.granted' THEN 'granted' WHEN 'points.taken_back' THEN 'taken_back' ELSE '' END, ''),
        (CASE a.outcome WHEN 'refused' THEN 'refused' ELSE '' END, a.action)) AS x (kind, detail)
    WHERE s.seq <= (SELECT seq FROM tally_folded) AND x.kind <> ''
) lines GROUP BY slot, kind, detail ORDER BY slot;
-- filled

-- The same indexes, also good for the beginning of a code or of a customer's id, whatever the database's language is.
DROP INDEX coupons_code;
CREATE UNIQUE INDEX coupons_code ON coupons (code text_pattern_ops);
DROP INDEX coupons_customer;
CREATE INDEX coupons_customer ON coupons (customer_id text_pattern_ops, id DESC);
-- The drawn part of a code, by its beginning.
CREATE INDEX coupons_drawn ON coupons (split_part(code, '-', 2) text_pattern_ops);
-- Lists in the order of the end or of the amount; the first is also what finds active coupons whose end has come.
DROP INDEX coupons_active_end;
CREATE INDEX coupons_status_end ON coupons (status, expires_at, id);
CREATE INDEX coupons_status_amount ON coupons (status, amount_minor, id);
