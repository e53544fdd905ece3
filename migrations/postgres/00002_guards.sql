-- +goose Up
-- A code that can be spent and its points are never both in the customer's hands, whatever a program may do.
-- +goose StatementBegin
CREATE FUNCTION refuse_code_beside_points() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    coupon bigint;
BEGIN
    IF TG_TABLE_NAME = 'coupons' THEN coupon := NEW.id; ELSE coupon := NEW.coupon_id; END IF;
    IF EXISTS (SELECT 1 FROM coupons WHERE id = coupon AND status = 'active')
        AND EXISTS (SELECT 1 FROM movements WHERE coupon_id = coupon AND kind = 'give_back') THEN
        RAISE EXCEPTION 'a coupon cannot be active while its points go back' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER coupons_active_without_points AFTER INSERT OR UPDATE ON coupons FOR EACH ROW
    WHEN (NEW.status = 'active') EXECUTE FUNCTION refuse_code_beside_points();
CREATE TRIGGER movements_back_without_code AFTER INSERT OR UPDATE ON movements FOR EACH ROW
    WHEN (NEW.kind = 'give_back') EXECUTE FUNCTION refuse_code_beside_points();

CREATE TRIGGER coupons_are_never_emptied BEFORE TRUNCATE ON coupons FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER movements_are_never_emptied BEFORE TRUNCATE ON movements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
