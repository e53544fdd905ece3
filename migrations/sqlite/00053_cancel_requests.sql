-- +goose Up
-- Somebody who may not cancel a coupon asks for it; somebody who may decides. One open request for a coupon at a time.
CREATE TABLE cancel_requests (
    id           integer PRIMARY KEY AUTOINCREMENT,
    coupon_id    integer     NOT NULL REFERENCES coupons (id),
    state        text        NOT NULL CHECK (state IN ('open', 'approved', 'done', 'refused', 'withdrawn', 'lapsed')),
    reason       text        NOT NULL,
    note         text        NOT NULL DEFAULT '',
    asked_by     text        NOT NULL,
    asker        text        NOT NULL,
    request_key  text        NOT NULL,
    request_hash text        NOT NULL,
    asked_at     timestamp NOT NULL,
    decided_by   text        NOT NULL DEFAULT '',
    decider      text        NOT NULL DEFAULT '',
    answer       text        NOT NULL DEFAULT '',
    problem      text        NOT NULL DEFAULT '',
    decided_at   timestamp,
    seen_at      timestamp,
    CHECK ((state IN ('approved', 'done', 'refused')) <= (decided_by <> ''))
);
CREATE UNIQUE INDEX cancel_requests_one ON cancel_requests (coupon_id) WHERE state IN ('open', 'approved');
CREATE UNIQUE INDEX cancel_requests_request ON cancel_requests (asked_by, request_key);
CREATE INDEX cancel_requests_asker ON cancel_requests (asked_by, id);
CREATE INDEX cancel_requests_coupon ON cancel_requests (coupon_id, id);
CREATE INDEX cancel_requests_waiting ON cancel_requests (id) WHERE state IN ('open', 'approved');

-- What people of the staff are told of, once: by a mail that gathers it, and to whoever else listens.
CREATE TABLE notifications (
    id        integer PRIMARY KEY AUTOINCREMENT,
    kind      text        NOT NULL,
    ref       text        NOT NULL DEFAULT '',
    coupon_id integer REFERENCES coupons (id),
    at        timestamp NOT NULL,
    mailed_at timestamp,
    told      boolean NOT NULL DEFAULT false
);
CREATE INDEX notifications_waiting ON notifications (id) WHERE mailed_at IS NULL;
CREATE INDEX notifications_mailed ON notifications (mailed_at) WHERE mailed_at IS NOT NULL;
CREATE INDEX notifications_untold ON notifications (id) WHERE NOT told;
