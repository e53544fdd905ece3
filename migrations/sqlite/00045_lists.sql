-- +goose Up
-- Lists and reports within some time: of the issue by status, of the refund for all.
CREATE INDEX coupons_status_created ON coupons (status, created_at, id);
CREATE INDEX coupons_cancelled ON coupons (cancelled_at, id) WHERE cancelled_at IS NOT NULL;

-- Lists that somebody comes back to: what the address asks for, under a name of theirs.
CREATE TABLE staff_views (
    id         integer PRIMARY KEY AUTOINCREMENT,
    staff_id   integer NOT NULL REFERENCES staff (id),
    name       text NOT NULL CHECK (name <> ''),
    query      text NOT NULL,
    created_at timestamp NOT NULL
);
CREATE UNIQUE INDEX staff_views_name ON staff_views (staff_id, name);
