-- +goose Up
-- Limits on uses count those that stand, over a campaign's whole life.
CREATE INDEX identity_uses_standing ON identity_uses (campaign_id, code, used_at, order_id)
    WHERE void_at IS NULL AND NOT test;
