-- +goose Up
-- cancel_actor is who asked for it, as their credential proved; cancelled_by is their name, for people. unfinished marks a
-- coupon whose status rests while an act outside is still owed: a code to be ended, points to be moved.
ALTER TABLE coupons ADD COLUMN cancel_actor text NOT NULL DEFAULT '';
ALTER TABLE coupons ADD COLUMN cancel_started_at timestamp;
ALTER TABLE coupons ADD COLUMN deactivated_at timestamp;
ALTER TABLE coupons ADD COLUMN used_order_id text NOT NULL DEFAULT '';
ALTER TABLE coupons ADD COLUMN unfinished boolean NOT NULL DEFAULT 0;
DROP INDEX coupons_on_the_way;
CREATE INDEX coupons_on_the_way ON coupons (lease_until) WHERE (status IN ('pending', 'cancelling') OR unfinished) AND parked_at IS NULL;
-- What one person cancelled today.
CREATE INDEX coupons_cancel_actor ON coupons (cancel_actor, cancel_started_at) WHERE cancel_actor <> '';

-- A refund that the till asked for: one per coupon, whatever keys and names it is asked under.
CREATE TABLE refunds (
    id         integer PRIMARY KEY AUTOINCREMENT,
    reference  text NOT NULL CHECK (length(reference) BETWEEN 1 AND 64),
    coupon_id  integer NOT NULL REFERENCES coupons (id),
    caller_id  text NOT NULL,
    reason     text NOT NULL,
    note       text NOT NULL DEFAULT '',
    created_at timestamp NOT NULL
);
CREATE UNIQUE INDEX refunds_coupon ON refunds (coupon_id);
CREATE UNIQUE INDEX refunds_reference ON refunds (reference);

ALTER TABLE reviews ADD COLUMN order_name text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN outcome text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN note text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN decided_by text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN decided_at timestamp;
CREATE INDEX reviews_status ON reviews (status, id DESC);

-- How far something that is read again and again has been read.
CREATE TABLE cursors (
    name       text PRIMARY KEY,
    at         timestamp NOT NULL
);

-- A check cannot be changed here: the table is made again, with everything that hangs on it.
DROP TRIGGER coupons_active_without_points;
CREATE TABLE movements_next (
    id                integer PRIMARY KEY AUTOINCREMENT,
    coupon_id         integer NOT NULL REFERENCES coupons (id),
    customer_id       text NOT NULL,
    kind              text NOT NULL CHECK (kind IN ('take', 'give_back', 'grant', 'take_back')),
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
INSERT INTO movements_next (id, coupon_id, customer_id, kind, state, points, reference, related_reference, key, reason, previous_balance, balance, entry_id, odd, created_at, settled_at) SELECT id, coupon_id, customer_id, kind, state, points, reference, related_reference, key, reason, previous_balance, balance, entry_id, odd, created_at, settled_at FROM movements;
DROP TABLE movements;
ALTER TABLE movements_next RENAME TO movements;
CREATE UNIQUE INDEX movements_reference ON movements (reference);
CREATE UNIQUE INDEX movements_key ON movements (key);
CREATE UNIQUE INDEX movements_coupon_kind ON movements (coupon_id, kind);
-- One movement in flight per customer, whatever process asks for it.
CREATE UNIQUE INDEX movements_open ON movements (customer_id) WHERE state = 'open';
-- +goose StatementBegin
CREATE TRIGGER movements_are_kept BEFORE DELETE ON movements BEGIN SELECT RAISE(ABORT, 'delete rows of movements are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coupons_active_without_points AFTER UPDATE ON coupons
    WHEN NEW.status = 'active' AND EXISTS (SELECT 1 FROM movements WHERE coupon_id = NEW.id AND kind = 'give_back')
BEGIN SELECT RAISE(ABORT, 'a coupon cannot be active while its points go back'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_back_without_code AFTER INSERT ON movements
    WHEN NEW.kind = 'give_back' AND EXISTS (SELECT 1 FROM coupons WHERE id = NEW.coupon_id AND status = 'active')
BEGIN SELECT RAISE(ABORT, 'points cannot go back while the coupon is active'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_turned_back_without_code AFTER UPDATE ON movements
    WHEN NEW.kind = 'give_back' AND EXISTS (SELECT 1 FROM coupons WHERE id = NEW.coupon_id AND status = 'active')
BEGIN SELECT RAISE(ABORT, 'points cannot go back while the coupon is active'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refunds_are_kept BEFORE DELETE ON refunds BEGIN SELECT RAISE(ABORT, 'delete rows of refunds are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reviews_are_kept BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'delete rows of reviews are kept'); END;
-- +goose StatementEnd
