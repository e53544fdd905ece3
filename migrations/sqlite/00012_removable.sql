-- +goose Up
-- A forfeited coupon's code is as dead as a cancelled one's and is removed from the store in the same way.
DROP INDEX coupons_removable;
CREATE INDEX coupons_removable ON coupons (expires_at) WHERE status IN ('expired', 'used', 'cancelled', 'forfeited') AND discount_id <> '' AND discount_deleted_at IS NULL;
