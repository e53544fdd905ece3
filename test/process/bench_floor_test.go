package process

import (
	"fmt"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
	"pointbridge/tools/floor"
)

// TestFloorIsFair holds that what the service is measured against leaves the same rows, in as many commits, as the
// service.
func TestFloorIsFair(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	w := world.NewEndings(t, db, true)
	_, ours := w.Issued()
	s := w.Process(w.Watched())
	if _, err := s.Cancel(t.Context(), world.Ending(ours, "c")); err != nil {
		t.Fatal(err)
	}
	w.FinishAll(s)
	floor, err := floor.NewFloor(t.Context(), db.URL, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer floor.Close()
	if err := floor.Prepare(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	// The first customer of the store is the member of our own coupon.
	if err := floor.ConvertAndCancel(t.Context(), "m2", 1); err != nil {
		t.Fatal(err)
	}
	rows := func(where string, args ...any) (figures string) {
		t.Helper()
		var status string
		var commits, movements, requests, audit, projections int
		err := w.Store.DB().QueryRowContext(t.Context(),
			`SELECT status, version, (SELECT count(*) FROM movements m WHERE m.coupon_id = c.id AND m.state = 'applied'),
			(SELECT count(*) FROM requests r WHERE r.coupon_id = c.id AND r.answer <> ''), (SELECT count(*) FROM audit a WHERE a.coupon_id = c.id),
			(SELECT projection_wanted FROM customers k WHERE k.id = c.customer_id)
			FROM coupons c WHERE `+where, args...).Scan(&status, &commits, &movements, &requests, &audit, &projections)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s after %d commits: %d movements, %d requests, %d lines of audit, %d projections", status,
			commits, movements, requests, audit, projections)
	}
	if got, want := rows("code <> $1", ours), rows("code = $1", ours); got != want {
		t.Errorf("the floor leaves a coupon %s; the service %s", got, want)
	}
}
