-- +goose Up
-- Many coupons that one person ends, or writes to, for one reason. What was chosen is frozen here, a row for each.
CREATE TABLE bulk_jobs (
    id           integer PRIMARY KEY AUTOINCREMENT,
    public_id    text        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('cancel', 'suspend', 'resend')),
    status       text        NOT NULL CHECK (status IN ('waiting', 'running', 'paused', 'stopped', 'done')),
    reason       text        NOT NULL,
    note         text        NOT NULL DEFAULT '',
    wanted       integer     NOT NULL CHECK (wanted > 0),
    points       integer     NOT NULL CHECK (points >= 0),
    done         integer     NOT NULL DEFAULT 0,
    refused      integer     NOT NULL DEFAULT 0 CHECK (done + refused <= wanted),
    made_by      text        NOT NULL,
    maker        text        NOT NULL,
    approver     text        NOT NULL DEFAULT '',
    request_key  text        NOT NULL,
    request_hash text        NOT NULL,
    made_at      timestamp NOT NULL,
    finished_at  timestamp,
    lease_until  timestamp NOT NULL
);
CREATE UNIQUE INDEX bulk_jobs_public ON bulk_jobs (public_id);
CREATE UNIQUE INDEX bulk_jobs_request ON bulk_jobs (made_by, request_key);
CREATE INDEX bulk_jobs_running ON bulk_jobs (lease_until) WHERE status = 'running';
CREATE TABLE bulk_rows (
    bulk_id   integer NOT NULL REFERENCES bulk_jobs (id),
    row       integer NOT NULL CHECK (row > 0),
    coupon_id integer NOT NULL REFERENCES coupons (id),
    state     text    NOT NULL CHECK (state IN ('waiting', 'done', 'refused')),
    reason    text    NOT NULL DEFAULT '',
    PRIMARY KEY (bulk_id, row)
);
CREATE UNIQUE INDEX bulk_rows_coupon ON bulk_rows (bulk_id, coupon_id);
CREATE INDEX bulk_rows_of ON bulk_rows (coupon_id);
