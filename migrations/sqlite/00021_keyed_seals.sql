-- +goose Up
-- Seals made with a key: which key, where keyed seals begin, and the keyed hash. Those of before have none.
ALTER TABLE audit_seals ADD COLUMN key_id text NOT NULL DEFAULT '';
ALTER TABLE audit_seals ADD COLUMN keyed_from integer;
ALTER TABLE audit_seals ADD COLUMN mac blob;

-- A seal follows the last one, and once there are keyed ones no other follows: neither a gap nor a program of the version
-- before can get between.
-- +goose StatementBegin
CREATE TRIGGER audit_seals_in_line BEFORE INSERT ON audit_seals BEGIN
    SELECT RAISE(ABORT, 'a seal follows the last one')
    WHERE NEW.seq <> coalesce((SELECT max(seq) FROM audit_seals), 0) + 1;
    SELECT RAISE(ABORT, 'a keyed seal has a key, a beginning and a keyed hash')
    WHERE (NEW.key_id = '') <> (NEW.keyed_from IS NULL) OR (NEW.key_id = '') <> (NEW.mac IS NULL)
        OR NEW.keyed_from NOT BETWEEN 1 AND NEW.seq OR length(NEW.mac) <> 32;
    SELECT RAISE(ABORT, 'keyed seals begin once, and only keyed ones follow them')
    WHERE NEW.keyed_from IS NOT coalesce((SELECT keyed_from FROM audit_seals ORDER BY seq DESC LIMIT 1),
        CASE WHEN NEW.key_id <> '' THEN NEW.seq END);
END;
-- +goose StatementEnd
