-- +goose Up
-- What a coupon's code was made with beside what its coupon says; empty for those of before, which are not compared.
ALTER TABLE coupons ADD COLUMN terms text NOT NULL DEFAULT '';
-- Until when a call can still arrive that gives a code its end, and by that makes it alive.
ALTER TABLE coupons ADD COLUMN end_set_until timestamp;
