-- +goose Up
-- The last number that was deleted of the audit, with its hash, which nothing else keeps. It is what the rows behind it are
-- chained to, so that they prove it, and it needs no protection.
CREATE TABLE audit_dropped (
    id   integer PRIMARY KEY CHECK (id = 1),
    seq  integer NOT NULL,
    hash blob NOT NULL
);

-- Rows of an archive that were deleted beside its file, and that somebody stands for to be lost since then, from first to seq.
-- record says who and why, and mac that whoever has the key of the seals said so.
CREATE TABLE audit_losses (
    seq    integer PRIMARY KEY,
    first  integer NOT NULL CHECK (first > 0 AND first <= seq),
    record text NOT NULL,
    key_id text NOT NULL,
    mac    blob NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER audit_losses_are_kept BEFORE UPDATE ON audit_losses BEGIN SELECT RAISE(ABORT, 'update rows of audit_losses are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_losses_are_never_emptied BEFORE DELETE ON audit_losses BEGIN SELECT RAISE(ABORT, 'delete rows of audit_losses are kept'); END;
-- +goose StatementEnd

-- Only what was archived can be lost, and nothing that is there.
-- +goose StatementBegin
CREATE TRIGGER audit_losses_are_true BEFORE INSERT ON audit_losses
WHEN NEW.seq > coalesce((SELECT max(seq) FROM audit_archives), 0)
    OR EXISTS (SELECT 1 FROM audit_seals WHERE seq >= NEW.first AND seq <= NEW.seq)
BEGIN SELECT RAISE(ABORT, 'only archived rows that are gone are lost'); END;
-- +goose StatementEnd
