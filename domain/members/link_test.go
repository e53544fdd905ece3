package members_test

import (
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/test/expect"
)

func text(s string) *string { return &s }

func TestLink(t *testing.T) {
	t.Parallel()
	t.Run("a new member becomes known, and the audit names fields, not values", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		got, created, err := w.service().Link(t.Context(), members.Link{CustomerID: "12345",
			ShopifyCustomerGID: text("gid://shopify/Customer/2"), Email: text("h@example.com")})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "created", created, true)
		expect.MustEqual(t, "got.Linked()", got.Linked(), true)
		e := w.audit[len(w.audit)-1]
		changed, _ := e.Detail["changed"].([]string)
		if e.Action != "customer.linked" || len(changed) != 2 || len(e.Detail) != 1 {
			t.Fatalf("recorded %+v", e)
		}
	})
	t.Run("what is not named stays", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		got, created, err := w.service().Link(t.Context(), members.Link{CustomerID: "8812370934",
			Name: text("山田太郎")})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "created", created, false)
		expect.MustEqual(t, "got.Name", got.Name, "山田太郎")
		expect.MustEqual(t, "got.Email", got.Email, "taro@example.com")
	})
	t.Run("a Shopify customer belongs to one member", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		_, _, err := w.service().Link(t.Context(), members.Link{CustomerID: "12345", ShopifyCustomerGID: text(linked)})
		wantCode(t, err, domain.CodeCustomerAlreadyLinked)
	})
	t.Run("an id that cannot stand in a code is refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		_, _, err := w.service().Link(t.Context(), members.Link{CustomerID: "no/where"})
		wantCode(t, err, domain.CodeValidation)
	})
}
