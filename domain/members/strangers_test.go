package members_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/test/expect"
)

// TestAStrangerCostsOneCall is about shoppers who are no members: there are many, and each may come any number of
// times.
func TestAStrangerCostsOneCall(t *testing.T) {
	t.Parallel()
	begin := func() (*world, *field, func() error) {
		w, f := newWorld(t), &field{ids: map[string]string{}}
		s := w.service()
		s.Field = f
		return w, f, func() error {
			_, err := s.MemberOf(t.Context(), domain.Shopper("storefront"), newcomer)
			return err
		}
	}
	t.Run("any number of visits in a minute, also at once", func(t *testing.T) {
		t.Parallel()
		w, f, visit := begin()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { wantCode(t, visit(), domain.CodeCustomerNotLinked) })
		}
		all.Wait()
		w.clock.Advance(time.Minute - time.Second)
		wantCode(t, visit(), domain.CodeCustomerNotLinked)
		if f.reads != 1 {
			t.Errorf("the shop was asked %d times", f.reads)
		}
		w.clock.Advance(time.Second)
		wantCode(t, visit(), domain.CodeCustomerNotLinked)
		if f.reads != 2 {
			t.Errorf("after a minute the shop was asked %d times", f.reads)
		}
	})
	t.Run("a link made meanwhile counts at once", func(t *testing.T) {
		t.Parallel()
		w, f, visit := begin()
		wantCode(t, visit(), domain.CodeCustomerNotLinked)
		gid := newcomer
		s := w.service()
		if _, _, err := s.Link(t.Context(), members.Link{Caller: domain.System(), CustomerID: "8812370935",
			ShopifyCustomerGID: &gid}); err != nil {
			t.Fatal(err)
		}
		if err := visit(); err != nil || f.reads != 1 {
			t.Errorf("%v, %d reads", err, f.reads)
		}
	})
	t.Run("the shop's word of a change counts at once", func(t *testing.T) {
		t.Parallel()
		w, f := newWorld(t), &field{ids: map[string]string{}}
		s := w.service()
		s.Field = f
		_, err := s.MemberOf(t.Context(), domain.Shopper("storefront"), newcomer)
		wantCode(t, err, domain.CodeCustomerNotLinked)
		f.ids[newcomer] = "8812370935"
		s.CustomerChanged(newcomer)
		got, err := s.MemberOf(t.Context(), domain.Shopper("storefront"), newcomer)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.ID", got.ID, "8812370935")
	})
	t.Run("a shop that did not answer has said nothing", func(t *testing.T) {
		t.Parallel()
		_, f, visit := begin()
		f.err = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "read_member"}
		wantCode(t, visit(), domain.CodeUpstreamUnavailable)
		f.err = nil
		f.ids[newcomer] = "8812370935"
		if err := visit(); err != nil {
			t.Error(err)
		}
	})
	t.Run("so many strangers that some are forgotten", func(t *testing.T) {
		t.Parallel()
		w, f := newWorld(t), &field{}
		s := w.service()
		s.Field = f
		visit := func(n int) {
			gid := fmt.Sprintf("gid://shopify/Customer/%d", 1000+n)
			_, err := s.MemberOf(t.Context(), domain.Shopper("storefront"), gid)
			wantCode(t, err, domain.CodeCustomerNotLinked)
		}
		const many = 10_001
		for n := range many {
			visit(n)
		}
		visit(0)        // forgotten by then
		visit(many - 1) // remembered
		if f.reads != many+1 {
			t.Errorf("the shop was asked %d times", f.reads)
		}
	})
}
