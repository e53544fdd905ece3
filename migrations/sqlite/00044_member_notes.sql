-- +goose Up
-- What staff write about members, for one another. A note stays as it was written; only its text goes, when the member asks to
-- be forgotten, and it follows a member to another number.
CREATE TABLE member_notes (
    id          integer PRIMARY KEY AUTOINCREMENT,
    customer_id text NOT NULL REFERENCES customers (id),
    at          timestamp NOT NULL,
    actor       text NOT NULL,
    author      text NOT NULL,
    text        text NOT NULL CHECK (length(text) <= 1000),
    key         text NOT NULL CHECK (key <> '')
);
CREATE UNIQUE INDEX member_notes_key ON member_notes (key);
CREATE INDEX member_notes_customer ON member_notes (customer_id, id);
-- +goose StatementBegin
CREATE TRIGGER member_notes_are_kept BEFORE DELETE ON member_notes BEGIN SELECT RAISE(ABORT, 'delete rows of member_notes are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER member_notes_stay_as_written BEFORE UPDATE ON member_notes
    WHEN NEW.at <> OLD.at OR NEW.actor <> OLD.actor OR NEW.author <> OLD.author OR (NEW.text <> OLD.text AND NEW.text <> '')
BEGIN SELECT RAISE(ABORT, 'update rows of member_notes are kept'); END;
-- +goose StatementEnd
