-- +goose Up
-- Numbers that members had in the POS before they were given another one. A number is one member's for ever: what was
-- written under it, in the POS and in the audit, is theirs.
CREATE TABLE former_numbers (
    number      text PRIMARY KEY CHECK (length(number) BETWEEN 1 AND 64 AND number NOT GLOB '*[^A-Za-z0-9_-]*'),
    customer_id text NOT NULL REFERENCES customers (id),
    at          timestamp NOT NULL,
    CHECK (number <> customer_id)
);
CREATE INDEX former_numbers_customer ON former_numbers (customer_id, at);
