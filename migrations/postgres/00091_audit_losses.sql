-- +goose Up
-- The last number that was deleted of the audit, with its hash, which nothing else keeps. It is what the rows behind it are
-- chained to, so that they prove it, and it needs no protection.
CREATE TABLE audit_dropped (
    id   integer PRIMARY KEY CHECK (id = 1),
    seq  bigint NOT NULL,
    hash bytea NOT NULL
);

-- Rows of an archive that were deleted beside its file, and that somebody stands for to be lost since then, from first to seq.
-- record says who and why, and mac that whoever has the key of the seals said so.
CREATE TABLE audit_losses (
    seq    bigint PRIMARY KEY,
    first  bigint NOT NULL CHECK (first > 0 AND first <= seq),
    record text NOT NULL,
    key_id text NOT NULL,
    mac    bytea NOT NULL
);
CREATE TRIGGER audit_losses_are_kept BEFORE UPDATE OR DELETE ON audit_losses FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_losses_are_never_emptied BEFORE TRUNCATE ON audit_losses FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Only what was archived can be lost, and nothing that is there.
-- +goose StatementBegin
CREATE FUNCTION keep_losses_true() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fits boolean;
BEGIN
    EXECUTE format('SELECT $2 <= (SELECT coalesce(max(seq), 0) FROM %1$I.audit_archives)
        AND NOT EXISTS (SELECT 1 FROM %1$I.audit_seals WHERE seq >= $1 AND seq <= $2)', TG_TABLE_SCHEMA)
        INTO fits USING NEW.first, NEW.seq;
    IF NOT fits THEN
        RAISE EXCEPTION 'only archived rows that are gone are lost' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_losses_are_true BEFORE INSERT ON audit_losses FOR EACH ROW EXECUTE FUNCTION keep_losses_true();
