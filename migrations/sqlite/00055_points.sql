-- +goose Up
-- Lists in the order of points, as those in the order of the amount have theirs.
CREATE INDEX coupons_status_points ON coupons (status, points, id);

-- What people were told of, by its age: it is removed once it was kept for long enough.
CREATE INDEX notifications_at ON notifications (at);
