-- +goose Up
-- A key of a program belongs to a person (owner_id), ends, and tells when it was last used. made_by is the actor who made it, as
-- the record names them; empty where nobody can say. Keys that are there keep working: without an owner and without an end.
ALTER TABLE api_keys ADD COLUMN owner_id integer REFERENCES staff (id);
ALTER TABLE api_keys ADD COLUMN made_by text NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN expires_at timestamp;
ALTER TABLE api_keys ADD COLUMN last_used_at timestamp;
CREATE INDEX api_keys_owner ON api_keys (owner_id) WHERE owner_id IS NOT NULL;

UPDATE api_keys SET made_by = coalesce((SELECT a.actor FROM audit a WHERE a.action IN ('key.created', 'token.added')
    AND instr(a.detail, '"prefix":"' || api_keys.prefix || '"') > 0 ORDER BY a.id DESC LIMIT 1), '');

-- Who ever made or reset what a person signs in with, and when: whoever did can sign in as that person.
CREATE TABLE staff_credentials (
    id       integer PRIMARY KEY AUTOINCREMENT,
    staff_id integer NOT NULL REFERENCES staff (id),
    made_by  text NOT NULL CHECK (made_by <> ''),
    made_at  timestamp NOT NULL,
    action   text NOT NULL
);
CREATE INDEX staff_credentials_staff ON staff_credentials (staff_id, made_by);

INSERT INTO staff_credentials (staff_id, made_by, made_at, action)
SELECT s.id, a.actor, a.at, a.action FROM audit a JOIN staff s ON instr(a.detail, '"staff":"staff:' || s.id || '"') > 0
WHERE a.action IN ('staff.added', 'staff.password_set') AND a.outcome = 'done' AND a.actor <> '' ORDER BY a.id;
