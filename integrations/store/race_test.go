package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/integrations/store/storetest"
)

func TestOneRequestHasOneEffect(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		for i := range 10 {
			customer(t, s, strconv.Itoa(i))
		}
		var won, replayed, lost atomic.Int64
		var wg sync.WaitGroup
		// The same key for two members as well: the customer's lock does not help there, the index does.
		for i := range 40 {
			wg.Go(func() {
				c := pending(strconv.Itoa(i%10), 100)
				c.Request.Key.Key = "the same"
				st, err := s.Coupons.Open(t.Context(), opening(c), func(in coupons.Intake) (coupons.Change, error) {
					if in.Replay != nil {
						replayed.Add(1)
						return coupons.Change{}, nil
					}
					return c, nil
				})
				switch {
				case errors.Is(err, domain.ErrConflict):
					lost.Add(1)
				case err != nil:
					t.Error(err)
				case st.Coupon.ID != 0:
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || won.Load()+replayed.Load()+lost.Load() != 40 {
			t.Fatalf("%d coupons of one request (%d replays, %d lost)", won.Load(), replayed.Load(), lost.Load())
		}
		list, err := s.Listing.List(t.Context(), listing.Filter{Limit: 50})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d coupons stand in the database, %v", len(list), err)
		}
	})
}

func TestOneCodeIsOneCoupon(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		customer(t, s, "2")
		first := open(t, s, pending("1", 100))
		c := pending("2", 100)
		c.Coupon.Code = first.Coupon.Code
		if _, err := s.Coupons.Open(t.Context(), opening(c), func(coupons.Intake) (coupons.Change, error) { return c, nil }); !errors.Is(err, domain.ErrConflict) {
			t.Fatalf("a code was given out twice: %v", err)
		}
		if _, err := s.Coupons.FindRequest(t.Context(), c.Request.Key); domain.CodeOf(err) != domain.CodeNotFound {
			t.Fatalf("the lost opening left its request: %v", err)
		}
	})
}

func TestARequestStartsOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		first := open(t, s, pending("1", 100))
		first.Coupon.Status, first.Movements[0].State = domain.Failed, domain.MovementRefused
		if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: first.Coupon, Movements: first.Movements,
			Answer: coupons.AnswerFailed}); err != nil {
			t.Fatal(err)
		}
		c := pending("1", 100)
		c.Request.ID = first.RequestID
		second := open(t, s, c)
		got, err := s.Coupons.FindRequest(t.Context(), coupons.RequestKey{CallerID: "key:1", Operation: "conversion",
			Key: first.Coupon.Code})
		if err != nil || got.CouponID != second.Coupon.ID || got.Answer != coupons.AnswerNone ||
			second.RequestID != first.RequestID {
			t.Fatalf("the request says %+v, %v; want coupon %d", got, err, second.Coupon.ID)
		}
	})
}

func TestAMemberMadeTwiceAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		var created atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				id := strconv.Itoa(i % 10)
				_, made, err := s.Members.SaveCustomer(t.Context(), domain.Customer{ID: id,
					ShopifyCustomerGID: "gid://shopify/Customer/" + id, CreatedAt: noon, UpdatedAt: noon},
					domain.AuditEntry{At: noon, Actor: "t", Action: "customer.linked", CustomerID: id,
						Outcome: domain.OutcomeDone})
				if err != nil {
					t.Error(err)
				}
				if made {
					created.Add(1)
				}
			})
		}
		wg.Wait()
		if created.Load() != 10 {
			t.Fatalf("%d members were made, want 10", created.Load())
		}
	})
}

func TestJobsUseTheTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ready, fail := false, errors.New("no room in the queue")
		var jobs []domain.Job
		s := db.Open(t, now, func(ctx context.Context, tx *sql.Tx, list []domain.Job) error {
			jobs = list
			if _, err := tx.ExecContext(ctx, `INSERT INTO queue (coupon_id) VALUES (`+fmt.Sprint(list[0].CouponID)+
				`)`); err != nil {
				return err
			}
			if !ready {
				return fail
			}
			return nil
		})
		if _, err := s.DB().ExecContext(t.Context(), `CREATE TABLE queue (coupon_id integer)`); err != nil {
			t.Fatal(err)
		}
		queued := func() (n int) {
			if err := s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM queue`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		customer(t, s, "1")
		c := pending("1", 100)
		c.Jobs = []domain.Job{{Kind: domain.JobAdvance}}
		try := func() (coupons.State, error) {
			return s.Coupons.Open(t.Context(), opening(c), func(coupons.Intake) (coupons.Change, error) { return c, nil })
		}
		if _, err := try(); !errors.Is(err, fail) || queued() != 0 {
			t.Fatalf("%v, and %d jobs of an opening that was taken back", err, queued())
		}
		ready = true
		c.Jobs = []domain.Job{{Kind: domain.JobAdvance}}
		st, err := try()
		if err != nil || queued() != 1 || jobs[0].CouponID != st.Coupon.ID {
			t.Fatalf("%v, %d jobs, %+v", err, queued(), jobs)
		}
		late := st.Coupon
		late.Version = 7
		if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: late, Audit: c.Audit,
			Jobs: jobs}); !errors.Is(err, domain.ErrConflict) || queued() != 1 {
			t.Fatalf("a lost race enqueued: %v, %d jobs", err, queued())
		}
		if err := s.Backlog.Enqueue(t.Context(), jobs); err != nil || queued() != 2 {
			t.Fatalf("%v, %d jobs", err, queued())
		}
	})
}
