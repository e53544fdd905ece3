-- +goose Up
-- What of the audit was taken out of the database, into files. seq is the last number of a file, record says which file it
-- is, and mac that whoever has the key of the seals said so.
CREATE TABLE audit_archives (
    seq    integer PRIMARY KEY CHECK (seq > 0),
    record text NOT NULL,
    key_id text NOT NULL,
    mac    blob NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER audit_archives_are_kept BEFORE UPDATE ON audit_archives BEGIN SELECT RAISE(ABORT, 'update rows of audit_archives are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_archives_are_never_emptied BEFORE DELETE ON audit_archives BEGIN SELECT RAISE(ABORT, 'delete rows of audit_archives are kept'); END;
-- +goose StatementEnd

-- What the books and the rights are held against of entries that were taken out.
CREATE TABLE audit_carried (
    seq       integer PRIMARY KEY,
    audit_id  integer NOT NULL,
    coupon_id integer,
    action    text NOT NULL,
    to_status text NOT NULL,
    detail    text NOT NULL
);
CREATE INDEX audit_carried_coupon ON audit_carried (coupon_id, audit_id) WHERE coupon_id IS NOT NULL;
CREATE INDEX audit_carried_policy ON audit_carried (audit_id) WHERE action = 'rights.changed';
-- +goose StatementBegin
CREATE TRIGGER audit_carried_is_kept BEFORE UPDATE ON audit_carried BEGIN SELECT RAISE(ABORT, 'update rows of audit_carried are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_carried_is_never_emptied BEFORE DELETE ON audit_carried BEGIN SELECT RAISE(ABORT, 'delete rows of audit_carried are kept'); END;
-- +goose StatementEnd

-- Sealed rows up to the number that is recorded as archived may go, with their seals, and no others. A row goes before its
-- seal, which says whether it may, and both go in one commit.
DROP TRIGGER audit_is_never_emptied;
-- +goose StatementBegin
CREATE TRIGGER audit_is_never_emptied BEFORE DELETE ON audit
WHEN NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.audit_id = OLD.id AND s.seq <= (SELECT max(seq) FROM audit_archives))
BEGIN SELECT RAISE(ABORT, 'delete rows of audit are kept'); END;
-- +goose StatementEnd
DROP TRIGGER audit_seals_are_never_emptied;
-- +goose StatementBegin
CREATE TRIGGER audit_seals_are_never_emptied BEFORE DELETE ON audit_seals
WHEN OLD.seq > coalesce((SELECT max(seq) FROM audit_archives), 0)
BEGIN SELECT RAISE(ABORT, 'delete rows of audit_seals are kept'); END;
-- +goose StatementEnd
