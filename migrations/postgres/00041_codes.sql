-- +goose Up
-- The version of its campaign's rules by which a coupon was given, so that its code is made by these and no others; 0 where
-- nobody wrote it down: of a conversion, whose rules are the configuration's, and of the coupons that there are.
ALTER TABLE coupons ADD COLUMN rules_version integer NOT NULL DEFAULT 0 CHECK (rules_version >= 0);
-- Until when a code is left in the shop that could not be removed from it, so that others are not kept waiting behind it.
ALTER TABLE coupons ADD COLUMN remove_after timestamptz;
