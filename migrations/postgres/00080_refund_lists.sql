-- +goose NO TRANSACTION
-- +goose Up
-- Refunds of some time, counted and in another order than that of the time, are read out of the index alone. It has no row of a
-- coupon that was not refunded, so that no conversion writes it, and what is added is in other indexes already. It is made and
-- dropped without stopping anybody who writes, under a name of its own until it is whole.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS coupons_cancelled_whole;
CREATE INDEX CONCURRENTLY coupons_cancelled_whole ON coupons (cancelled_at, id) INCLUDE (points, cancel_actor, cancelled_by, reason, status, expires_at)
    WHERE cancelled_at IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS coupons_cancelled;
ALTER INDEX coupons_cancelled_whole RENAME TO coupons_cancelled;
RESET lock_timeout;
