-- +goose Up
-- What the codes of a campaign give, in the version of its rules; families that others make codes for have no offer.
ALTER TABLE campaign_policies ADD COLUMN offer text NOT NULL DEFAULT '{"codes":"found"}';
