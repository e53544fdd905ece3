-- +goose Up
CREATE TABLE customers (
    id                       text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64 AND id NOT GLOB '*[^A-Za-z0-9_-]*'),
    shopify_customer_gid     text NOT NULL DEFAULT '',
    name                     text NOT NULL DEFAULT '',
    email                    text NOT NULL DEFAULT '',
    phone                    text NOT NULL DEFAULT '',
    locale                   text NOT NULL DEFAULT '',
    rank                     text NOT NULL DEFAULT '',
    locked_until             timestamp,
    projection_wanted        integer NOT NULL DEFAULT 0,
    projection_written       integer NOT NULL DEFAULT 0,
    projection_digest        text NOT NULL DEFAULT '',
    projection_claimed_until timestamp,
    projection_changed_at    timestamp,
    created_at               timestamp NOT NULL,
    updated_at               timestamp NOT NULL
);
CREATE UNIQUE INDEX customers_shopify_customer_gid ON customers (shopify_customer_gid) WHERE shopify_customer_gid <> '';
CREATE INDEX customers_projection_behind ON customers (projection_changed_at) WHERE projection_written < projection_wanted;

CREATE TABLE coupons (
    id                   integer PRIMARY KEY AUTOINCREMENT,
    code                 text NOT NULL CHECK (code = upper(code)),
    status               text NOT NULL CHECK (status IN ('pending', 'active', 'used', 'expired', 'cancelling', 'cancelled', 'suspended', 'forfeited', 'failed')),
    customer_id          text NOT NULL REFERENCES customers (id),
    shopify_customer_gid text NOT NULL CHECK (shopify_customer_gid <> ''),
    points               integer NOT NULL CHECK (points > 0),
    amount_minor         integer NOT NULL CHECK (amount_minor > 0),
    currency             text NOT NULL,
    rate                 text NOT NULL,
    rank                 text NOT NULL DEFAULT '',
    created_at           timestamp NOT NULL,
    expires_at           timestamp NOT NULL CHECK (expires_at > created_at),
    activated_at         timestamp,
    used_at              timestamp,
    used_order           text NOT NULL DEFAULT '',
    cancelled_at         timestamp,
    cancelled_by         text NOT NULL DEFAULT '',
    reason               text NOT NULL DEFAULT '',
    note                 text NOT NULL DEFAULT '',
    reissued_from        text NOT NULL DEFAULT '',
    superseded_by        text NOT NULL DEFAULT '',
    discount_id          text NOT NULL DEFAULT '',
    discount_deleted_at  timestamp,
    failure              text NOT NULL DEFAULT '',
    lease_until          timestamp NOT NULL,
    attempts             integer NOT NULL DEFAULT 0,
    parked_at            timestamp,
    version              integer NOT NULL DEFAULT 0,
    CHECK (status <> 'active' OR discount_id <> '')
);
CREATE UNIQUE INDEX coupons_code ON coupons (code);
CREATE INDEX coupons_customer ON coupons (customer_id, id DESC);
CREATE INDEX coupons_status ON coupons (status, id DESC);
CREATE INDEX coupons_on_the_way ON coupons (lease_until) WHERE status IN ('pending', 'cancelling') AND parked_at IS NULL;
CREATE INDEX coupons_active_end ON coupons (expires_at) WHERE status = 'active';
CREATE INDEX coupons_removable ON coupons (expires_at) WHERE status IN ('expired', 'used', 'cancelled') AND discount_id <> '' AND discount_deleted_at IS NULL;

CREATE TABLE movements (
    id                integer PRIMARY KEY AUTOINCREMENT,
    coupon_id         integer NOT NULL REFERENCES coupons (id),
    customer_id       text NOT NULL,
    kind              text NOT NULL CHECK (kind IN ('take', 'give_back', 'grant')),
    state             text NOT NULL CHECK (state IN ('open', 'applied', 'refused', 'parked')),
    points            integer NOT NULL CHECK (points > 0),
    reference         text NOT NULL CHECK (length(reference) <= 40),
    related_reference text NOT NULL DEFAULT '',
    key               text NOT NULL,
    reason            text NOT NULL,
    previous_balance  integer,
    balance           integer,
    entry_id          text NOT NULL DEFAULT '',
    odd               boolean NOT NULL DEFAULT 0,
    created_at        timestamp NOT NULL,
    settled_at        timestamp
);
CREATE UNIQUE INDEX movements_reference ON movements (reference);
CREATE UNIQUE INDEX movements_key ON movements (key);
CREATE UNIQUE INDEX movements_coupon_kind ON movements (coupon_id, kind);
-- One movement in flight per customer, whatever process asks for it.
CREATE UNIQUE INDEX movements_open ON movements (customer_id) WHERE state = 'open';

CREATE TABLE requests (
    id         integer PRIMARY KEY AUTOINCREMENT,
    caller_id  text NOT NULL,
    operation  text NOT NULL,
    key        text NOT NULL,
    hash       text NOT NULL,
    coupon_id  integer NOT NULL REFERENCES coupons (id),
    answer     text NOT NULL DEFAULT '' CHECK (answer IN ('', 'done', 'accepted', 'failed')),
    created_at timestamp NOT NULL
);
CREATE UNIQUE INDEX requests_key ON requests (caller_id, operation, key);
CREATE INDEX requests_coupon ON requests (coupon_id);
CREATE INDEX requests_created ON requests (created_at);

CREATE TABLE audit (
    id          integer PRIMARY KEY AUTOINCREMENT,
    at          timestamp NOT NULL,
    actor       text NOT NULL,
    actor_name  text NOT NULL DEFAULT '',
    action      text NOT NULL,
    code        text NOT NULL DEFAULT '',
    coupon_id   integer,
    customer_id text NOT NULL DEFAULT '',
    from_status text NOT NULL DEFAULT '',
    to_status   text NOT NULL DEFAULT '',
    outcome     text NOT NULL,
    detail      text NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_coupon ON audit (coupon_id, id) WHERE coupon_id IS NOT NULL;

CREATE TABLE reminders (
    coupon_id  integer NOT NULL REFERENCES coupons (id),
    step       integer NOT NULL,
    created_at timestamp NOT NULL,
    PRIMARY KEY (coupon_id, step)
);

CREATE TABLE reviews (
    id        integer PRIMARY KEY AUTOINCREMENT,
    kind      text NOT NULL,
    status    text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    coupon_id integer NOT NULL REFERENCES coupons (id),
    opened_at timestamp NOT NULL
);
CREATE UNIQUE INDEX reviews_open ON reviews (coupon_id, kind) WHERE status = 'open';

CREATE TABLE api_keys (
    id          integer PRIMARY KEY AUTOINCREMENT,
    prefix      text NOT NULL,
    hash        blob NOT NULL,
    role        text NOT NULL,
    name        text NOT NULL DEFAULT '',
    customer_id text NOT NULL DEFAULT '',
    created_at  timestamp NOT NULL,
    revoked_at  timestamp
);
CREATE UNIQUE INDEX api_keys_prefix ON api_keys (prefix);

-- +goose StatementBegin
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'update rows of audit are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_never_emptied BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'delete rows of audit are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coupons_are_kept BEFORE DELETE ON coupons BEGIN SELECT RAISE(ABORT, 'delete rows of coupons are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_are_kept BEFORE DELETE ON movements BEGIN SELECT RAISE(ABORT, 'delete rows of movements are kept'); END;
-- +goose StatementEnd
