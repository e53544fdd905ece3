-- +goose NO TRANSACTION
-- +goose Up
-- Metafields that are behind are taken by when they may be written, without those of nobody in the shop.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS customers_projection_due;
CREATE INDEX CONCURRENTLY customers_projection_due ON customers (coalesce(projection_claimed_until, projection_changed_at))
    WHERE projection_written < projection_wanted AND shopify_customer_gid <> '';
DROP INDEX CONCURRENTLY IF EXISTS customers_projection_behind;
RESET lock_timeout;
