-- +goose Up
-- Making the indexes takes as long as it takes.
SET LOCAL statement_timeout = 0;

-- What the storefront signed for a request that moved something: the digest of the signature. It is good for one such request.
ALTER TABLE requests ADD COLUMN proof text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX requests_proof ON requests (proof) WHERE proof <> '';

-- Whether a body that means something once came before.
CREATE INDEX webhook_deliveries_body ON webhook_deliveries (body_sha256);
