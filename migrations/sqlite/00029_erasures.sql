-- +goose Up
-- Who was forgotten lately, by digests: whatever was shown of them before, and is only being written now, is not kept.
-- There is one writer at a time: it finds the erasure, or the erasure finds what was written.
CREATE TABLE identity_erasures (
    digest      blob      NOT NULL PRIMARY KEY CHECK (length(digest) = 16),
    key_version integer   NOT NULL CHECK (key_version > 0),
    shown_until timestamp NOT NULL,
    at          timestamp NOT NULL
);
CREATE INDEX identity_erasures_at ON identity_erasures (at);

-- What a request to forget says of a customer beside their number, as digests of e-mail and phone.
ALTER TABLE webhook_deliveries ADD COLUMN person text NOT NULL DEFAULT '';
ALTER TABLE privacy_requests ADD COLUMN person text NOT NULL DEFAULT '';
