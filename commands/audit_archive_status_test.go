package commands_test

import (
	"testing"

	"pointbridge/integrations/store/storetest"
)

// TestRowsThatChangedNoStatus speak for no coupon: neither one behind the archive, nor one in it that tells a status which was
// read too early.
// covers: 004-37
func TestRowsThatChangedNoStatus(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ status, next string }{
		"behind the archive":     {"active", ""},
		"in it, and out of date": {"pending", "b"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := newArchiveWorld(t, db)
				if _, err := w.Store.DB().ExecContext(t.Context(), `INSERT INTO audit (at, actor, actor_name, action, code, coupon_id,
					customer_id, from_status, to_status, outcome, detail) SELECT at, actor, actor_name, 'order.seen', code, coupon_id,
					customer_id, '`+c.status+`', '`+c.status+`', outcome, '{}' FROM audit WHERE action = 'coupon.activated'`); err != nil {
					t.Fatal(err)
				}
				w.seal()
				if c.next != "" {
					w.convert(c.next)
				}
				w.archived("a.jsonl")
				w.holds("", "a.jsonl")
			})
		})
	}
}
