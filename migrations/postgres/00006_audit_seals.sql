-- +goose Up
-- The chain over the audit, made after its rows were committed: seq is the order of sealing, not of the ids.
CREATE TABLE audit_seals (
    seq       bigint PRIMARY KEY CHECK (seq > 0),
    audit_id  bigint NOT NULL REFERENCES audit (id),
    hash      bytea NOT NULL CHECK (length(hash) = 32),
    sealed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX audit_seals_audit ON audit_seals (audit_id);
CREATE INDEX audit_seals_sealed_at ON audit_seals (sealed_at);

CREATE TRIGGER audit_seals_are_append_only BEFORE UPDATE OR DELETE ON audit_seals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_seals_are_never_emptied BEFORE TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
