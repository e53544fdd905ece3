-- +goose Up
CREATE TABLE customers (
    id                       text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    shopify_customer_gid     text NOT NULL DEFAULT '',
    name                     text NOT NULL DEFAULT '',
    email                    text NOT NULL DEFAULT '',
    phone                    text NOT NULL DEFAULT '',
    locale                   text NOT NULL DEFAULT '',
    rank                     text NOT NULL DEFAULT '',
    locked_until             timestamptz,
    projection_wanted        bigint NOT NULL DEFAULT 0,
    projection_written       bigint NOT NULL DEFAULT 0,
    projection_digest        text NOT NULL DEFAULT '',
    projection_claimed_until timestamptz,
    projection_changed_at    timestamptz,
    created_at               timestamptz NOT NULL,
    updated_at               timestamptz NOT NULL
);
CREATE UNIQUE INDEX customers_shopify_customer_gid ON customers (shopify_customer_gid) WHERE shopify_customer_gid <> '';
CREATE INDEX customers_projection_behind ON customers (projection_changed_at) WHERE projection_written < projection_wanted;

CREATE TABLE coupons (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code                 text NOT NULL CHECK (code = upper(code)),
    status               text NOT NULL CHECK (status IN ('pending', 'active', 'used', 'expired', 'cancelling', 'cancelled', 'suspended', 'forfeited', 'failed')),
    customer_id          text NOT NULL REFERENCES customers (id),
    shopify_customer_gid text NOT NULL CHECK (shopify_customer_gid <> ''),
    points               bigint NOT NULL CHECK (points > 0),
    amount_minor         bigint NOT NULL CHECK (amount_minor > 0),
    currency             text NOT NULL,
    rate                 text NOT NULL,
    rank                 text NOT NULL DEFAULT '',
    created_at           timestamptz NOT NULL,
    expires_at           timestamptz NOT NULL CHECK (expires_at > created_at),
    activated_at         timestamptz,
    used_at              timestamptz,
    used_order           text NOT NULL DEFAULT '',
    cancelled_at         timestamptz,
    cancelled_by         text NOT NULL DEFAULT '',
    reason               text NOT NULL DEFAULT '',
    note                 text NOT NULL DEFAULT '',
    reissued_from        text NOT NULL DEFAULT '',
    superseded_by        text NOT NULL DEFAULT '',
    discount_id          text NOT NULL DEFAULT '',
    discount_deleted_at  timestamptz,
    failure              text NOT NULL DEFAULT '',
    lease_until          timestamptz NOT NULL,
    attempts             integer NOT NULL DEFAULT 0,
    parked_at            timestamptz,
    version              bigint NOT NULL DEFAULT 0,
    CHECK (status <> 'active' OR discount_id <> '')
);
CREATE UNIQUE INDEX coupons_code ON coupons (code);
CREATE INDEX coupons_customer ON coupons (customer_id, id DESC);
CREATE INDEX coupons_status ON coupons (status, id DESC);
CREATE INDEX coupons_on_the_way ON coupons (lease_until) WHERE status IN ('pending', 'cancelling') AND parked_at IS NULL;
CREATE INDEX coupons_active_end ON coupons (expires_at) WHERE status = 'active';
CREATE INDEX coupons_removable ON coupons (expires_at) WHERE status IN ('expired', 'used', 'cancelled') AND discount_id <> '' AND discount_deleted_at IS NULL;

CREATE TABLE movements (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coupon_id         bigint NOT NULL REFERENCES coupons (id),
    customer_id       text NOT NULL,
    kind              text NOT NULL CHECK (kind IN ('take', 'give_back', 'grant')),
    state             text NOT NULL CHECK (state IN ('open', 'applied', 'refused', 'parked')),
    points            bigint NOT NULL CHECK (points > 0),
    reference         text NOT NULL CHECK (length(reference) <= 40),
    related_reference text NOT NULL DEFAULT '',
    key               text NOT NULL,
    reason            text NOT NULL,
    previous_balance  bigint,
    balance           bigint,
    entry_id          text NOT NULL DEFAULT '',
    odd               boolean NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL,
    settled_at        timestamptz
);
CREATE UNIQUE INDEX movements_reference ON movements (reference);
CREATE UNIQUE INDEX movements_key ON movements (key);
CREATE UNIQUE INDEX movements_coupon_kind ON movements (coupon_id, kind);
-- One movement in flight per customer, whatever process asks for it.
CREATE UNIQUE INDEX movements_open ON movements (customer_id) WHERE state = 'open';

CREATE TABLE requests (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    caller_id  text NOT NULL,
    operation  text NOT NULL,
    key        text NOT NULL,
    hash       text NOT NULL,
    coupon_id  bigint NOT NULL REFERENCES coupons (id),
    answer     text NOT NULL DEFAULT '' CHECK (answer IN ('', 'done', 'accepted', 'failed')),
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX requests_key ON requests (caller_id, operation, key);
CREATE INDEX requests_coupon ON requests (coupon_id);
CREATE INDEX requests_created ON requests (created_at);

CREATE TABLE audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    actor_name  text NOT NULL DEFAULT '',
    action      text NOT NULL,
    code        text NOT NULL DEFAULT '',
    coupon_id   bigint,
    customer_id text NOT NULL DEFAULT '',
    from_status text NOT NULL DEFAULT '',
    to_status   text NOT NULL DEFAULT '',
    outcome     text NOT NULL,
    detail      text NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_coupon ON audit (coupon_id, id) WHERE coupon_id IS NOT NULL;

CREATE TABLE reminders (
    coupon_id  bigint NOT NULL REFERENCES coupons (id),
    step       integer NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (coupon_id, step)
);

CREATE TABLE reviews (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text NOT NULL,
    status    text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    coupon_id bigint NOT NULL REFERENCES coupons (id),
    opened_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX reviews_open ON reviews (coupon_id, kind) WHERE status = 'open';

CREATE TABLE api_keys (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    prefix      text NOT NULL,
    hash        bytea NOT NULL,
    role        text NOT NULL,
    name        text NOT NULL DEFAULT '',
    customer_id text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    revoked_at  timestamptz
);
CREATE UNIQUE INDEX api_keys_prefix ON api_keys (prefix);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows of % are kept', lower(TG_OP), TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER coupons_are_kept BEFORE DELETE ON coupons FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER movements_are_kept BEFORE DELETE ON movements FOR EACH ROW EXECUTE FUNCTION refuse_change();
