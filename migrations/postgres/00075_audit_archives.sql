-- +goose Up
-- What of the audit was taken out of the database, into files. seq is the last number of a file, record says which file it
-- is, and mac that whoever has the key of the seals said so.
CREATE TABLE audit_archives (
    seq    bigint PRIMARY KEY CHECK (seq > 0),
    record text NOT NULL,
    key_id text NOT NULL,
    mac    bytea NOT NULL
);
CREATE TRIGGER audit_archives_are_kept BEFORE UPDATE OR DELETE ON audit_archives FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_archives_are_never_emptied BEFORE TRUNCATE ON audit_archives FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What the books and the rights are held against of entries that were taken out.
CREATE TABLE audit_carried (
    seq       bigint PRIMARY KEY,
    audit_id  bigint NOT NULL,
    coupon_id bigint,
    action    text NOT NULL,
    to_status text NOT NULL,
    detail    text NOT NULL
);
CREATE INDEX audit_carried_coupon ON audit_carried (coupon_id, audit_id) WHERE coupon_id IS NOT NULL;
CREATE INDEX audit_carried_policy ON audit_carried (audit_id) WHERE action = 'rights.changed';
CREATE TRIGGER audit_carried_is_kept BEFORE UPDATE OR DELETE ON audit_carried FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_carried_is_never_emptied BEFORE TRUNCATE ON audit_carried FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Sealed rows up to the number that is recorded as archived may go, with their seals, and no others.
-- +goose StatementBegin
CREATE FUNCTION keep_unarchived() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept boolean;
BEGIN
    EXECUTE format(CASE TG_TABLE_NAME
        WHEN 'audit' THEN 'SELECT EXISTS (SELECT 1 FROM gone LEFT JOIN %1$I.audit_seals s ON s.audit_id = gone.id
            WHERE s.seq IS NULL OR s.seq > (SELECT coalesce(max(seq), 0) FROM %1$I.audit_archives))'
        ELSE 'SELECT EXISTS (SELECT 1 FROM gone WHERE seq > (SELECT coalesce(max(seq), 0) FROM %1$I.audit_archives))' END,
        TG_TABLE_SCHEMA) INTO kept;
    IF kept THEN
        RAISE EXCEPTION 'delete rows of % are kept', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
DROP TRIGGER audit_is_append_only ON audit;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_kept AFTER DELETE ON audit REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_unarchived();
DROP TRIGGER audit_seals_are_append_only ON audit_seals;
CREATE TRIGGER audit_seals_are_append_only BEFORE UPDATE ON audit_seals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_seals_are_kept AFTER DELETE ON audit_seals REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_unarchived();

-- A row goes before its seal, which says whether it may, and both go in one commit. Deferred, so that whoever may not
-- delete a row is told that it is kept, and not that it has a seal.
ALTER TABLE audit_seals ALTER CONSTRAINT audit_seals_audit_id_fkey DEFERRABLE INITIALLY DEFERRED;
