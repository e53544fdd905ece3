-- +goose Up
-- What each whole comparison of the books found; found is a JSON object of counts by kind.
CREATE TABLE books_runs (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began     timestamptz NOT NULL,
    ended     timestamptz NOT NULL,
    customers bigint NOT NULL,
    coupons   bigint NOT NULL,
    moving    bigint NOT NULL,
    gaps      bigint NOT NULL,
    broken    boolean NOT NULL,
    repaired  bigint NOT NULL,
    found     text NOT NULL
);
