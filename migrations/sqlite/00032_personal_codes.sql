-- +goose Up
-- A coupon is of a campaign; those that there are became of points. It can cost nothing, and take a part off an order, in
-- basis points, instead of an amount.
--
-- A check cannot be changed, but it goes with its column: both columns are made anew and the old ones dropped. So the
-- table stays in its place with its rows, and with all that refers to it.
DROP TRIGGER coupons_active_without_points;
DROP TRIGGER coupons_replaced_or_paid;
DROP INDEX coupons_status_amount;
ALTER TABLE coupons ADD COLUMN campaign text NOT NULL DEFAULT 'points';
ALTER TABLE coupons ADD COLUMN points_next integer NOT NULL DEFAULT 0;
ALTER TABLE coupons ADD COLUMN amount_next integer NOT NULL DEFAULT 0;
UPDATE coupons SET points_next = points, amount_next = amount_minor;
ALTER TABLE coupons DROP COLUMN points;
ALTER TABLE coupons DROP COLUMN amount_minor;
ALTER TABLE coupons RENAME COLUMN points_next TO points;
ALTER TABLE coupons RENAME COLUMN amount_next TO amount_minor;
-- The checks of all three stand with the last column: they are held against every row that there is.
ALTER TABLE coupons ADD COLUMN percent integer NOT NULL DEFAULT 0
    CHECK (percent BETWEEN 0 AND 10000)
    CHECK (points > 0 OR points = 0 AND campaign <> 'points')
    CHECK (amount_minor > 0 AND percent = 0 OR amount_minor = 0 AND percent > 0 AND campaign <> 'points');
CREATE INDEX coupons_status_amount ON coupons (status, amount_minor, id);
-- How many codes of a campaign somebody holds. Those of points have an index of their own.
CREATE INDEX coupons_campaign_live ON coupons (campaign, customer_id)
    WHERE campaign <> 'points' AND status IN ('pending', 'active');
-- +goose StatementBegin
CREATE TRIGGER coupons_active_without_points AFTER UPDATE ON coupons
    WHEN NEW.status = 'active' AND EXISTS (SELECT 1 FROM movements WHERE coupon_id = NEW.id AND kind = 'give_back')
BEGIN SELECT RAISE(ABORT, 'a coupon cannot be active while its points go back'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coupons_replaced_or_paid AFTER UPDATE ON coupons
    WHEN (NEW.superseded_by <> '' OR NEW.status = 'active')
        AND EXISTS (SELECT 1 FROM movements WHERE coupon_id = NEW.id AND kind = 'grant' AND state <> 'refused')
BEGIN SELECT RAISE(ABORT, 'the points of this coupon were granted'); END;
-- +goose StatementEnd
-- Campaigns are never removed, so that looking when a coupon is made is enough.
-- +goose StatementBegin
CREATE TRIGGER coupons_of_a_campaign BEFORE INSERT ON coupons
    WHEN NEW.campaign <> 'points' AND NOT EXISTS (SELECT 1 FROM campaigns WHERE key = NEW.campaign)
BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY: there is no such campaign'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coupons_stay_in_their_campaign BEFORE UPDATE OF campaign ON coupons WHEN NEW.campaign <> OLD.campaign
BEGIN SELECT RAISE(ABORT, 'a coupon stays in its campaign'); END;
-- +goose StatementEnd
