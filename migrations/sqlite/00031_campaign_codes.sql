-- +goose Up
-- Codes of campaigns that are made together: many for nobody in particular (unbound) or one that anybody may type
-- (shared) under one discount of the shop, or one coupon for each recipient of a list (bound).
CREATE TABLE campaign_batches (
    id             integer PRIMARY KEY AUTOINCREMENT,
    public_id      text        NOT NULL,
    campaign_id    bigint      NOT NULL REFERENCES campaigns (id),
    kind           text        NOT NULL CHECK (kind IN ('unbound', 'bound', 'shared')),
    status         text        NOT NULL CHECK (status IN ('running', 'paused', 'stopped', 'done')),
    reason         text        NOT NULL DEFAULT '',
    wanted         integer     NOT NULL CHECK (wanted > 0),
    value          bigint      NOT NULL CHECK (value >= 0),
    planned        integer     NOT NULL DEFAULT 0 CHECK (planned >= 0),
    sent           integer     NOT NULL DEFAULT 0 CHECK (sent >= 0),
    made           integer     NOT NULL DEFAULT 0 CHECK (made >= 0 AND made + planned + sent <= wanted),
    refused        integer     NOT NULL DEFAULT 0 CHECK (refused >= 0),
    discount_id    text        NOT NULL DEFAULT '',
    creating_since timestamp,
    shop           text        NOT NULL DEFAULT '' CHECK (shop IN ('', 'on', 'off', 'asking', 'gone', 'removing', 'removed')),
    shop_since     timestamp,
    terms          text        NOT NULL DEFAULT '',
    ends_at        timestamp,
    deactivated_at timestamp,
    over_at        timestamp,
    sweep_at       timestamp,
    removal        text        NOT NULL DEFAULT '',
    synced         bigint      NOT NULL DEFAULT 0,
    made_by        text        NOT NULL,
    caller         text        NOT NULL,
    request_key    text        NOT NULL,
    request_hash   text        NOT NULL,
    made_at        timestamp NOT NULL,
    finished_at    timestamp,
    lease_until    timestamp NOT NULL,
    version        bigint      NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX campaign_batches_public ON campaign_batches (public_id);
CREATE UNIQUE INDEX campaign_batches_request ON campaign_batches (made_by, request_key);
CREATE UNIQUE INDEX campaign_batches_discount ON campaign_batches (discount_id) WHERE discount_id <> '';
CREATE INDEX campaign_batches_campaign ON campaign_batches (campaign_id, id);
CREATE INDEX campaign_batches_running ON campaign_batches (lease_until) WHERE status = 'running';
CREATE INDEX campaign_batches_sweep ON campaign_batches (sweep_at) WHERE sweep_at IS NOT NULL AND shop <> 'removed';

-- What was sent to the shop in one call, until it is known what became of each code.
CREATE TABLE campaign_batch_chunks (
    id       integer PRIMARY KEY AUTOINCREMENT,
    batch_id bigint      NOT NULL REFERENCES campaign_batches (id),
    state    text        NOT NULL CHECK (state IN ('sending', 'sent', 'done')),
    bulk_id  text        NOT NULL DEFAULT '',
    at       timestamp NOT NULL
);
CREATE INDEX campaign_batch_chunks_open ON campaign_batch_chunks (batch_id, id) WHERE state <> 'done';

-- A code stands here before the shop hears of it, and stays when it has left the shop.
CREATE TABLE campaign_codes (
    id          integer PRIMARY KEY AUTOINCREMENT,
    batch_id    bigint      NOT NULL REFERENCES campaign_batches (id),
    campaign_id bigint      NOT NULL REFERENCES campaigns (id),
    code        text        NOT NULL CHECK (code <> '' AND code = upper(code)),
    owner       text        NOT NULL DEFAULT '' CHECK (length(owner) <= 80),
    state       text        NOT NULL CHECK (state IN ('planned', 'sent', 'made', 'refused')),
    reason      text        NOT NULL DEFAULT '',
    chunk_id    bigint REFERENCES campaign_batch_chunks (id),
    at          timestamp NOT NULL
);
CREATE UNIQUE INDEX campaign_codes_code ON campaign_codes (code);
CREATE INDEX campaign_codes_batch ON campaign_codes (batch_id, state, id);
CREATE INDEX campaign_codes_chunk ON campaign_codes (chunk_id) WHERE state = 'sent';

-- The recipients of a bound batch. A recipient is somebody's address or number: it stands here until it is known what
-- became of the row, and no longer.
CREATE TABLE campaign_batch_rows (
    batch_id  bigint      NOT NULL REFERENCES campaign_batches (id),
    row       integer     NOT NULL CHECK (row > 0),
    kind      text        NOT NULL DEFAULT '' CHECK (kind IN ('', 'email', 'customer_id', 'shopify_customer_id')),
    recipient text        NOT NULL DEFAULT '',
    value     bigint      NOT NULL DEFAULT 0,
    state     text        NOT NULL CHECK (state IN ('waiting', 'issued', 'refused')),
    reason    text        NOT NULL DEFAULT '',
    code      text        NOT NULL DEFAULT '',
    tried_at  timestamp,
    PRIMARY KEY (batch_id, row),
    CHECK (state = 'waiting' OR recipient = '')
);
CREATE INDEX campaign_batch_rows_waiting ON campaign_batch_rows (batch_id, row) WHERE state = 'waiting';
CREATE INDEX campaign_batch_rows_refused ON campaign_batch_rows (batch_id, row) WHERE state = 'refused';
