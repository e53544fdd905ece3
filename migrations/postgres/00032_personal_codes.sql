-- +goose Up
-- A coupon is of a campaign; those that there are became of points. It can cost nothing, and take a part off an order, in
-- basis points, instead of an amount.
ALTER TABLE coupons ADD COLUMN campaign text NOT NULL DEFAULT 'points';
ALTER TABLE coupons ADD COLUMN percent integer NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 10000);
ALTER TABLE coupons DROP CONSTRAINT coupons_points_check;
ALTER TABLE coupons DROP CONSTRAINT coupons_amount_minor_check;
ALTER TABLE coupons ADD CONSTRAINT coupons_points_check CHECK (points > 0 OR points = 0 AND campaign <> 'points');
ALTER TABLE coupons ADD CONSTRAINT coupons_value_check
    CHECK (amount_minor > 0 AND percent = 0 OR amount_minor = 0 AND percent > 0 AND campaign <> 'points');
-- How many codes of a campaign somebody holds. Those of points have an index of their own.
CREATE INDEX coupons_campaign_live ON coupons (campaign, customer_id)
    WHERE campaign <> 'points' AND status IN ('pending', 'active');

-- Campaigns are never removed, so that looking when a coupon is made is enough. A foreign key would lock the one row of
-- points with every conversion.
-- +goose StatementBegin
CREATE FUNCTION refuse_unknown_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM campaigns WHERE key = NEW.campaign) THEN
        RAISE EXCEPTION 'there is no such campaign' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER coupons_of_a_campaign BEFORE INSERT ON coupons FOR EACH ROW
    WHEN (NEW.campaign <> 'points') EXECUTE FUNCTION refuse_unknown_campaign();
CREATE TRIGGER coupons_stay_in_their_campaign BEFORE UPDATE OF campaign ON coupons FOR EACH ROW
    WHEN (NEW.campaign <> OLD.campaign) EXECUTE FUNCTION refuse_change();
