-- +goose Up
-- Numbers that members had in the POS before they were given another one. A number is one member's for ever: what was
-- written under it, in the POS and in the audit, is theirs.
CREATE TABLE former_numbers (
    number      text PRIMARY KEY CHECK (number ~ '^[A-Za-z0-9_-]{1,64}$'),
    customer_id text NOT NULL REFERENCES customers (id),
    at          timestamptz NOT NULL,
    CHECK (number <> customer_id)
);
CREATE INDEX former_numbers_customer ON former_numbers (customer_id, at);
