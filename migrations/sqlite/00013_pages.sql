-- +goose Up
-- Coupons that end within some time, by their ids: the newest of each week is found at once.
CREATE INDEX coupons_status_week ON coupons (status, (CAST(strftime('%s', substr(expires_at, 1, 19)) AS integer) / 604800), id);

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
    seq   integer NOT NULL
);
CREATE TABLE tally_days (
    shift   integer NOT NULL,
    day     integer NOT NULL,
    kind    text NOT NULL,
    detail  text NOT NULL,
    coupons integer NOT NULL,
    points  integer NOT NULL,
    PRIMARY KEY (shift, day, kind, detail)
);
