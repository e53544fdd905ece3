-- +goose Up
-- What the Function of the checkout is told: the customers' metafields and, as the owner 'shop', its automatic discount's,
-- whose id is gid. While there is that row the guard is on. said is a digest of the value that was written last, empty
-- where there is none in the shop, and '?' where nobody knows.
CREATE TABLE guard_fields (
    id            integer PRIMARY KEY AUTOINCREMENT,
    owner         text    NOT NULL CHECK (owner <> ''),
    gid           text    NOT NULL DEFAULT '',
    wanted        bigint  NOT NULL DEFAULT 1,
    written       bigint  NOT NULL DEFAULT 0,
    said          text    NOT NULL DEFAULT '',
    digest        text    NOT NULL DEFAULT '',
    claimed_until timestamp
);
CREATE UNIQUE INDEX guard_fields_owner ON guard_fields (owner);
CREATE INDEX guard_fields_due ON guard_fields (id) WHERE written < wanted;

-- What uses showed, as marks of 32 bits that the Function can make too. They have a key of their own.
CREATE TABLE guard_marks (
    use_id      bigint    NOT NULL,
    kind        text      NOT NULL CHECK (kind IN ('email', 'phone')),
    mark        bigint    NOT NULL CHECK (mark BETWEEN 0 AND 4294967295),
    key_version integer   NOT NULL CHECK (key_version > 0),
    campaign_id bigint    NOT NULL,
    at          timestamp NOT NULL,
    PRIMARY KEY (use_id, kind, mark)
);
CREATE INDEX guard_marks_newest ON guard_marks (campaign_id, at DESC, use_id);
CREATE INDEX guard_marks_same ON guard_marks (campaign_id, kind, mark);

-- How far the rules of a campaign have been spread over its customers.
CREATE TABLE guard_spread (
    campaign_id bigint NOT NULL PRIMARY KEY,
    token       text   NOT NULL,
    next        text   NOT NULL DEFAULT '',
    done        boolean NOT NULL DEFAULT false
);

-- Whatever changes a use or a block wants the customer's metafield anew, whoever writes it.
-- +goose StatementBegin
CREATE TRIGGER guard_use_kept AFTER INSERT ON identity_uses WHEN NEW.customer_gid <> '' BEGIN
    INSERT INTO guard_fields (owner) SELECT NEW.customer_gid WHERE EXISTS (SELECT 1 FROM guard_fields WHERE owner = 'shop')
    ON CONFLICT (owner) DO UPDATE SET wanted = wanted + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER guard_use_changed AFTER UPDATE OF customer_gid, void_at, test, erased_at ON identity_uses
WHEN OLD.customer_gid IS NOT NEW.customer_gid OR (OLD.void_at IS NULL) <> (NEW.void_at IS NULL) OR OLD.test <> NEW.test
    OR (OLD.erased_at IS NULL) <> (NEW.erased_at IS NULL) BEGIN
    INSERT INTO guard_fields (owner) SELECT DISTINCT gid FROM (SELECT OLD.customer_gid AS gid UNION SELECT NEW.customer_gid)
        WHERE gid <> '' AND EXISTS (SELECT 1 FROM guard_fields WHERE owner = 'shop')
    ON CONFLICT (owner) DO UPDATE SET wanted = wanted + 1;
    DELETE FROM guard_marks WHERE use_id = NEW.id AND NEW.erased_at IS NOT NULL;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER guard_use_gone AFTER DELETE ON identity_uses BEGIN
    INSERT INTO guard_fields (owner) SELECT OLD.customer_gid
        WHERE OLD.customer_gid <> '' AND EXISTS (SELECT 1 FROM guard_fields WHERE owner = 'shop')
    ON CONFLICT (owner) DO UPDATE SET wanted = wanted + 1;
    DELETE FROM guard_marks WHERE use_id = OLD.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER guard_blocked AFTER INSERT ON identity_digests WHEN NEW.subject = 'blocked' BEGIN
    INSERT INTO guard_fields (owner) SELECT DISTINCT u.customer_gid FROM identity_digests d
        JOIN identity_uses u ON u.id = d.subject_id
        WHERE d.digest = NEW.digest AND d.subject = 'use' AND u.customer_gid <> ''
            AND EXISTS (SELECT 1 FROM guard_fields WHERE owner = 'shop')
    ON CONFLICT (owner) DO UPDATE SET wanted = wanted + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER guard_unblocked AFTER DELETE ON identity_digests WHEN OLD.subject = 'blocked' BEGIN
    INSERT INTO guard_fields (owner) SELECT DISTINCT u.customer_gid FROM identity_digests d
        JOIN identity_uses u ON u.id = d.subject_id
        WHERE d.digest = OLD.digest AND d.subject = 'use' AND u.customer_gid <> ''
            AND EXISTS (SELECT 1 FROM guard_fields WHERE owner = 'shop')
    ON CONFLICT (owner) DO UPDATE SET wanted = wanted + 1;
END;
-- +goose StatementEnd
