-- +goose Up
-- A coupon has one open case of a kind, but for cases about orders: there it is one for each order.
DROP INDEX reviews_open;
CREATE UNIQUE INDEX reviews_open ON reviews (coupon_id, kind) WHERE status = 'open' AND cause = '';
