-- +goose Up
-- Which roles there are is the policy's business, which can be the merchant's own; here is only what a role's name looks like, and that a
-- person is no till, no customer and not the service.
ALTER TABLE staff DROP CONSTRAINT staff_role_check;
ALTER TABLE staff ADD CONSTRAINT staff_role_check
    CHECK (role ~ '^[a-z0-9_]{3,40}$' AND role NOT IN ('pos', 'customer', 'service'));
