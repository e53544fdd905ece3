-- +goose Up
-- What a discount that a decision refused would have taken off, in minor units; without a currency where nobody can tell,
-- as of the decisions that there are.
ALTER TABLE decisions ADD COLUMN worth integer NOT NULL DEFAULT 0 CHECK (worth >= 0);
ALTER TABLE decisions ADD COLUMN worth_currency text NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN worth_estimated boolean NOT NULL DEFAULT false;
