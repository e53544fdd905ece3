-- +goose Up
-- The chain over the audit, made after its rows were committed: seq is the order of sealing, not of the ids.
CREATE TABLE audit_seals (
    seq       integer PRIMARY KEY CHECK (seq > 0),
    audit_id  integer NOT NULL REFERENCES audit (id),
    hash      blob NOT NULL CHECK (length(hash) = 32),
    sealed_at timestamp NOT NULL
);
CREATE UNIQUE INDEX audit_seals_audit ON audit_seals (audit_id);
CREATE INDEX audit_seals_sealed_at ON audit_seals (sealed_at);

-- +goose StatementBegin
CREATE TRIGGER audit_seals_are_append_only BEFORE UPDATE ON audit_seals BEGIN SELECT RAISE(ABORT, 'update rows of audit_seals are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_seals_are_never_emptied BEFORE DELETE ON audit_seals BEGIN SELECT RAISE(ABORT, 'delete rows of audit_seals are kept'); END;
-- +goose StatementEnd
