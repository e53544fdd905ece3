package members_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/test/expect"
)

// field is the shop's metafield that names members.
type field struct {
	mu    sync.Mutex
	ids   map[string]string
	err   error
	reads int
}

func (f *field) MemberID(_ context.Context, gid string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	return f.ids[gid], f.err
}

const newcomer = "gid://shopify/Customer/9"

// visit lets a customer come whom the shop's field names as a member.
func visit(t *testing.T, named string, err error) (*world, *field, domain.Customer, error) {
	t.Helper()
	w, f := newWorld(t), &field{ids: map[string]string{newcomer: named}, err: err}
	s := w.service()
	s.Field = f
	got, err := s.MemberOf(t.Context(), domain.Shopper("storefront"), newcomer)
	return w, f, got, err
}

// covers: 004-04, H-30
func TestMemberOf(t *testing.T) {
	t.Parallel()
	t.Run("a customer who is linked is found, and the shop is not asked", func(t *testing.T) {
		t.Parallel()
		w, f := newWorld(t), &field{}
		s := w.service()
		s.Field = f
		got, err := s.MemberOf(t.Context(), domain.Shopper("storefront"), linked)
		if err != nil || got.ID != "8812370934" || f.reads != 0 || len(w.audit) != 0 {
			t.Fatalf("%+v, %v, %d reads", got, err, f.reads)
		}
	})
	t.Run("a first visit links the member whom the shop names, and the audit says from where", func(t *testing.T) {
		t.Parallel()
		w, _, got, err := visit(t, "8812370935", nil)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.ID", got.ID, "8812370935")
		expect.MustEqual(t, "got.ShopifyCustomerGID", got.ShopifyCustomerGID, newcomer)
		e := w.audit[len(w.audit)-1]
		if e.Action != "customer.linked" || e.Actor != "member:8812370935" || e.ActorName != "storefront" ||
			e.CustomerID != "8812370935" ||
			e.Detail["source"] != "metafield" || fmt.Sprint(e.Detail["changed"]) != "[shopify_customer_id]" ||
			len(e.Detail) != 2 {
			t.Errorf("recorded %+v", e)
		}
	})
	t.Run("a member who is somebody else's stays theirs", func(t *testing.T) {
		t.Parallel()
		w, _, _, err := visit(t, "8812370934", nil)
		wantCode(t, err, domain.CodeCustomerNotLinked)
		expect.Equal(t, `w.customers["8812370934"].ShopifyCustomerGID`, w.customers["8812370934"].ShopifyCustomerGID,
			linked)
		expect.Equal(t, "len(w.audit)", len(w.audit), 0, w.audit)
	})
	for name, named := range map[string]string{"nobody": "", "an id that is none": "88/12", "quotes": `"8812370935"`,
		"a very long id": string(slices.Repeat([]byte("1"), 65))} {
		t.Run("the shop names "+name, func(t *testing.T) {
			t.Parallel()
			w, _, _, err := visit(t, named, nil)
			wantCode(t, err, domain.CodeCustomerNotLinked)
			if len(w.customers) != 1 || len(w.audit) != 0 {
				t.Error("somebody was linked")
			}
		})
	}
	t.Run("a member whom the POS does not know is not made", func(t *testing.T) {
		t.Parallel()
		w, f := newWorld(t), &field{ids: map[string]string{newcomer: "404"}}
		w.unknown = true
		s := w.service()
		s.Field = f
		_, err := s.MemberOf(t.Context(), domain.Shopper("storefront"), newcomer)
		wantCode(t, err, domain.CodeCustomerNotLinked)
		if len(w.customers) != 1 {
			t.Error("somebody was made")
		}
	})
	for name, c := range map[string]struct {
		kind domain.Kind
		want domain.Code
	}{
		"a shop that does not answer":           {domain.KindUnavailable, domain.CodeUpstreamUnavailable},
		"a shop whose answer makes no sense":    {domain.KindUnknown, domain.CodeUpstreamUnavailable},
		"a shop that asks to wait":              {domain.KindThrottled, domain.CodeUpstreamUnavailable},
		"a customer whom the shop has not":      {domain.KindNotFound, domain.CodeCustomerNotLinked},
		"a field that customers may write":      {domain.KindRefused, domain.CodeCustomerNotLinked},
		"credentials that are not accepted any": {domain.KindAuth, domain.CodeUpstreamUnavailable},
	} {
		t.Run(name+" links nobody", func(t *testing.T) {
			t.Parallel()
			w, _, _, err := visit(t, "8812370935", &domain.UpstreamError{Kind: c.kind, Upstream: "shopify",
				Act: "read_member", Err: errors.New("x")})
			wantCode(t, err, c.want)
			if len(w.customers) != 1 || len(w.audit) != 0 {
				t.Error("somebody was linked")
			}
		})
	}
	t.Run("without the field nobody is linked", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		_, err := w.service().MemberOf(t.Context(), domain.Shopper("storefront"), newcomer)
		wantCode(t, err, domain.CodeCustomerNotLinked)
	})
	t.Run("who is linked by another request in the same moment is found", func(t *testing.T) {
		t.Parallel()
		w, f := newWorld(t), &field{ids: map[string]string{newcomer: "8812370935"}}
		s := w.service()
		s.Field, s.Members = f, overtaken{w}
		got, err := s.MemberOf(t.Context(), domain.Shopper("storefront"), newcomer)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.ID", got.ID, "8812370935")
	})
}

// overtaken links somebody just before it is asked to.
type overtaken struct{ members.Members }

func (o overtaken) LinkCustomer(ctx context.Context, id, gid string, e domain.AuditEntry) (domain.Customer, error) {
	if _, err := o.Members.LinkCustomer(ctx, id, gid, e); err != nil {
		return domain.Customer{}, err
	}
	return o.Members.LinkCustomer(ctx, id, gid, e)
}
