-- +goose Up
-- What the shop told, without the personal data it came with: ids, and the digest of the body.
CREATE TABLE webhook_deliveries (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id   text NOT NULL CHECK (length(webhook_id) BETWEEN 1 AND 128),
    event_id     text NOT NULL DEFAULT '',
    topic        text NOT NULL,
    shop         text NOT NULL,
    api_version  text NOT NULL DEFAULT '',
    triggered_at timestamptz,
    received_at  timestamptz NOT NULL,
    body_sha256  bytea NOT NULL CHECK (length(body_sha256) = 32),
    order_gid    text NOT NULL DEFAULT '',
    discount_gid text NOT NULL DEFAULT '',
    customer_gid text NOT NULL DEFAULT '',
    merged_gid   text NOT NULL DEFAULT '',
    outcome      text NOT NULL CHECK (outcome IN ('queued', 'done', 'ignored', 'unreadable'))
);
CREATE UNIQUE INDEX webhook_deliveries_webhook_id ON webhook_deliveries (webhook_id);
CREATE INDEX webhook_deliveries_received_at ON webhook_deliveries (received_at);

-- Which customers of the shop a member was linked to before: whoever asks to be forgotten may have been unlinked first.
CREATE TABLE former_links (
    customer_gid text NOT NULL,
    customer_id  text NOT NULL REFERENCES customers (id),
    PRIMARY KEY (customer_gid, customer_id)
);
CREATE INDEX former_links_customer ON former_links (customer_id);
INSERT INTO former_links (customer_gid, customer_id)
    SELECT DISTINCT k.shopify_customer_gid, k.customer_id FROM coupons k JOIN customers c ON c.id = k.customer_id
    WHERE c.shopify_customer_gid <> k.shopify_customer_gid;

-- What people asked to be told or forgotten.
CREATE TABLE privacy_requests (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id   text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('customers/data_request', 'customers/redact', 'shop/redact')),
    customer_gid text NOT NULL DEFAULT '',
    open         boolean NOT NULL,
    reason       text NOT NULL DEFAULT '',
    requested_at timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    closed_at    timestamptz,
    closed_by    text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX privacy_requests_webhook_id ON privacy_requests (webhook_id);

-- A webhook names a discount by Shopify's id for it.
CREATE INDEX coupons_discount ON coupons (discount_id) WHERE discount_id <> '';
