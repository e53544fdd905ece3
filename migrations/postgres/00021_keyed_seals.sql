-- +goose Up
-- Seals made with a key: which key, where keyed seals begin, and the keyed hash. Those of before have none.
ALTER TABLE audit_seals
    ADD COLUMN key_id     text NOT NULL DEFAULT '',
    ADD COLUMN keyed_from bigint,
    ADD COLUMN mac        bytea,
    ADD CONSTRAINT audit_seals_keyed CHECK (CASE WHEN key_id = '' THEN keyed_from IS NULL AND mac IS NULL
        ELSE coalesce(keyed_from BETWEEN 1 AND seq, false) AND coalesce(length(mac) = 32, false) END);

-- A seal follows the last one, and once there are keyed ones no other follows: neither a gap nor a program of the version
-- before can get between. The function looks where the trigger's table is, whatever else may be called like it.
-- +goose StatementBegin
CREATE FUNCTION keep_seals_in_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_seq bigint;
    last_from bigint;
BEGIN
    EXECUTE format('SELECT seq, keyed_from FROM %I.audit_seals ORDER BY seq DESC LIMIT 1', TG_TABLE_SCHEMA) INTO last_seq, last_from;
    IF NEW.seq <> coalesce(last_seq, 0) + 1 THEN
        RAISE EXCEPTION 'a seal follows the last one' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.keyed_from IS DISTINCT FROM coalesce(last_from, CASE WHEN NEW.key_id <> '' THEN NEW.seq END) THEN
        RAISE EXCEPTION 'keyed seals begin once, and only keyed ones follow them' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_seals_in_line BEFORE INSERT ON audit_seals FOR EACH ROW EXECUTE FUNCTION keep_seals_in_line();
