-- +goose Up
-- Who a person is at an identity provider. Both columns are empty for whoever is not known there.
ALTER TABLE staff ADD COLUMN issuer text NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN subject text NOT NULL DEFAULT '' CHECK ((issuer = '') = (subject = ''));
ALTER TABLE staff ADD COLUMN link_until timestamp;
ALTER TABLE staff ADD COLUMN suspended_at timestamp;
CREATE UNIQUE INDEX staff_identity ON staff (issuer, subject) WHERE subject <> '';

-- How the person signed in there, in the provider's words; empty for a sign-in with a password.
ALTER TABLE staff_sessions ADD COLUMN provider text NOT NULL DEFAULT '';
