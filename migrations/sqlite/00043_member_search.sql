-- +goose Up
-- How a member's name is read.
ALTER TABLE customers ADD COLUMN name_kana text NOT NULL DEFAULT '';

-- What members are found by: names, numbers, phones and mail addresses in one spelling, also from places in their middle. The
-- program makes them, after this and whenever a member changes; terms is the version of how they were made.
ALTER TABLE customers ADD COLUMN terms integer NOT NULL DEFAULT 0;
CREATE INDEX customers_without_terms ON customers (id) WHERE terms < 1;
CREATE TABLE member_terms (
    customer_id text NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('number', 'name', 'phone', 'email', 'number_part', 'name_part', 'phone_part')),
    term        text NOT NULL CHECK (term <> ''),
    PRIMARY KEY (customer_id, kind, term)
) WITHOUT ROWID;
CREATE INDEX member_terms_find ON member_terms (kind, term, customer_id);

-- Members alone, as lists have them, all and those that somebody has to look at.
CREATE INDEX customers_members ON customers (id) WHERE substr(id, 1, 6) <> '_shop_';
CREATE INDEX customers_locked ON customers (id) WHERE locked_until IS NOT NULL AND substr(id, 1, 6) <> '_shop_';
CREATE INDEX customers_unlinked ON customers (id) WHERE shopify_customer_gid = '' AND substr(id, 1, 6) <> '_shop_';

-- Orders are found by what the shop calls them.
CREATE INDEX coupons_order_name ON coupons (used_order) WHERE used_order <> '';
CREATE INDEX identity_uses_order_name ON identity_uses (order_name) WHERE order_name <> '';
