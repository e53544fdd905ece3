-- +goose Up
-- The mails about coupons that were decided on: what became of each, and to where it went. Whose coupon it is says whose
-- mail it is.
CREATE TABLE mails (
    id         integer     PRIMARY KEY AUTOINCREMENT,
    event      text        NOT NULL,
    coupon_id  integer     NOT NULL REFERENCES coupons (id),
    kind       text        NOT NULL,
    step       integer     NOT NULL DEFAULT 0,
    again      text        NOT NULL DEFAULT '',
    asked_by   text        NOT NULL DEFAULT '',
    address    text        NOT NULL DEFAULT '',
    state      text        NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'refused', 'unavailable', 'unknown', 'not_sent')),
    reason     text        NOT NULL DEFAULT '',
    reply      integer     NOT NULL DEFAULT 0,
    queue_id   text        NOT NULL DEFAULT '',
    attempts   integer     NOT NULL DEFAULT 0,
    created_at timestamp   NOT NULL,
    changed_at timestamp   NOT NULL
);
CREATE INDEX mails_coupon ON mails (coupon_id, id);
CREATE INDEX mails_created ON mails (created_at);
CREATE UNIQUE INDEX mails_event ON mails (event);
