-- +goose Up
-- Metafields that are behind are taken by when they may be written, without those of nobody in the shop.
CREATE INDEX customers_projection_due ON customers (coalesce(projection_claimed_until, projection_changed_at))
    WHERE projection_written < projection_wanted AND shopify_customer_gid <> '';
DROP INDEX customers_projection_behind;
