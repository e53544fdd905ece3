-- +goose Up
-- How often a customer's conversions were refused since a moment; the lock that comes of it is locked_until.
ALTER TABLE customers ADD COLUMN refusals integer NOT NULL DEFAULT 0 CHECK (refusals >= 0);
ALTER TABLE customers ADD COLUMN refusals_since timestamptz;

-- What the service was last started with, so that a change is noticed.
CREATE TABLE settings (
    name       text PRIMARY KEY,
    value      text NOT NULL,
    changed_at timestamptz NOT NULL
);
