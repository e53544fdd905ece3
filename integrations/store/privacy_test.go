package store_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/members"
	"pointbridge/domain/privacy"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// personal is what names the person; none of it may be left after they asked to be forgotten.
var personal = []string{"Yamada", "taro.yamada@example.com", "+819012345678", "gold-of-yamada", "ヤマダ",
	"yamadataro"}

// held fills every place in which something can be written about a person.
func held(t *testing.T, s *store.Store) domain.Coupon {
	t.Helper()
	c := domain.Customer{ID: "1", ShopifyCustomerGID: gidA, Name: "Yamada Taro", NameKana: "ヤマダ タロウ", Email: "taro.yamada@example.com",
		Phone: "+819012345678", Locale: "ja", Rank: "gold-of-yamada", CreatedAt: noon, UpdatedAt: noon}
	if _, _, err := s.Members.SaveCustomer(t.Context(), c, domain.AuditEntry{At: noon, Actor: "key:pos",
		Action: "customer.linked", CustomerID: "1", Outcome: domain.OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	k := active(t, s, pending("1", 100)).Coupon
	if _, err := s.Keys.CreateKey(t.Context(), domain.Caller{ID: "operator"}, domain.APIKey{Prefix: "abc",
		Hash: []byte{1}, Caller: domain.Caller{Name: "Yamada's telephone", Role: domain.RoleCustomer,
			CustomerID: "1"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Members.AddNote(t.Context(), members.Note{CustomerID: "1", At: noon, Actor: "staff:1", Author: "Sato",
		Text: "Yamada asks for +819012345678", Key: "n1"}, domain.AuditEntry{At: noon, Actor: "staff:1",
		Action: domain.ActionCustomerNoted, CustomerID: "1", Outcome: domain.OutcomeDone}); err != nil {
		t.Fatal(err)
	}
	at := "'2026-12-01 12:00:00+00:00'"
	for _, statement := range []string{
		`UPDATE coupons SET note = 'Yamada called, +819012345678'`,
		`INSERT INTO mails (event, coupon_id, kind, address, state, created_at, changed_at) SELECT 'issued', id, 'issued', 'taro.yamada@example.com', 'sent', ` + at + `, ` + at + ` FROM coupons`,
		`INSERT INTO refunds (reference, coupon_id, caller_id, reason, note, created_at) SELECT 'T-1', id, 'key:pos', 'other', 'for Yamada', ` + at + ` FROM coupons`,
		`INSERT INTO reviews (kind, status, coupon_id, note, opened_at) SELECT 'unsettled', 'closed', id, 'mailed taro.yamada@example.com', ` + at + ` FROM coupons`,
		`INSERT INTO reviews (kind, coupon_id, order_id, cause, proposed_outcome, proposed_note, proposed_by, proposed_at, opened_at)
			SELECT 'order_cancelled', id, 'gid://shopify/Order/1', 'void', 'reissue', 'Yamada asked at the POS', 'Sato', ` + at + `, ` + at + ` FROM coupons`,
	} {
		if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

func privacyOf(s *store.Store) *privacy.Service {
	return &privacy.Service{Store: s.Privacy, Clock: couponstest.NewClock(), Logger: slog.New(slog.DiscardHandler),
		AtOnce: 5, Delay: 72 * time.Hour, Key: []byte("a key of this test")}
}

func leftOf(text string) (found []string) {
	for _, word := range personal {
		if strings.Contains(text, word) {
			found = append(found, word)
		}
	}
	return found
}

func TestForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		k := held(t, s)
		p := privacyOf(s)
		before := storetest.Texts(t, s)
		if found := leftOf(before); len(found) != len(personal) {
			t.Fatalf("the test does not see what it looks for: only %v", found)
		}
		for line := range strings.Lines(before) {
			if strings.HasPrefix(line, "audit.") && len(leftOf(line)) > 0 {
				t.Errorf("the audit, which nobody can change, names a person: %s", line)
			}
		}
		for _, id := range []string{"w-1", "w-1", "w-2"} { // doubled, and asked for again
			if err := p.Redact(t.Context(), id, gidA, ""); err != nil {
				t.Fatal(err)
			}
		}
		if found := leftOf(storetest.Texts(t, s)); len(found) > 0 {
			t.Errorf("still there: %v", found)
		}
		st, err := s.Coupons.Load(t.Context(), k.ID)
		if err != nil || st.Coupon.Code != k.Code || st.Coupon.Points != 100 || len(st.Movements) != 1 ||
			st.Coupon.Version == k.Version {
			t.Errorf("the ledger did not keep the coupon: %+v, %v", st, err)
		}
		if n := entries(t, s, "customer.erased"); n != 1 {
			t.Errorf("%d entries", n)
		}
		if _, err := s.Keys.FindKey(t.Context(), "abc"); domain.CodeOf(err) != domain.CodeUnauthenticated {
			t.Errorf("the customer's key still works: %v", err)
		}
		closed, err := p.List(t.Context(), false, 10)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(closed)", len(closed), 2, closed)
		expect.MustEqual(t, "closed[0].Open", closed[0].Open, false)
		expect.MustEqual(t, "closed[0].Reason", closed[0].Reason, privacy.ReasonNobody)
		expect.Equal(t, "closed[1].Reason", closed[1].Reason, privacy.ReasonErased)
		linkedTo(t, s, "1", gidA) // a link by the POS begins anew
		c, err := s.Members.Customer(t.Context(), "1")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "c.Name", c.Name, "Taro")
		expect.Equal(t, "c.ShopifyCustomerGID", c.ShopifyCustomerGID, gidA)
	})
}

func TestForgottenAfterTheLinkWasGone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		held(t, s)
		p := privacyOf(s)
		if err := s.Webhooks.Unlink(t.Context(), gidA, noon, func(m string) domain.AuditEntry {
			return domain.AuditEntry{At: noon, Actor: "system", Action: "customer.unlinked", CustomerID: m,
				Outcome: domain.OutcomeDone}
		}); err != nil {
			t.Fatal(err)
		}
		if err := p.Redact(t.Context(), "w-1", gidA, ""); err != nil {
			t.Fatal(err)
		}
		if found := leftOf(storetest.Texts(t, s)); len(found) > 0 {
			t.Errorf("still there: %v", found)
		}
	})
}

func TestSomebodyElseByNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		held(t, s)
		linkedTo(t, s, "1", gidB)
		p := privacyOf(s)
		if err := p.Redact(t.Context(), "w-1", gidA, ""); err != nil {
			t.Fatal(err)
		}
		waiting, err := p.List(t.Context(), true, 10)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(waiting)", len(waiting), 1, waiting)
		expect.MustEqual(t, "waiting[0].Reason", waiting[0].Reason, privacy.ReasonLinkedElsewhere)
		expect.MustEqual(t, `entries(t, s, "customer.erased")`, entries(t, s, "customer.erased"), 0)
		if n, err := s.Privacy.OpenRequests(t.Context()); err != nil || n != 1 {
			t.Errorf("%d wait, %v", n, err)
		}
		if _, err := p.Erase(t.Context(), waiting[0].ID, domain.Caller{ID: "operator"}); err != nil {
			t.Fatal(err)
		}
		if found := leftOf(storetest.Texts(t, s)); len(found) > 0 || entries(t, s, "customer.erased") != 1 {
			t.Errorf("still there: %v", found)
		}
	})
}

func TestDataRequest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		k := held(t, s)
		p := privacyOf(s)
		if err := p.AskForData(t.Context(), "w-0", gidB); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := p.AskForData(t.Context(), "w-1", gidA); err != nil {
				t.Fatal(err)
			}
		}
		waiting, err := p.List(t.Context(), true, 10)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(waiting)", len(waiting), 1, waiting)
		expect.MustThat(t, "waiting[0].DueAt to equal waiting[0].RequestedAt.Add(30*day)",
			waiting[0].DueAt.Equal(waiting[0].RequestedAt.Add(30*day)), waiting[0].DueAt)
		list, err := p.Export(t.Context(), waiting[0].ID)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(list)", len(list), 1, list)
		for section, want := range map[string][2]any{
			"customers": {"email", "taro.yamada@example.com"}, "coupons": {"code", k.Code},
			"movements": {"kind", "take"}, "refunds": {"note", "for Yamada"},
			"reviews": {"note", "mailed taro.yamada@example.com"}, "api_keys": {"prefix", "abc"},
			"audit": {"action", "customer.linked"},
		} {
			rows := list[0].Sections[section]
			if len(rows) == 0 || rows[0][want[0].(string)] != want[1] { //nolint:forcetypeassert // the table says so
				t.Errorf("%s: %v", section, rows)
			}
		}
		if rows := list[0].Sections["reviews"]; len(rows) != 2 ||
			rows[1]["proposed_note"] != "Yamada asked at the POS" {
			t.Errorf("what was proposed is held, and is not told: %v", rows)
		}
		if _, err := p.Erase(t.Context(), waiting[0].ID,
			domain.Caller{ID: "operator"}); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("who asked to be told was forgotten: %v", err)
		}
		if err := p.Done(t.Context(), waiting[0].ID, domain.Caller{ID: "operator"}); err != nil {
			t.Fatal(err)
		}
		r, err := s.Privacy.Request(t.Context(), waiting[0].ID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "r.Open", r.Open, false)
		expect.Equal(t, "r.ClosedBy", r.ClosedBy, "operator")
		expect.That(t, "r.ClosedAt != nil", r.ClosedAt != nil)
	})
}
