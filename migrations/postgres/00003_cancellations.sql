-- +goose Up
-- cancel_actor is who asked for it, as their credential proved; cancelled_by is their name, for people. unfinished marks a
-- coupon whose status rests while an act outside is still owed: a code to be ended, points to be moved.
ALTER TABLE coupons ADD COLUMN cancel_actor text NOT NULL DEFAULT '';
ALTER TABLE coupons ADD COLUMN cancel_started_at timestamptz;
ALTER TABLE coupons ADD COLUMN deactivated_at timestamptz;
ALTER TABLE coupons ADD COLUMN used_order_id text NOT NULL DEFAULT '';
ALTER TABLE coupons ADD COLUMN unfinished boolean NOT NULL DEFAULT false;
DROP INDEX coupons_on_the_way;
CREATE INDEX coupons_on_the_way ON coupons (lease_until) WHERE (status IN ('pending', 'cancelling') OR unfinished) AND parked_at IS NULL;
-- What one person cancelled today.
CREATE INDEX coupons_cancel_actor ON coupons (cancel_actor, cancel_started_at) WHERE cancel_actor <> '';

-- A refund that the till asked for: one per coupon, whatever keys and names it is asked under.
CREATE TABLE refunds (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference  text NOT NULL CHECK (length(reference) BETWEEN 1 AND 64),
    coupon_id  bigint NOT NULL REFERENCES coupons (id),
    caller_id  text NOT NULL,
    reason     text NOT NULL,
    note       text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX refunds_coupon ON refunds (coupon_id);
CREATE UNIQUE INDEX refunds_reference ON refunds (reference);

ALTER TABLE reviews ADD COLUMN order_name text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN outcome text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN note text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN decided_by text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN decided_at timestamptz;
CREATE INDEX reviews_status ON reviews (status, id DESC);

-- How far something that is read again and again has been read.
CREATE TABLE cursors (
    name       text PRIMARY KEY,
    at         timestamptz NOT NULL
);

ALTER TABLE movements DROP CONSTRAINT movements_kind_check;
ALTER TABLE movements ADD CONSTRAINT movements_kind_check CHECK (kind IN ('take', 'give_back', 'grant', 'take_back'));
CREATE TRIGGER refunds_are_kept BEFORE DELETE ON refunds FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reviews_are_kept BEFORE DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();
