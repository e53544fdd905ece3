-- +goose Up
-- Making the indexes takes as long as it takes.
SET LOCAL statement_timeout = 0;

-- Coupons that end within some time, by their ids: the newest of each week is found at once.
CREATE INDEX coupons_status_week ON coupons (status, (((expires_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01') / 7), id) INCLUDE (expires_at);

-- The same indexes with what decides about a page, which is then found without reading the coupons themselves.
DROP INDEX coupons_code;
CREATE UNIQUE INDEX coupons_code ON coupons (code text_pattern_ops) INCLUDE (id, status, expires_at, amount_minor);
DROP INDEX coupons_customer;
CREATE INDEX coupons_customer ON coupons (customer_id text_pattern_ops, id DESC) INCLUDE (status, expires_at, amount_minor, code);
DROP INDEX coupons_drawn;
CREATE INDEX coupons_drawn ON coupons (split_part(code, '-', 2) text_pattern_ops) INCLUDE (id, status, expires_at, amount_minor, code);

-- What waits for a person, which the dashboard and the metrics count.
CREATE INDEX coupons_parked ON coupons (id) WHERE (status IN ('pending', 'cancelling') OR unfinished) AND parked_at IS NOT NULL;

-- The record by time, for an actor, an action, or a period.
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_actor ON audit (actor, at, id);
CREATE INDEX audit_action ON audit (action, at, id);

-- What happened on each day of a zone whose clocks are shift quarters of an hour ahead of UTC: slot + shift, divided by 96, is
-- the number of the day. A shift that a report asks for is written down, and the sealer adds its days up from then on; seq is how
-- far along the chain they are, and they are true where that is as far as the slots are.
CREATE TABLE tally_shifts (
    shift integer PRIMARY KEY,
    seq   bigint NOT NULL
);
CREATE TABLE tally_days (
    shift   integer NOT NULL,
    day     bigint NOT NULL,
    kind    text NOT NULL,
    detail  text NOT NULL,
    coupons bigint NOT NULL,
    points  bigint NOT NULL,
    PRIMARY KEY (shift, day, kind, detail)
);
