-- +goose Up
-- Who was forgotten lately, by digests: whatever was shown of them before, and is only being written now, is not kept.
CREATE TABLE identity_erasures (
    digest      bytea       NOT NULL PRIMARY KEY CHECK (octet_length(digest) = 16),
    key_version integer     NOT NULL CHECK (key_version > 0),
    shown_until timestamptz NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX identity_erasures_at ON identity_erasures (at);

-- Which of these digests are of somebody who was forgotten after they were shown. Whoever writes digests asks first, and
-- shares a lock with others who write until the end of its transaction; an erasure has the lock alone. So an erasure
-- comes wholly after a writer, and finds what was written, or wholly before, and the writer finds the erasure: a
-- volatile function reads anew after it has the lock.
-- +goose StatementBegin
CREATE FUNCTION identity_forgotten(asked bytea[], shown timestamptz) RETURNS SETOF bytea LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('identity erasure', 0));
    RETURN QUERY SELECT e.digest FROM identity_erasures e WHERE e.digest = ANY (asked) AND e.shown_until > shown;
END $$;
-- +goose StatementEnd

-- What a request to forget says of a customer beside their number, as digests of e-mail and phone.
ALTER TABLE webhook_deliveries ADD COLUMN person text NOT NULL DEFAULT '';
ALTER TABLE privacy_requests ADD COLUMN person text NOT NULL DEFAULT '';
