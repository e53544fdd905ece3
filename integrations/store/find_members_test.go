package store_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func known(t *testing.T, s *store.Store, c domain.Customer) {
	t.Helper()
	c.CreatedAt, c.UpdatedAt = noon, noon
	if _, _, err := s.Members.SaveCustomer(t.Context(), c, domain.AuditEntry{At: noon, Actor: "test",
		Action: domain.ActionCustomerLinked, CustomerID: c.ID, Outcome: domain.OutcomeDone}); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, s *store.Store, statement string) {
	t.Helper()
	if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// foundBy gives the ids of those whom a text finds, in order, and a plus where there are more.
func foundBy(t *testing.T, s *store.Store, text string, limit int) string {
	t.Helper()
	list, more, err := s.Members.FindMembers(t.Context(), members.ReadSearch(text), limit)
	expect.MustEqual(t, "err", err, nil, text)
	ids := []string{}
	for _, f := range list {
		ids = append(ids, f.ID)
	}
	if more {
		ids = append(ids, "+")
	}
	return strings.Join(ids, " ")
}

// TestMembersAreFoundByWhatAClerkHears, whoever begins like it first, and as many as fit; what changed of a member is
// found at once, and what they were is not.
func TestMembersAreFoundByWhatAClerkHears(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		known(t, s, domain.Customer{ID: "8812370934", Name: "山田 太郎", NameKana: "ヤマダ タロウ", Email: "taro@example.com",
			Phone: "090-1234-5678", PhoneKey: "+819012345678"})
		known(t, s, domain.Customer{ID: "8812370999", Name: "小山田 花子", NameKana: "オヤマダ ハナコ"})
		known(t, s, domain.Customer{ID: "20001", Name: "Emily Carter", Email: "emily.carter@example.com"})
		for text, want := range map[string]string{
			"山田": "8812370934 8812370999", "やまだ": "8812370934 8812370999", "ﾊﾅｺ": "8812370999", "太郎 山田": "8812370934",
			"carter emily": "20001", "emilyc": "20001", "花子 太郎": "", "8812": "8812370934 8812370999", "0934": "8812370934",
			"emily.carter@": "20001", "5678": "8812370934", "０９０ー１２３４": "8812370934", "%": "", "_": "", "zz": "",
			"' OR 1=1 --": "", "\U0010ffff": "",
		} {
			expect.Equal(t, "found by "+text, foundBy(t, s, text, 5), want)
		}
		expect.Equal(t, "no more than asked for", foundBy(t, s, "8812", 1), "8812370934 +")
		known(t, s, domain.Customer{ID: "20001", Name: "Emily Novak"})
		expect.Equal(t, "by the new name", foundBy(t, s, "novak", 5), "20001")
		expect.Equal(t, "by the old name", foundBy(t, s, "carter", 5), "")
		_, err := renumber(t, s, "20001", "30003")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "under the new number", foundBy(t, s, "30003", 5), "30003")
		expect.Equal(t, "by the number of before", foundBy(t, s, "20001", 5), "30003")
		expect.Equal(t, "by the name", foundBy(t, s, "emily", 5), "30003")
	})
}

// TestAKanjiThatUnicodeHasTwiceIsFoundByEither: also for members from before that was so.
func TestAKanjiThatUnicodeHasTwiceIsFoundByEither(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		known(t, s, domain.Customer{ID: "1001", Name: "\ufa1b田 花子"})
		known(t, s, domain.Customer{ID: "1002", Name: "山田 花子"})
		known(t, s, domain.Customer{ID: "1003", Name: "山田 \uf9dc"})
		expect.Equal(t, "by the usual one", foundBy(t, s, "福田", 5), "1001")
		expect.Equal(t, "by the usual one of a given name", foundBy(t, s, "山田 隆", 5), "1003")
		expect.Equal(t, "by the other one", foundBy(t, s, "\ufa1b田", 5), "1001")
		made, err := os.ReadFile("../../migrations/" + s.Dialect() + "/00097_doubled_kanji.sql")
		expect.MustEqual(t, "err", err, nil)
		must(t, s, string(made))
		without, err := s.Members.WithoutTerms(t.Context(), "", 10)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "given their terms anew", strings.Join(without, " "), "1001 1003")
	})
}

// TestWordsThatHalfOfAllHaveAreNotReadThrough: they say that there is more, and another word leads.
func TestWordsThatHalfOfAllHaveAreNotReadThrough(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		insert := `INSERT INTO customers (id, name, created_at, updated_at) VALUES `
		rows := make([]string, 0, 2100)
		for i := range 2100 {
			rows = append(rows, fmt.Sprintf("('%d', 'Customer Kind%04d', '2026-12-01 12:00:00+00:00', '2026-12-01 12:00:00+00:00')",
				100_000+i, i))
		}
		must(t, s, insert+strings.Join(rows, ", "))
		expect.Equal(t, "before they have terms", foundBy(t, s, "kind0007", 5), "")
		for range 2 { // it can be repeated
			if err := members.MakeTerms(t.Context(), s.Members); err != nil {
				t.Fatal(err)
			}
		}
		expect.Equal(t, "one of many", foundBy(t, s, "kind0007 customer", 5), "100007")
		expect.Equal(t, "two words of many", foundBy(t, s, "kind customer", 5), "+")
		all := foundBy(t, s, "customer", 5)
		expect.That(t, "a word of many", strings.HasSuffix(all, " +") && len(strings.Fields(all)) == 6, all)
	})
}

// TestTheListOfMembersGoesForthAndBack through members alone, and through those that need somebody.
func TestTheListOfMembersGoesForthAndBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		for i := range 7 {
			known(t, s, domain.Customer{ID: fmt.Sprint(100 + i), ShopifyCustomerGID: fmt.Sprint("gid://shopify/Customer/",
				i+1)})
		}
		known(t, s, domain.Customer{ID: "200"})
		known(t, s, domain.Customer{ID: "_shop_abcdefghijklmnopqrstuvwxyz", ShopifyCustomerGID: "gid://shopify/Customer/99"})
		for id, at := range map[string]string{"101": "2099-01-01", "102": "2020-01-01"} {
			must(t, s, `UPDATE customers SET locked_until = '`+at+` 00:00:00+00:00' WHERE id = '`+id+`'`)
		}
		list := func(l members.List) string {
			l.Now = noon
			found, err := s.Members.ListMembers(t.Context(), l)
			expect.MustEqual(t, "err", err, nil)
			var ids []string
			for _, c := range found {
				ids = append(ids, c.ID)
			}
			return strings.Join(ids, " ")
		}
		expect.Equal(t, "the first page", list(members.List{Limit: 3}), "100 101 102")
		expect.Equal(t, "behind one", list(members.List{After: "102", Limit: 9}), "103 104 105 106 200")
		expect.Equal(t, "in front of one", list(members.List{Before: "105", Limit: 2}), "103 104")
		expect.Equal(t, "locked now", list(members.List{Only: members.ListLocked, Limit: 9}), "101")
		expect.Equal(t, "not linked", list(members.List{Only: members.ListUnlinked, Limit: 9}), "200")
	})
}

// TestOrdersAreFoundByWhatTheShopCallsThem, and are on the page of whose they were.
func TestOrdersAreFoundByWhatTheShopCallsThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		k := usedBy(t, s, "1", "gid://shopify/Order/1")
		must(t, s, `UPDATE coupons SET used_order = '#EN1001'`)
		for _, text := range []string{"#EN1001", "en1001", "＃ＥＮ１００１", " #en1001 "} {
			list, err := s.Members.FindOrders(t.Context(), text, 5)
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "orders found by "+text, len(list), 1)
			expect.Equal(t, "the code", list[0].Code, k.Code)
			expect.Equal(t, "whose it is", list[0].CustomerID, "1")
		}
		for _, text := range []string{"", "#", "1001", "%", strings.Repeat("9", 500)} {
			list, err := s.Members.FindOrders(t.Context(), text, 5)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "orders found by "+text, len(list), 0)
		}
		list, err := s.Members.OrdersOf(t.Context(), "1", 5)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "orders", len(list), 1)
		expect.Equal(t, "the order", list[0].OrderID, "gid://shopify/Order/1")
		moves, err := s.Members.Moves(t.Context(), "1", 5)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "moves", len(moves), 1)
		expect.Equal(t, "the coupon of the move", moves[0].Code, k.Code)
		expect.Equal(t, "the move", moves[0].Kind, domain.Take)
		expect.Equal(t, "its points", moves[0].Points, 100)
	})
}

// TestANoteStaysAsItWasWritten: once for each form, in nobody's power to change, and with the member to another number.
// Only its text goes, when the member is forgotten.
func TestANoteStaysAsItWasWritten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		note := members.Note{CustomerID: "1", At: noon, Actor: "staff:1", Author: "Sato", Text: "called\ntwice", Key: "k"}
		entry := domain.AuditEntry{At: noon, Actor: "staff:1", Action: domain.ActionCustomerNoted, CustomerID: "1",
			Outcome: domain.OutcomeDone}
		for range 2 {
			expect.MustEqual(t, "err", s.Members.AddNote(t.Context(), note, entry), nil)
		}
		expect.Equal(t, "entries", entries(t, s, domain.ActionCustomerNoted), 1)
		other := note
		other.CustomerID, other.Key = "2", "k2"
		expect.Equal(t, "about nobody", domain.CodeOf(s.Members.AddNote(t.Context(), other, entry)),
			domain.CodeCustomerNotFound)
		for _, statement := range []string{`DELETE FROM member_notes`, `UPDATE member_notes SET text = 'x'`,
			`UPDATE member_notes SET author = 'x'`, `UPDATE member_notes SET at = '2026-01-01 00:00:00+00:00'`} {
			if _, err := s.DB().ExecContext(t.Context(), statement); err == nil {
				t.Errorf("the database lets it happen: %s", statement)
			}
		}
		_, err := renumber(t, s, "1", "9")
		expect.MustEqual(t, "err", err, nil)
		list, err := s.Members.Notes(t.Context(), "9", 5)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "notes", len(list), 1)
		expect.Equal(t, "the text", list[0].Text, note.Text)
		expect.Equal(t, "the time", list[0].At.Equal(noon), true)
		d, err := s.Privacy.Dossier(t.Context(), "9")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "notes in the export", len(d.Sections["member_notes"]), 1)
		err = s.Privacy.Erase(t.Context(), "9", noon.Add(time.Hour), func(string) string { return "digest" }, domain.AuditEntry{
			At: noon, Actor: "system", Action: domain.ActionCustomerErased, CustomerID: "9", Outcome: domain.OutcomeDone})
		expect.MustEqual(t, "err", err, nil)
		list, err = s.Members.Notes(t.Context(), "9", 5)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "notes after the erasure", len(list), 1)
		expect.Equal(t, "the text after the erasure", list[0].Text, "")
		expect.Equal(t, "found by name after it", foundBy(t, s, "山田", 5), "")
		expect.Equal(t, "found by number after it", foundBy(t, s, "9", 5), "")
	})
}

// TestWhatMembersAreFoundByFollowsThem: whatever changes a member leaves the terms of what they are now.
func TestWhatMembersAreFoundByFollowsThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		known(t, s, domain.Customer{ID: "1001", ShopifyCustomerGID: gidA, Name: "Sato Ken", Phone: "03-1234-5678"})
		if _, err := s.Members.LinkCustomer(t.Context(), "1002", gidB, domain.AuditEntry{At: noon, Actor: "t",
			Action: domain.ActionCustomerLinked, Outcome: domain.OutcomeDone}); err != nil {
			t.Fatal(err)
		}
		if _, err := renumber(t, s, "1001", "1003"); err != nil {
			t.Fatal(err)
		}
		list, err := s.Members.After(t.Context(), "", 10)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "members", len(list), 2)
		for _, c := range list {
			var want []string
			for _, term := range members.Terms(c) {
				want = append(want, string(term.Kind)+" "+term.Text)
			}
			got := columns(t, s, `SELECT kind || ' ' || term FROM member_terms WHERE customer_id = '`+c.ID+`'`)
			slices.Sort(want)
			slices.Sort(got)
			expect.Equal(t, "the terms of "+c.ID, strings.Join(got, ", "), strings.Join(want, ", "))
		}
		without, err := s.Members.WithoutTerms(t.Context(), "", 10)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "members without terms", len(without), 0)
	})
}
