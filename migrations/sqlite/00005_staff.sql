-- +goose Up
CREATE TABLE staff (
    id            integer PRIMARY KEY AUTOINCREMENT,
    email         text NOT NULL CHECK (email <> ''),
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('staff', 'store_manager', 'ec_admin', 'system_admin')),
    customer_id   text NOT NULL DEFAULT '',
    password_hash text NOT NULL CHECK (password_hash <> ''),
    created_at    timestamp NOT NULL,
    disabled_at   timestamp,
    epoch         integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX staff_email ON staff (email);

CREATE TABLE staff_sessions (
    hash       blob NOT NULL PRIMARY KEY,
    staff_id   integer NOT NULL REFERENCES staff (id),
    epoch      integer NOT NULL,
    created_at timestamp NOT NULL,
    expires_at timestamp NOT NULL CHECK (expires_at > created_at)
);
CREATE INDEX staff_sessions_staff ON staff_sessions (staff_id);
CREATE INDEX staff_sessions_end ON staff_sessions (expires_at);

-- E-mails and addresses are digests. A failure that a right password has forgiven keeps its address only.
CREATE TABLE sign_in_failures (
    id      integer PRIMARY KEY AUTOINCREMENT,
    email   text NOT NULL,
    address text NOT NULL,
    at      timestamp NOT NULL
);
CREATE INDEX sign_in_failures_email ON sign_in_failures (email, at);
CREATE INDEX sign_in_failures_address ON sign_in_failures (address, at);
CREATE INDEX sign_in_failures_at ON sign_in_failures (at);

ALTER TABLE api_keys ADD COLUMN staff_id integer REFERENCES staff (id);
CREATE INDEX api_keys_staff ON api_keys (staff_id) WHERE staff_id IS NOT NULL;

-- Finds the rights that were in force last.
CREATE INDEX audit_policy ON audit (id) WHERE action = 'rights.changed';
