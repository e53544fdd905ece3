-- +goose Up
-- A case about less than a whole order says what it is about: one refund (its gid), the payment, a code that another order
-- carries. There is one for each of them, so that what was decided about one hides no other.
ALTER TABLE reviews ADD COLUMN part text NOT NULL DEFAULT '';
-- How the order's money stood in the state of the order that was changed at payment_at, and what one refund gave back.
ALTER TABLE reviews ADD COLUMN payment text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN payment_at timestamptz;
ALTER TABLE reviews ADD COLUMN refund_id text NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN refunded bigint NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN refunded_currency text NOT NULL DEFAULT '';
-- Nobody wrote down which refund a case was about: it stands for those of before.
UPDATE reviews SET part = CASE reason WHEN 'unreadable' THEN 'unreadable' ELSE 'refund' END WHERE cause = 'partial';
DROP INDEX reviews_order;
CREATE UNIQUE INDEX reviews_order ON reviews (coupon_id, order_id, cause, part) WHERE cause <> '';
