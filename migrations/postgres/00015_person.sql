-- +goose Up
-- Making the indexes takes as long as it takes.
SET LOCAL statement_timeout = 0;

-- What a member's mail address and phone number are in one spelling, by which members who are one person are found. The
-- program fills them in, after this and whenever a member changes; empty matches nobody.
ALTER TABLE customers ADD COLUMN email_key text NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN phone_key text NOT NULL DEFAULT '';
CREATE INDEX customers_email_key ON customers (email_key, id) WHERE email_key <> '';
CREATE INDEX customers_phone_key ON customers (phone_key, id) WHERE phone_key <> '';

-- How often a member was refused lately.
CREATE INDEX audit_refused ON audit (customer_id, at) WHERE action = 'conversion.refused';
