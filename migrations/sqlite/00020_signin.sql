-- +goose Up
-- Whether somebody else knows the password; the sealed secret of an authenticator app and the last step whose code was used;
-- how many passkeys there are; the language in which the person last signed in.
ALTER TABLE staff ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
ALTER TABLE staff ADD COLUMN totp text NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN totp_step integer NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN passkeys integer NOT NULL DEFAULT 0 CHECK (passkeys >= 0);
ALTER TABLE staff ADD COLUMN locale text NOT NULL DEFAULT '';

-- Sessions of before were opened by a password, and count as used when they began.
ALTER TABLE staff_sessions ADD COLUMN authenticated_at timestamp NOT NULL DEFAULT '1970-01-01 00:00:00+00:00';
ALTER TABLE staff_sessions ADD COLUMN seen_at timestamp NOT NULL DEFAULT '1970-01-01 00:00:00+00:00';
ALTER TABLE staff_sessions ADD COLUMN methods text NOT NULL DEFAULT 'password';
ALTER TABLE staff_sessions ADD COLUMN second_factor boolean NOT NULL DEFAULT false;
ALTER TABLE staff_sessions ADD COLUMN agent text NOT NULL DEFAULT '';
ALTER TABLE staff_sessions ADD COLUMN address text NOT NULL DEFAULT '';
UPDATE staff_sessions SET authenticated_at = created_at, seen_at = created_at;

CREATE TABLE staff_passkeys (
    id            integer PRIMARY KEY AUTOINCREMENT,
    staff_id      integer NOT NULL REFERENCES staff (id),
    name          text NOT NULL,
    credential_id blob NOT NULL,
    credential    blob NOT NULL,
    created_at    timestamp NOT NULL,
    used_at       timestamp,
    asked_at      timestamp NOT NULL
);
CREATE UNIQUE INDEX staff_passkeys_credential ON staff_passkeys (credential_id);
CREATE INDEX staff_passkeys_staff ON staff_passkeys (staff_id);

-- Hashes of recovery codes; one that was used is gone.
CREATE TABLE staff_recovery (
    hash     blob NOT NULL PRIMARY KEY,
    staff_id integer NOT NULL REFERENCES staff (id)
);
CREATE INDEX staff_recovery_staff ON staff_recovery (staff_id);

-- Devices that somebody has signed in from, as digests.
CREATE TABLE staff_devices (
    staff_id integer NOT NULL REFERENCES staff (id),
    device   text NOT NULL,
    seen_at  timestamp NOT NULL,
    PRIMARY KEY (staff_id, device)
);

-- Mails to people about their own sign-in that wait to be sent; the address may be one that they no longer have.
CREATE TABLE staff_notices (
    id       integer PRIMARY KEY AUTOINCREMENT,
    staff_id integer NOT NULL REFERENCES staff (id),
    address  text NOT NULL,
    name     text NOT NULL,
    locale   text NOT NULL,
    kind     text NOT NULL,
    by_name  text NOT NULL,
    what     text NOT NULL,
    network  text NOT NULL,
    at       timestamp NOT NULL
);
