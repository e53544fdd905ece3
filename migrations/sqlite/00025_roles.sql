-- +goose Up
-- Which roles there are is the policy's business, which can be the merchant's own; here is only what a role's name looks like, and that a
-- person is no till, no customer and not the service.
-- The default is a name that no role has: a row that says nothing may do nothing.
ALTER TABLE staff ADD COLUMN role_name text NOT NULL DEFAULT 'nobody'
    CHECK (length(role_name) BETWEEN 3 AND 40 AND role_name NOT GLOB '*[^a-z0-9_]*'
        AND role_name NOT IN ('pos', 'customer', 'service'));
UPDATE staff SET role_name = role;
ALTER TABLE staff DROP COLUMN role;
ALTER TABLE staff RENAME COLUMN role_name TO role;
