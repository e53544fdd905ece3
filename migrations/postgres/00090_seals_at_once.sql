-- +goose Up
-- Seals come by the hundred: whether they are in line is asked once for all of a statement, not once for each, which took
-- most of the time of writing them. What is refused is the same.
-- +goose StatementBegin
CREATE FUNCTION keep_seals_in_one_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lowest bigint;
    highest bigint;
    n bigint;
    last_seq bigint;
    last_from bigint;
    end_seq bigint;
BEGIN
    SELECT min(seq), max(seq), count(*) INTO lowest, highest, n FROM added;
    IF n = 0 THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT seq, keyed_from FROM %I.audit_seals WHERE seq < $1 ORDER BY seq DESC LIMIT 1', TG_TABLE_SCHEMA)
        INTO last_seq, last_from USING lowest;
    EXECUTE format('SELECT max(seq) FROM %I.audit_seals', TG_TABLE_SCHEMA) INTO end_seq;
    IF lowest <> coalesce(last_seq, 0) + 1 OR highest <> lowest + n - 1 OR highest <> end_seq THEN
        RAISE EXCEPTION 'a seal follows the last one' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM 1 FROM (SELECT seq, key_id, keyed_from, lag(keyed_from, 1, last_from) OVER (ORDER BY seq) AS before FROM added) a
        WHERE keyed_from IS DISTINCT FROM coalesce(before, CASE WHEN key_id <> '' THEN seq END);
    IF FOUND THEN
        RAISE EXCEPTION 'keyed seals begin once, and only keyed ones follow them' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
DROP TRIGGER audit_seals_in_line ON audit_seals;
DROP FUNCTION keep_seals_in_line();
CREATE TRIGGER audit_seals_in_line AFTER INSERT ON audit_seals REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION keep_seals_in_one_line();
