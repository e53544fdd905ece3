-- +goose Up
SET LOCAL statement_timeout = 0;

-- What is known about the app in the shop: there, said to be gone, or confirmed to be. One line, so that every replica and every
-- start goes by the same. refused_s is for how long it has been watched since it was confirmed.
CREATE TABLE installation (
    id           integer PRIMARY KEY CHECK (id = 1),
    state        text NOT NULL CHECK (state IN ('installed', 'reported', 'confirmed')),
    reported_at  timestamptz,
    confirmed_at timestamptz,
    asked_at     timestamptz,
    refused_s    bigint NOT NULL DEFAULT 0 CHECK (refused_s >= 0),
    version      bigint NOT NULL DEFAULT 0,
    CHECK (state = 'installed' OR reported_at IS NOT NULL),
    CHECK (state <> 'confirmed' OR confirmed_at IS NOT NULL)
);
-- What was taken for an uninstallation until now rested on any refusal. It is said to be gone, and has to be confirmed.
INSERT INTO installation (id, state, reported_at)
    SELECT 1, 'reported', changed_at FROM settings WHERE name = 'shop.uninstalled' AND value <> '';
INSERT INTO installation (id, state) SELECT 1, 'installed' WHERE NOT EXISTS (SELECT 1 FROM installation);
DELETE FROM settings WHERE name = 'shop.uninstalled';

-- A request to forget many is announced, waits, and can be stopped. A digest stands for the customer's number once that is gone.
ALTER TABLE privacy_requests ADD COLUMN version bigint NOT NULL DEFAULT 0;
ALTER TABLE privacy_requests ADD COLUMN customer_digest text NOT NULL DEFAULT '';
ALTER TABLE privacy_requests ADD COLUMN members integer NOT NULL DEFAULT 0;
ALTER TABLE privacy_requests ADD COLUMN announced_at timestamptz;
ALTER TABLE privacy_requests ADD COLUMN watched_at timestamptz;
ALTER TABLE privacy_requests ADD COLUMN watched_s bigint NOT NULL DEFAULT 0;
ALTER TABLE privacy_requests ADD COLUMN approved_by text NOT NULL DEFAULT '';
ALTER TABLE privacy_requests ADD COLUMN stopped_at timestamptz;
ALTER TABLE privacy_requests ADD COLUMN stopped_by text NOT NULL DEFAULT '';

-- Whose members a customer of the shop was who has been forgotten, by a digest of the customer's number.
CREATE TABLE forgotten (
    customer_digest text NOT NULL CHECK (customer_digest <> ''),
    customer_id     text NOT NULL REFERENCES customers (id),
    PRIMARY KEY (customer_digest, customer_id)
);
CREATE INDEX forgotten_customer ON forgotten (customer_id);

-- The numbers that erasures have left behind until now.
UPDATE coupons SET shopify_customer_gid = 'erased', version = version + 1 WHERE EXISTS (SELECT 1 FROM audit a
    WHERE a.action = 'customer.erased' AND a.customer_id = coupons.customer_id AND a.at >= coupons.created_at);
UPDATE privacy_requests SET customer_gid = '' WHERE kind = 'customers/redact' AND NOT open;
UPDATE webhook_deliveries SET customer_gid = '' WHERE topic = 'customers/redact' AND outcome = 'done';

-- Who asks through the storefront is kept by the member they are, not by the shop's number of them.
UPDATE requests SET caller_id = 'member:' || (SELECT k.customer_id FROM coupons k WHERE k.id = requests.coupon_id)
    WHERE caller_id LIKE 'shopify:%' AND NOT EXISTS (SELECT 1 FROM requests r JOIN coupons k ON k.id = requests.coupon_id
        WHERE r.id <> requests.id AND r.operation = requests.operation AND r.key = requests.key
            AND (r.caller_id LIKE 'shopify:%' OR r.caller_id = 'member:' || k.customer_id));
