-- +goose Up
-- A campaign's page adds up its own uses, whatever all the others have.
CREATE INDEX identity_uses_campaign ON identity_uses (campaign_id, code, used_at);
