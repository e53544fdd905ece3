-- +goose Up
-- A code that can be spent and its points are never both in the customer's hands, whatever a program may do.
-- +goose StatementBegin
CREATE TRIGGER coupons_active_without_points AFTER UPDATE ON coupons
    WHEN NEW.status = 'active' AND EXISTS (SELECT 1 FROM movements WHERE coupon_id = NEW.id AND kind = 'give_back')
BEGIN SELECT RAISE(ABORT, 'a coupon cannot be active while its points go back'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_back_without_code AFTER INSERT ON movements
    WHEN NEW.kind = 'give_back' AND EXISTS (SELECT 1 FROM coupons WHERE id = NEW.coupon_id AND status = 'active')
BEGIN SELECT RAISE(ABORT, 'points cannot go back while the coupon is active'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_turned_back_without_code AFTER UPDATE ON movements
    WHEN NEW.kind = 'give_back' AND EXISTS (SELECT 1 FROM coupons WHERE id = NEW.coupon_id AND status = 'active')
BEGIN SELECT RAISE(ABORT, 'points cannot go back while the coupon is active'); END;
-- +goose StatementEnd

-- No lock keeps two processes from running one migration here. Each runs in a transaction that holds the write lock and
-- ends by recording its version: with this, the second one fails there and takes back what it did.
CREATE UNIQUE INDEX goose_db_version_once ON goose_db_version (version_id);
