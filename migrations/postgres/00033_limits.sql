-- +goose Up
-- Limits on uses count those that stand, over a campaign's whole life: also what retention has removed.
CREATE INDEX identity_uses_standing ON identity_uses (campaign_id, code, used_at, order_id)
    WHERE void_at IS NULL AND NOT test;

CREATE TABLE identity_uses_forgotten (
    campaign_id bigint NOT NULL REFERENCES campaigns (id),
    code        text   NOT NULL,
    uses        bigint NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (campaign_id, code)
);
