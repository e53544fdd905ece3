package store_test

import (
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/store/storetest"
)

// covers: 004-24
func TestAuditIsListed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		a := recorded(t, s, pending("1", 100)).Coupon
		seal(t, s)
		recorded(t, s, pending("1", 200))
		if _, err := s.Keys.CreateKey(t.Context(), domain.Caller{ID: "operator"}, domain.APIKey{Prefix: "p",
			Hash: []byte{1}, Caller: domain.Caller{Role: domain.RoleStaff}}); err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			name   string
			filter audit.Filter
			want   string
		}{
			{"everything, newest first", audit.Filter{}, "[8 7 6 5 4 3 2 1]"},
			{"a page", audit.Filter{Limit: 2, Before: 7}, "[6 5]"},
			{"one coupon", audit.Filter{Code: a.Code}, "[4 3 2]"},
			{"a coupon that is none", audit.Filter{Code: "99999-AAAAAA-100"}, "[]"},
			{"one actor", audit.Filter{Actor: "key:1"}, "[5 2]"},
			{"one action", audit.Filter{Action: "points.taken"}, "[6 3]"},
			{"all at once", audit.Filter{Code: a.Code, Actor: "system", Action: "points.taken", From: noon,
				To: noon.Add(time.Microsecond)}, "[3]"},
			{"from, inclusive", audit.Filter{From: noon.Add(time.Microsecond)}, "[]"},
			{"to, exclusive", audit.Filter{To: noon}, "[]"},
		} {
			if tc.filter.Limit == 0 {
				tc.filter.Limit = 10
			}
			list, err := s.Audit.Audit(t.Context(), tc.filter)
			ids := []int64{}
			for _, e := range list {
				ids = append(ids, e.ID)
				if sealed := e.ID <= 4; sealed != (e.Seq == e.ID) || sealed == (e.Hash == audit.Hash{}) {
					t.Errorf("%d has seq %d and hash %s", e.ID, e.Seq, e.Hash)
				}
			}
			if err != nil || fmt.Sprint(ids) != tc.want {
				t.Errorf("%s: got %v, %v; want %s", tc.name, ids, err, tc.want)
			}
		}
		list, err := s.Audit.Audit(t.Context(), audit.Filter{Limit: 1, Before: 4})
		if err != nil || len(list) != 1 {
			t.Fatal(err)
		}
		if e := list[0]; e.Action != "points.taken" || e.Code != a.Code || e.CouponID != a.ID || e.CustomerID != "1" ||
			e.From != domain.Pending ||
			e.To != domain.Pending || e.Outcome != "done" || e.Detail["points"] != 100.0 || !e.At.Equal(noon) ||
			e.At.Location() != time.UTC {
			t.Errorf("got %+v", e)
		}
		// What is written late about an earlier time is listed at that time, also across pages.
		if err := s.Audit.Record(t.Context(), domain.AuditEntry{At: noon.Add(-time.Hour), Actor: "system",
			Action: "points.taken", Outcome: domain.OutcomeDone}); err != nil {
			t.Fatal(err)
		}
		for before, want := range map[int64]string{0: "[6 3 9]", 3: "[9]", 9: "[]"} {
			list, err := s.Audit.Audit(t.Context(), audit.Filter{Action: "points.taken", Limit: 10, Before: before})
			ids := []int64{}
			for _, e := range list {
				ids = append(ids, e.ID)
			}
			if err != nil || fmt.Sprint(ids) != want {
				t.Errorf("before %d: got %v, %v; want %s", before, ids, err, want)
			}
		}
		unguard(t, s)
		if _, err := s.DB().ExecContext(t.Context(), `UPDATE audit SET detail = 'what' WHERE id = 3`); err != nil {
			t.Fatal(err)
		}
		list, err = s.Audit.Audit(t.Context(), audit.Filter{Limit: 10, Code: a.Code})
		if err != nil || len(list) != 3 || list[1].Detail["unreadable"] != "what" {
			t.Errorf("a line that was spoilt: %+v, %v", list, err)
		}
	})
}
