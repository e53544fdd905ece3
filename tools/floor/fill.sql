-- Two years of a shop: %[1]d coupons, their points, and the record of what became of them. Some are as many as they are for
-- no better reason than that a page must be fast for each.
SET synchronous_commit = off;
SET work_mem = '128MB';
ALTER TABLE coupons DISABLE TRIGGER USER;
ALTER TABLE movements DISABLE TRIGGER USER;
ALTER TABLE coupons DROP CONSTRAINT coupons_customer_id_fkey;
ALTER TABLE movements DROP CONSTRAINT movements_coupon_id_fkey;
ALTER TABLE audit_seals DROP CONSTRAINT audit_seals_audit_id_fkey;

INSERT INTO customers (id, shopify_customer_gid, name, email, locale, created_at, updated_at)
SELECT (1000000000 + i::bigint * 7919 %% 8999999999)::text, 'gid://shopify/Customer/' || i, 'Customer ' || i, 'c' || i || '@example.com', 'ja', now() - interval '2 years', now()
FROM generate_series(1, greatest(%[1]d / 10, 1)) i;

CREATE TEMP TABLE plan AS
SELECT i, created, created + interval '365 days' AS ends, kind, c.id AS customer, 'gid://shopify/Customer/' || k AS gid, points,
    upper(right(c.id, 5)) || '-' || (SELECT string_agg(substr('23456789ABCDEFGHJKMNPQRSTUVWXYZ', 1 + (drawn / (31 ^ p)::bigint %% 31)::integer, 1), '' ORDER BY p) FROM generate_series(0, 5) p)
        || '-' || points AS code,
    CASE kind WHEN 'used' THEN created + random() * least(interval '300 days', now() - created) WHEN 'expired' THEN created + interval '365 days'
        WHEN 'active' THEN created ELSE created + random() * least(interval '30 days', now() - created) END AS ended,
    (ARRAY['customer_request', 'order_cancelled', 'issued_in_error', 'other'])[1 + (i %% 4)] AS reason
FROM (
    SELECT i, now() - interval '700 days' * ((%[1]d - i)::float8 / %[1]d) - interval '1 minute' AS created, 1 + i::bigint * 7368787 %% greatest(%[1]d / 10, 1) AS k,
        i::bigint * 7368787 %% 887503681 AS drawn, 100 * (1 + (i::bigint * 48271 %% 97)) AS points,
        CASE WHEN i %% 5000 = 7 THEN 'forfeited' WHEN i %% 3000 = 11 THEN 'suspended' WHEN i %% 9000 = 13 THEN 'pending' WHEN i %% 9000 = 17 THEN 'cancelling'
            WHEN i %% 100 < 3 THEN 'failed' WHEN i %% 100 < 12 THEN 'cancelled' WHEN i %% 100 < 57 THEN 'used'
            WHEN now() - interval '700 days' * ((%[1]d - i)::float8 / %[1]d) + interval '365 days' < now() THEN 'expired' ELSE 'active' END AS kind
    FROM generate_series(1, %[1]d) i
) s JOIN LATERAL (SELECT (1000000000 + k * 7919 %% 8999999999)::text AS id) c ON true;

INSERT INTO coupons (code, status, customer_id, shopify_customer_gid, points, amount_minor, currency, rate, created_at, expires_at, activated_at, used_at,
    used_order, used_order_id, cancelled_at, cancelled_by, cancel_actor, cancel_started_at, reason, discount_id, discount_deleted_at, failure, lease_until, parked_at)
SELECT code, kind, customer, gid, points, points, 'JPY', '1', created, date_trunc('second', ends), CASE WHEN kind NOT IN ('pending', 'failed') THEN created END,
    CASE kind WHEN 'used' THEN ended END, CASE kind WHEN 'used' THEN '#' || i ELSE '' END, CASE kind WHEN 'used' THEN 'gid://shopify/Order/' || i ELSE '' END,
    CASE kind WHEN 'cancelled' THEN ended END, CASE WHEN kind IN ('cancelled', 'cancelling') THEN 'Sato' ELSE '' END,
    CASE WHEN kind IN ('cancelled', 'cancelling') THEN 'staff:1' ELSE '' END, CASE WHEN kind IN ('cancelled', 'cancelling') THEN ended END,
    CASE WHEN kind IN ('cancelled', 'cancelling', 'suspended', 'forfeited') THEN reason ELSE '' END,
    CASE WHEN kind NOT IN ('pending', 'failed') THEN 'gid://shopify/DiscountCodeNode/' || i ELSE '' END, CASE WHEN kind IN ('used', 'expired', 'cancelled') THEN now() END,
    CASE kind WHEN 'failed' THEN '{"code":"conversion_failed"}' ELSE '' END, created, CASE WHEN kind IN ('pending', 'cancelling') THEN created END
FROM plan ORDER BY i;

INSERT INTO movements (coupon_id, customer_id, kind, state, points, reference, related_reference, key, reason, previous_balance, balance, entry_id, created_at, settled_at)
SELECT c.id, p.customer, x.kind, 'applied', p.points, x.prefix || p.code, CASE x.kind WHEN 'take' THEN '' ELSE 'COUPON-' || p.code END, x.prefix || p.i, 'Coupon conversion', 9000, 8000,
    'e' || p.i, p.created, p.created
FROM plan p JOIN coupons c ON c.code = p.code JOIN (VALUES ('take', 'COUPON-'), ('give_back', 'CANCEL-')) AS x (kind, prefix) ON x.kind = 'take' OR p.kind = 'cancelled' ORDER BY p.i;

INSERT INTO audit (at, actor, actor_name, action, code, coupon_id, customer_id, from_status, to_status, outcome)
SELECT x.at, CASE WHEN x.n IN (1, 8) THEN 'staff:1' ELSE 'system' END, 'Pointbridge', x.action, p.code, c.id, p.customer, x.f, x.t, CASE x.action WHEN 'conversion.failed' THEN 'refused' ELSE 'done' END
FROM plan p JOIN coupons c ON c.code = p.code CROSS JOIN LATERAL (VALUES
    (1, p.created, 'conversion.started', '', 'pending', true),
    (2, p.created, 'points.taken', 'pending', 'pending', p.kind NOT IN ('failed', 'pending')),
    (3, p.created, 'conversion.failed', 'pending', 'failed', p.kind = 'failed'),
    (4, p.created, 'coupon.activated', 'pending', 'active', p.kind NOT IN ('failed', 'pending')),
    (5, p.ended, 'coupon.used', 'active', 'used', p.kind = 'used'),
    (6, p.ended, 'coupon.expired', 'active', 'expired', p.kind = 'expired'),
    (7, p.ended, 'cancellation.started', 'active', 'cancelling', p.kind IN ('cancelling', 'cancelled')),
    (8, p.ended, 'discount.deactivated', 'cancelling', 'cancelling', p.kind = 'cancelled'),
    (9, p.ended, 'points.given_back', 'cancelling', 'cancelled', p.kind = 'cancelled'),
    (10, p.ended, 'coupon.suspended', 'active', 'suspended', p.kind IN ('suspended', 'forfeited')),
    (11, p.ended, 'review.decided', 'suspended', 'forfeited', p.kind = 'forfeited'),
    (12, p.ended, 'cancellation.refused', '', '', p.kind = 'used' AND p.i %% 50 = 0)) AS x (n, at, action, f, t, it)
WHERE x.it ORDER BY x.at, p.i, x.n;

ALTER TABLE audit_seals DISABLE TRIGGER audit_seals_in_line;
INSERT INTO audit_seals (seq, audit_id, hash, sealed_at) SELECT row_number() OVER (ORDER BY id), id, decode(md5(id::text) || md5(id::text), 'hex'), at + interval '10 seconds' FROM audit;
ALTER TABLE audit_seals ENABLE TRIGGER audit_seals_in_line;
INSERT INTO reviews (kind, status, coupon_id, opened_at, outcome, decided_by, decided_at) SELECT 'suspected_fraud', CASE status WHEN 'suspended' THEN 'open' ELSE 'closed' END, id, created_at,
    CASE status WHEN 'suspended' THEN '' ELSE 'forfeit' END, CASE status WHEN 'suspended' THEN '' ELSE 'Bench' END, CASE status WHEN 'suspended' THEN NULL ELSE created_at END FROM coupons WHERE status IN ('suspended', 'forfeited') ORDER BY id;
INSERT INTO reminders (coupon_id, step, created_at) SELECT id, 1, now() FROM coupons WHERE status = 'active' AND expires_at < now() + interval '3 days';
ALTER TABLE coupons ENABLE TRIGGER USER;
ALTER TABLE movements ENABLE TRIGGER USER;
