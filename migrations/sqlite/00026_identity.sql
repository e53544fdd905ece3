-- +goose Up
-- Families of codes under one set of rules. A key and a prefix are never used again.
CREATE TABLE campaigns (
    id             integer PRIMARY KEY AUTOINCREMENT,
    key            text        NOT NULL CHECK (length(key) BETWEEN 2 AND 40 AND key NOT GLOB '*[^a-z0-9-]*'),
    names          text        NOT NULL,
    prefix         text        NOT NULL DEFAULT '',
    status         text        NOT NULL CHECK (status IN ('draft', 'live', 'paused', 'ended')),
    policy_version integer     NOT NULL CHECK (policy_version > 0),
    made_at        timestamp NOT NULL,
    version        bigint      NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX campaigns_key ON campaigns (key);
CREATE UNIQUE INDEX campaigns_prefix ON campaigns (prefix) WHERE prefix <> '';

-- Every version of a campaign's rules: decisions are made again by the one of then.
CREATE TABLE campaign_policies (
    campaign_id bigint      NOT NULL REFERENCES campaigns (id),
    version     integer     NOT NULL CHECK (version > 0),
    policy      text        NOT NULL,
    at          timestamp NOT NULL,
    made_by     text        NOT NULL,
    PRIMARY KEY (campaign_id, version)
);

-- Orders that used a code of a campaign. What has come to nothing stays, and does not count.
CREATE TABLE identity_uses (
    id           integer PRIMARY KEY AUTOINCREMENT,
    campaign_id  bigint      NOT NULL REFERENCES campaigns (id),
    order_id     text        NOT NULL CHECK (order_id <> ''),
    order_name   text        NOT NULL DEFAULT '',
    code         text        NOT NULL,
    customer_gid text        NOT NULL DEFAULT '',
    used_at      timestamp NOT NULL,
    gross        bigint      NOT NULL DEFAULT 0,
    discount     bigint      NOT NULL DEFAULT 0,
    currency     text        NOT NULL DEFAULT '',
    test         boolean     NOT NULL DEFAULT false,
    void_at      timestamp,
    void_reason  text        NOT NULL DEFAULT '',
    source       text        NOT NULL CHECK (source IN ('order', 'import')),
    seen_at      timestamp NOT NULL,
    erased_at    timestamp
);
CREATE UNIQUE INDEX identity_uses_order ON identity_uses (order_id, code);
CREATE INDEX identity_uses_used ON identity_uses (used_at, id);
CREATE INDEX identity_uses_customer ON identity_uses (customer_gid) WHERE customer_gid <> '';

-- What uses, decisions, blocked persons and both sides of allowed pairs showed, as keyed digests and nothing else.
-- One table, so that a new key, an erasure and the end of retention each walk one.
CREATE TABLE identity_digests (
    subject     text        NOT NULL CHECK (subject IN ('use', 'decision', 'blocked', 'pair_a', 'pair_b')),
    subject_id  bigint      NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('customer', 'email', 'phone', 'address', 'ip', 'device', 'name')),
    digest      blob       NOT NULL CHECK (length(digest) = 16),
    key_version integer     NOT NULL CHECK (key_version > 0),
    campaign_id bigint      NOT NULL,
    at          timestamp NOT NULL,
    PRIMARY KEY (subject, subject_id, kind, digest)
);
CREATE INDEX identity_digests_find ON identity_digests (digest, campaign_id, subject, at DESC, subject_id);
CREATE INDEX identity_digests_key ON identity_digests (key_version, subject, subject_id);
CREATE INDEX identity_digests_verdicts ON identity_digests (at, subject, subject_id)
    WHERE subject IN ('blocked', 'pair_a', 'pair_b');

-- By which a wrong key is noticed before it makes digests that match nothing.
CREATE TABLE identity_keys (
    version   integer     NOT NULL PRIMARY KEY CHECK (version > 0),
    key_check blob       NOT NULL,
    seen_at   timestamp NOT NULL
);

CREATE TABLE decisions (
    id             integer PRIMARY KEY AUTOINCREMENT,
    public_id      text        NOT NULL,
    campaign_id    bigint      NOT NULL REFERENCES campaigns (id),
    policy_version integer     NOT NULL,
    stage          text        NOT NULL CHECK (stage IN ('issue', 'cart', 'checkout', 'order')),
    at             timestamp NOT NULL,
    outcome        text        NOT NULL CHECK (outcome IN ('allow', 'allow_flagged', 'refuse')),
    reason         text        NOT NULL DEFAULT '' CHECK ((outcome = 'refuse') = (reason <> '')),
    score          integer     NOT NULL,
    enforced       boolean     NOT NULL,
    code           text        NOT NULL DEFAULT '',
    order_id       text        NOT NULL DEFAULT '' CHECK (stage <> 'order' OR order_id <> ''),
    request        text        NOT NULL,
    facts          text        NOT NULL,
    answer         text        NOT NULL,
    verdict        text        NOT NULL DEFAULT '' CHECK (verdict IN ('', 'abuse', 'not_abuse')),
    verdict_by     text        NOT NULL DEFAULT '',
    verdict_at     timestamp,
    verdict_note   text        NOT NULL DEFAULT '',
    erased_at      timestamp CHECK (erased_at IS NULL OR (request = '' AND facts = '' AND answer = ''))
);
CREATE UNIQUE INDEX decisions_public ON decisions (public_id);
CREATE UNIQUE INDEX decisions_order ON decisions (order_id, code, campaign_id) WHERE stage = 'order';
CREATE INDEX decisions_outcome ON decisions (outcome, id);
CREATE INDEX decisions_campaign ON decisions (campaign_id, id);
CREATE INDEX decisions_kept ON decisions (at, id) WHERE erased_at IS NULL;
CREATE INDEX decisions_verdict ON decisions (verdict, id) WHERE verdict <> '';

-- How far a reading of the past has come.
CREATE TABLE identity_imports (
    id          integer PRIMARY KEY AUTOINCREMENT,
    days        integer     NOT NULL CHECK (days > 0),
    done_days   integer     NOT NULL DEFAULT 0,
    cursor      text        NOT NULL DEFAULT '',
    counts      text        NOT NULL DEFAULT '{}',
    state       text        NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
    started_at  timestamp NOT NULL,
    finished_at timestamp
);

INSERT INTO campaigns (key, names, status, policy_version, made_at) VALUES ('points',
    '[{"language":"ja","text":"ポイント交換"},{"language":"en","text":"Points"}]', 'live', 1, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now'));
INSERT INTO campaign_policies (campaign_id, version, policy, at, made_by) SELECT id, 1,
    '{"version":1,"preset":"medium","mode":"off","signals":["email","phone","address"],"alone":["email"],"threshold":2,"uses_per_person":0,"currencies":[],"new_customers_only":false,"weak":{"disposable_domain":true,"similar_name":true,"within_minutes":10,"emails_per_ip":0},"messages":[]}',
    made_at, 'system' FROM campaigns;
