-- +goose Up
-- What each whole comparison of the books found; found is a JSON object of counts by kind.
CREATE TABLE books_runs (
    id        integer PRIMARY KEY AUTOINCREMENT,
    began     timestamp NOT NULL,
    ended     timestamp NOT NULL,
    customers integer NOT NULL,
    coupons   integer NOT NULL,
    moving    integer NOT NULL,
    gaps      integer NOT NULL,
    broken    boolean NOT NULL,
    repaired  integer NOT NULL,
    found     text NOT NULL
);
