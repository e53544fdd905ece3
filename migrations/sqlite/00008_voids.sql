-- +goose Up
-- first_code is the first code of a chain of reissues, under which the till holds the points; empty for the first itself.
ALTER TABLE coupons ADD COLUMN first_code text NOT NULL DEFAULT '';
CREATE INDEX coupons_first_code ON coupons (first_code) WHERE first_code <> '';
CREATE INDEX coupons_used_order ON coupons (used_order_id) WHERE used_order_id <> '';
-- A coupon is replaced once; a replacement that failed does not count.
CREATE UNIQUE INDEX coupons_reissued_once ON coupons (reissued_from) WHERE reissued_from <> '' AND status <> 'failed';

-- A case about an order that came to nothing (cause 'void') or lost a part of its price ('partial'): one of each for a coupon
-- and an order, for good. proposed_* is the first of two people's decision, problem why the last one could not be carried out.
ALTER TABLE reviews ADD COLUMN order_id text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN cause text NOT NULL DEFAULT '' CHECK (cause IN ('', 'void', 'partial'));
ALTER TABLE reviews ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN problem text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN decided_actor text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN proposed_outcome text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN proposed_note text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN proposed_by text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN proposed_actor text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN proposed_at timestamp;
CREATE UNIQUE INDEX reviews_order ON reviews (coupon_id, order_id, cause) WHERE cause <> '';
CREATE INDEX reviews_coupon ON reviews (coupon_id);
-- What one person replaced or paid out today.
CREATE INDEX reviews_decided ON reviews (decided_actor, decided_at) WHERE decided_actor <> '';

-- A used coupon is made good in one way, and its points are never granted while its code is good.
-- +goose StatementBegin
CREATE TRIGGER coupons_replaced_or_paid AFTER UPDATE ON coupons
    WHEN (NEW.superseded_by <> '' OR NEW.status = 'active')
        AND EXISTS (SELECT 1 FROM movements WHERE coupon_id = NEW.id AND kind = 'grant' AND state <> 'refused')
BEGIN SELECT RAISE(ABORT, 'the points of this coupon were granted'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_granted_once AFTER INSERT ON movements
    WHEN NEW.kind = 'grant' AND NEW.state <> 'refused'
        AND EXISTS (SELECT 1 FROM coupons WHERE id = NEW.coupon_id AND (superseded_by <> '' OR status <> 'used'))
BEGIN SELECT RAISE(ABORT, 'points are granted for a used coupon that was not replaced'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_granted_still AFTER UPDATE ON movements
    WHEN NEW.kind = 'grant' AND NEW.state <> 'refused'
        AND EXISTS (SELECT 1 FROM coupons WHERE id = NEW.coupon_id AND (superseded_by <> '' OR status <> 'used'))
BEGIN SELECT RAISE(ABORT, 'points are granted for a used coupon that was not replaced'); END;
-- +goose StatementEnd
