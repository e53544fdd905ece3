-- +goose Up
-- What a POS without references showed of the member before the first attempt at a movement, the day on which points
-- that were taken would have expired, and what a person is shown of a movement that is unsettled.
ALTER TABLE movements ADD COLUMN before_sent text NOT NULL DEFAULT '';
ALTER TABLE movements ADD COLUMN points_expire_on text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN evidence text NOT NULL DEFAULT '';
