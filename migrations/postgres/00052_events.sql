-- +goose Up
-- Addresses of the merchant's own systems that are told of events, and what each was told. Secrets are sealed.
CREATE TABLE event_endpoints (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   text NOT NULL,
    url         text NOT NULL,
    kinds       text NOT NULL DEFAULT '', -- with spaces between them; empty for all
    description text NOT NULL DEFAULT '',
    active      boolean NOT NULL DEFAULT true,
    gone        boolean NOT NULL DEFAULT false,
    secret      text NOT NULL,
    old_secret  text NOT NULL DEFAULT '',
    old_until   timestamptz,
    created_at  timestamptz NOT NULL,
    created_by  text NOT NULL,
    version     bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX event_endpoints_public_id ON event_endpoints (public_id);
CREATE UNIQUE INDEX event_endpoints_url ON event_endpoints (url);

CREATE TABLE event_deliveries (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint_id bigint NOT NULL REFERENCES event_endpoints (id) ON DELETE CASCADE,
    event_id    text NOT NULL,
    kind        text NOT NULL,
    at          timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    attempts    integer NOT NULL DEFAULT 0,
    status      integer NOT NULL DEFAULT 0,
    reason      text NOT NULL DEFAULT '',
    tried_at    timestamptz,
    asked_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX event_deliveries_once ON event_deliveries (endpoint_id, event_id);
CREATE INDEX event_deliveries_log ON event_deliveries (endpoint_id, id);
CREATE INDEX event_deliveries_settled ON event_deliveries (asked_at) WHERE state <> 'waiting';

-- How far the record of what happened has become deliveries.
CREATE TABLE events_told (
    id  integer PRIMARY KEY CHECK (id = 1),
    seq bigint NOT NULL
);
INSERT INTO events_told (id, seq) SELECT 1, coalesce(max(seq), 0) FROM audit_seals;

-- That a review was opened is an event; those that there are were opened before anybody could be told.
ALTER TABLE reviews ADD COLUMN told boolean NOT NULL DEFAULT false;
UPDATE reviews SET told = true;
CREATE INDEX reviews_untold ON reviews (id) WHERE NOT told;
