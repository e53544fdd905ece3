-- +goose Up
-- Orders that used codes are kept for the shop's figures when what they showed of a person is forgotten.
CREATE INDEX identity_uses_kept ON identity_uses (used_at, id) WHERE erased_at IS NULL;
