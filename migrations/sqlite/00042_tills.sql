-- +goose Up
-- Which POS a movement was made with, empty for those of before; and what that POS calls whose points it moves, where
-- the member's id can come to mean another account.
ALTER TABLE movements ADD COLUMN pos text NOT NULL DEFAULT '';
ALTER TABLE movements ADD COLUMN account text NOT NULL DEFAULT '';
