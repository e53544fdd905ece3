package store_test

import (
	"maps"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func TestWhatOperatorsSee(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		for _, id := range []string{"1", "2", "3"} {
			customer(t, s, id)
		}
		active(t, s, pending("1", 300))
		open(t, s, pending("2", 200))
		parked := open(t, s, pending("3", 100))
		for range 2 { // the same review twice is one review
			parked.Coupon.ParkedAt = &noon
			var err error
			if parked, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: parked.Coupon,
				Review: "unsettled"}); err != nil {
				t.Fatal(err)
			}
		}
		gauges, err := s.Backlog.Gauges(t.Context())
		if want := map[string]int64{"on_the_way": 1, "parked": 1, "metafields_behind": 1,
			"reviews_open": 1}; err != nil || !maps.Equal(gauges, want) {
			t.Fatalf("gauges %v, %v; want %v", gauges, err, want)
		}
		found, err := s.Reviews.Reviews(t.Context(), reviews.Filter{Status: "open", Limit: 10})
		if err != nil || len(found) != 1 || found[0].Kind != reviews.Unsettled ||
			found[0].Code != parked.Coupon.Code ||
			!found[0].OpenedAt.Equal(noon) || found[0].OpenedAt.Location() != time.UTC {
			t.Fatalf("reviews %+v, %v", found, err)
		}
		totals, err := s.Backlog.Totals(t.Context())
		if want := map[domain.Status]int64{domain.Active: 300, domain.Pending: 300}; err != nil ||
			!maps.Equal(totals, want) {
			t.Fatalf("totals %v, %v; want %v", totals, err, want)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRequestsAreForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		done := active(t, s, pending("1", 100))
		running := open(t, s, pending("1", 100))
		for _, step := range []struct {
			before time.Time
			want   int64
		}{{noon, 0}, {noon.Add(time.Microsecond), 1}, {noon.Add(time.Hour), 0}} {
			if n, err := s.Coupons.ForgetRequests(t.Context(), step.before); err != nil || n != step.want {
				t.Fatalf("before %s: %d forgotten, %v; want %d", step.before, n, err, step.want)
			}
		}
		key := coupons.RequestKey{CallerID: "key:1", Operation: "conversion", Key: running.Coupon.Code}
		if _, err := s.Coupons.FindRequest(t.Context(), key); err != nil {
			t.Fatalf("a request that is still running was forgotten: %v", err)
		}
		if _, err := s.Coupons.Answer(t.Context(), done.RequestID,
			coupons.AnswerDone); domain.CodeOf(err) != domain.CodeNotFound {
			t.Fatalf("a forgotten request was answered: %v", err)
		}
	})
}

func TestTheFirstAnswerHolds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		c := pending("1", 100)
		st := open(t, s, c)
		if _, err := s.Coupons.Answer(t.Context(), st.RequestID, coupons.AnswerAccepted); err != nil {
			t.Fatal(err)
		}
		for _, audit := range [][]domain.AuditEntry{nil, c.Audit} { // the general way of committing and the usual one
			st.Coupon.Status = domain.Failed
			next, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon, Answer: coupons.AnswerFailed,
				Audit: audit})
			if err != nil {
				t.Fatal(err)
			}
			st.Coupon = next.Coupon
			if got, err := s.Coupons.FindRequest(t.Context(), c.Request.Key); err != nil ||
				got.Answer != coupons.AnswerAccepted {
				t.Fatalf("the answer became %q, %v", got.Answer, err)
			}
		}
	})
}

func TestKeysAreListed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		for _, prefix := range []string{"one", "two"} {
			if _, err := s.Keys.CreateKey(t.Context(), domain.Caller{ID: "operator"}, domain.APIKey{Prefix: prefix,
				Hash: []byte{1}, Caller: domain.Caller{Name: prefix, Role: domain.RoleStaff}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Keys.RevokeKey(t.Context(), domain.Caller{ID: "operator"}, "one"); err != nil {
			t.Fatal(err)
		}
		list, err := s.Keys.ListKeys(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(list)", len(list), 2, list)
		expect.MustThat(t, "list[0].RevokedAt != nil", list[0].RevokedAt != nil)
		expect.MustEqual(t, "list[1].RevokedAt", list[1].RevokedAt, nil)
		expect.MustEqual(t, "list[1].Caller.Name", list[1].Caller.Name, "two")
		expect.MustEqual(t, "len(list[0].Hash)", len(list[0].Hash), 0)
		var written int
		if err := s.DB().QueryRowContext(t.Context(),
			`SELECT count(*) FROM audit WHERE action IN ('key.created', 'key.revoked')`).Scan(&written); err != nil ||
			written != 3 {
			t.Fatalf("%d lines in the audit, %v; want 3", written, err)
		}
	})
}
