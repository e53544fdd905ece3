-- +goose NO TRANSACTION
-- +goose Up
-- Rows that every conversion writes, and what they write beside themselves. Indexes are made and dropped without stopping
-- anybody who writes, each under a name of its own until it is whole: what was begun and not ended is begun anew.
SET lock_timeout = 0;

-- A coupon is written three times in its first second: inserted, paid, made. The second changes nothing that an index holds
-- once its lease is in none, and finds room on its page, so that none of the indexes is written by it. Those on the way are few
-- and are read whole.
DROP INDEX CONCURRENTLY IF EXISTS coupons_on_the_way_lean;
CREATE INDEX CONCURRENTLY coupons_on_the_way_lean ON coupons (id) WHERE (status IN ('pending', 'cancelling') OR unfinished) AND parked_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS coupons_on_the_way;
ALTER INDEX coupons_on_the_way_lean RENAME TO coupons_on_the_way;
ALTER TABLE coupons SET (fillfactor = 75);

-- What every conversion says is found along the audit's time: a third of it is of each of these.
DROP INDEX CONCURRENTLY IF EXISTS audit_action_lean;
CREATE INDEX CONCURRENTLY audit_action_lean ON audit (action, at, id) WHERE action NOT IN ('conversion.started', 'points.taken', 'coupon.activated');
DROP INDEX CONCURRENTLY IF EXISTS audit_action;
ALTER INDEX audit_action_lean RENAME TO audit_action;

-- Only what forgets old rows reads these, and old rows lie together.
DROP INDEX CONCURRENTLY IF EXISTS requests_created_lean;
CREATE INDEX CONCURRENTLY requests_created_lean ON requests USING brin (created_at);
DROP INDEX CONCURRENTLY IF EXISTS requests_created;
ALTER INDEX requests_created_lean RENAME TO requests_created;
DROP INDEX CONCURRENTLY IF EXISTS mails_created_lean;
CREATE INDEX CONCURRENTLY mails_created_lean ON mails USING brin (created_at);
DROP INDEX CONCURRENTLY IF EXISTS mails_created;
ALTER INDEX mails_created_lean RENAME TO mails_created;

RESET lock_timeout;
