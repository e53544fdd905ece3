-- +goose Up
-- Lists and reports within some time: of the issue by status, of the refund for all.
CREATE INDEX coupons_status_created ON coupons (status, created_at, id);
CREATE INDEX coupons_cancelled ON coupons (cancelled_at, id) INCLUDE (points, cancel_actor, cancelled_by, reason) WHERE cancelled_at IS NOT NULL;

-- Lists that somebody comes back to: what the address asks for, under a name of theirs.
CREATE TABLE staff_views (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    staff_id   bigint NOT NULL REFERENCES staff (id),
    name       text NOT NULL CHECK (name <> ''),
    query      text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX staff_views_name ON staff_views (staff_id, name);
