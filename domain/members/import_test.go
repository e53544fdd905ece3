package members_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/test/expect"
)

// shopOf is the shop's list of customers. Its search finds parts of words, as the real one's does.
type shopOf struct {
	list  []members.ShopCustomer
	fault func(call int) error
	most  int
	calls int
	keys  []string
}

func (s *shopOf) FindCustomers(_ context.Context, by members.Key, keys []string) ([]members.ShopCustomer, bool, error) {
	s.calls++
	s.keys = append(s.keys, keys...)
	if s.fault != nil {
		if err := s.fault(s.calls); err != nil {
			return nil, false, err
		}
	}
	var found []members.ShopCustomer
	for _, c := range s.list {
		for _, key := range keys {
			if has := map[members.Key]string{members.KeyID: c.GID, members.KeyEmail: strings.ToLower(c.Email),
				members.KeyPhone: c.Phone}[by]; strings.Contains(has, key) {
				found = append(found, c)
				break
			}
		}
	}
	if s.most > 0 && len(found) > s.most {
		return found[:s.most], true, nil
	}
	return found, false, nil
}

type imported struct {
	*counter
	importer *members.Importer
	shop     *shopOf
	told     map[int]members.Reason
}

func newImport(t *testing.T, by members.Key, list ...members.ShopCustomer) *imported {
	t.Helper()
	c, s := newCounter(t)
	s.Phone = func(text string) string {
		if digits := strings.NewReplacer("-", "", "+81", "0").Replace(text); len(digits) == 11 {
			return "+81" + digits[1:]
		}
		return ""
	}
	im := &imported{counter: c, shop: &shopOf{list: list}, told: map[int]members.Reason{}}
	im.importer = &members.Importer{Members: s, Shop: im.shop, Caller: domain.Caller{ID: "operator"}, By: by,
		Told: func(f members.Finding) { im.told[f.Line] = f.Reason }, Progress: func(int, int) {}}
	return im
}

func (im *imported) run(rows ...members.Row) members.Imported {
	im.t.Helper()
	for i := range rows {
		rows[i].Line = i + 2
	}
	clear(im.told)
	sum, err := im.importer.Run(im.t.Context(), rows)
	expect.MustEqual(im.t, "err", err, nil)
	return sum
}

func shopper(n int, email, phone string) members.ShopCustomer {
	return members.ShopCustomer{GID: fmt.Sprintf("%s%d", domain.ShopCustomerPrefix, n), Email: email, Phone: phone}
}

// TestImportAgainChangesNothing: each row is taken once, whatever was taken before.
func TestImportAgainChangesNothing(t *testing.T) {
	t.Parallel()
	im := newImport(t, members.KeyEmail, shopper(7, "A@example.com", ""), shopper(8, "b@example.com", ""))
	rows := []members.Row{{Number: "１００１", Email: "a@example.com", Name: "山田", Locale: "ja-JP"},
		{Number: "1002", ShopID: "8"}, {Number: yamada, Name: "Yamada Jiro"}, {Number: "1003"}}
	im.importer.Dry = true
	expect.Equal(t, "a trial", im.run(rows...), members.Imported{Rows: 4, New: 3, Changed: 1})
	expect.Equal(t, "entries of a trial", len(im.audit), 0)
	im.importer.Dry = false
	expect.Equal(t, "the first time", im.run(rows...), members.Imported{Rows: 4, New: 3, Changed: 1})
	expect.Equal(t, "entries", len(im.audit), 4)
	expect.Equal(t, "who is on record", im.audit[0].Actor, "operator")
	got := im.customers["1001"]
	expect.Equal(t, "the link", got.ShopifyCustomerGID, domain.ShopCustomerPrefix+"7")
	expect.Equal(t, "the language", got.Locale, "ja")
	calls := im.shop.calls
	expect.Equal(t, "the second time", im.run(rows...), members.Imported{Rows: 4, Same: 4})
	expect.Equal(t, "entries", len(im.audit), 4)
	expect.Equal(t, "questions about links that stand", im.shop.calls, calls)
}

// TestNobodyIsFoundByANumberThatIsNobodys: where a till asks for a number and there is none, one like this is typed.
func TestNobodyIsFoundByANumberThatIsNobodys(t *testing.T) {
	t.Parallel()
	im := newImport(t, members.KeyPhone, shopper(7, "", "+819099999999"), shopper(8, "", "+819012345678"))
	sum := im.run(members.Row{Number: "1001", Phone: "090-9999-9999"}, members.Row{Number: "1002", Phone: "090-1234-5678"})
	expect.Equal(t, "the sum", sum, members.Imported{Rows: 2, New: 1, Refused: 1})
	expect.Equal(t, "the reason", im.told[2], members.BadPhone)
	expect.Equal(t, "the other link", im.customers["1002"].ShopifyCustomerGID, domain.ShopCustomerPrefix+"8")
}

// TestWhatAPersonHasToTellIsLeftToThem and the other rows are taken.
func TestWhatAPersonHasToTellIsLeftToThem(t *testing.T) {
	t.Parallel()
	im := newImport(t, members.KeyEmail, shopper(1, "taro@example.com", ""), shopper(7, "two@example.com", ""),
		shopper(8, "TWO@example.com", ""), shopper(9, "nine@example.com", ""), shopper(10, "not.nine@example.com", ""))
	for _, c := range []struct {
		row  members.Row
		want members.Reason
	}{
		{members.Row{Number: "1", Email: "two@example.com"}, members.SeveralInShop},
		{members.Row{Number: "2", Email: "nine@example.com"}, ""}, // not the one with more before it
		{members.Row{Number: "3", Email: "none@example.com"}, members.UnknownInShop},
		{members.Row{Number: "4", ShopID: "4711"}, members.UnknownInShop},
		{members.Row{Number: "5", ShopID: "1"}, members.LinkedToOther},
		{members.Row{Number: "山田"}, members.BadNumber},
		{members.Row{Number: "8.81E+12"}, members.BadNumber},
		{members.Row{Number: "6", ShopID: "0"}, members.BadShopID},
		{members.Row{Number: "7", Email: "nobody"}, members.BadEmail},
		{members.Row{Number: "8", Name: "a\x07b"}, members.BadName},
		{members.Row{Number: "9", Locale: "fr"}, members.BadLocale},
		{members.Row{Number: "10", MemberRank: strings.Repeat("r", 65)}, members.BadRank},
		{members.Row{Number: "11", Phone: strings.Repeat("1", 41)}, members.BadPhone},
		{members.Row{Fault: members.BadShape}, members.BadShape},
		{members.Row{Number: "12", Email: "-x@example.com"}, members.MailNotSent},
	} {
		before := len(im.audit)
		sum := im.run(c.row)
		expect.Equal(t, "the reason for "+c.row.Number+c.row.Email, im.told[2], c.want)
		taken := c.want == "" || c.want == members.MailNotSent
		expect.Equal(t, "it is taken", sum.New == 1 && len(im.audit) == before+1, taken)
	}
	sum := im.run(members.Row{Number: "20"}, members.Row{Number: "20"}, members.Row{Number: "21", ShopID: "9"},
		members.Row{Number: "22", ShopID: "９"}, members.Row{Number: "23"})
	expect.Equal(t, "rows that contradict each other", sum, members.Imported{Rows: 5, New: 1, Refused: 4})
	expect.Equal(t, "a member twice", im.told[3], members.TwiceMember)
	expect.Equal(t, "a customer twice", im.told[4], members.TwiceCustomer)
}

// TestANumberThatLostItsZerosMakesNoSecondMember, and one that was never longer does.
func TestANumberThatLostItsZerosMakesNoSecondMember(t *testing.T) {
	t.Parallel()
	im := newImport(t, members.KeyEmail)
	expect.Equal(t, "as it was written", im.run(members.Row{Number: "00012"}, members.Row{Number: "0A7"}),
		members.Imported{Rows: 2, New: 2})
	before := len(im.audit)
	sum := im.run(members.Row{Number: "12", Name: "Sato Hanako"}, members.Row{Number: "012"}, members.Row{Number: "120"},
		members.Row{Number: "A7"}, members.Row{Number: "00012"})
	expect.Equal(t, "out of a spreadsheet", sum, members.Imported{Rows: 5, New: 3, Same: 1, Refused: 1})
	expect.Equal(t, "why", im.told[2], members.LostZeros)
	expect.Equal(t, "entries", len(im.audit), before+3)
	im.run(members.Row{Number: "7"})
	im.run(members.Row{Number: "007"})
	expect.Equal(t, "a member who is known", im.run(members.Row{Number: "7", Name: "Ito Ken"}), members.Imported{Rows: 1, Changed: 1})
}

// TestAPhoneNumberIsComparedInOneSpelling.
func TestAPhoneNumberIsComparedInOneSpelling(t *testing.T) {
	t.Parallel()
	im := newImport(t, members.KeyPhone, shopper(7, "", "+819011112222"))
	im.run(members.Row{Number: "1", Phone: "090-1111-2222"}, members.Row{Number: "2", Phone: "1"})
	expect.Equal(t, "the link", im.customers["1"].ShopifyCustomerGID, domain.ShopCustomerPrefix+"7")
	expect.Equal(t, "no number", im.told[3], members.BadPhone)
}

// TestAQuestionWithoutAnAnswerRefusesNothing: its rows are as they were, and the same file asks again.
func TestAQuestionWithoutAnAnswerRefusesNothing(t *testing.T) {
	t.Parallel()
	im := newImport(t, members.KeyID, shopper(7, "", ""))
	im.shop.fault = func(int) error {
		return &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "find_customers"}
	}
	rows := []members.Row{{Number: "1", ShopID: "7"}, {Number: "2"}}
	expect.Equal(t, "without an answer", im.run(rows...), members.Imported{Rows: 2, New: 1, NotAsked: 1})
	expect.Equal(t, "the reason", im.told[2], members.NotAsked)
	_, known := im.customers["1"]
	expect.Equal(t, "the member is made", known, false)
	im.shop.fault = nil
	expect.Equal(t, "again", im.run(rows...), members.Imported{Rows: 2, New: 1, Same: 1})

	im.shop.fault = func(int) error {
		return &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Reason: "access_denied"}
	}
	_, err := im.importer.Run(t.Context(), []members.Row{{Number: "3", ShopID: "9", Line: 2}})
	expect.That(t, "a shop that does not show it ends the run", err != nil && strings.Contains(err.Error(), "does not show"),
		err)
}

// TestAListThatIsTooShortIsAskedForInParts, and what is still too long for one row is a person's.
func TestAListThatIsTooShortIsAskedForInParts(t *testing.T) {
	t.Parallel()
	var list []members.ShopCustomer
	var rows []members.Row
	for i := range 40 {
		list = append(list, shopper(100+i, fmt.Sprintf("m%02d@example.com", i), ""))
		rows = append(rows, members.Row{Number: fmt.Sprint(500 + i), Email: list[i].Email})
	}
	im := newImport(t, members.KeyEmail, list...)
	im.shop.most = 7
	expect.Equal(t, "all of them", im.run(rows...), members.Imported{Rows: 40, New: 40})
	expect.That(t, "in few questions", im.shop.calls < 20, im.shop.calls)
}

// TestAStoppedImportGoesOn from wherever it was.
func TestAStoppedImportGoesOn(t *testing.T) {
	t.Parallel()
	im := newImport(t, members.KeyID)
	var rows []members.Row
	for i := range 120 {
		rows = append(rows, members.Row{Number: fmt.Sprint(500 + i), Name: "x", Line: i + 2})
	}
	ctx, cancel := context.WithCancel(t.Context())
	im.importer.Progress = func(done, _ int) {
		if done == 50 {
			cancel()
		}
	}
	_, err := im.importer.Run(ctx, rows)
	expect.MustThat(t, "it is stopped", errors.Is(err, context.Canceled), err)
	expect.Equal(t, "entries", len(im.audit), 50)
	expect.Equal(t, "the rest", im.run(rows...), members.Imported{Rows: 120, New: 70, Same: 50})
	expect.Equal(t, "entries", len(im.audit), 120)
}

// many is a list of members that is never held as a whole.
type many struct {
	left, sent, held, most int
}

func (m *many) After(_ context.Context, _ string, limit int) ([]domain.Customer, error) {
	n := min(limit, m.left)
	m.left -= n
	m.held += n
	m.most = max(m.most, m.held)
	list := make([]domain.Customer, n)
	for i := range list {
		list[i].ID = fmt.Sprint(m.left + i)
	}
	return list, nil
}

func (m *many) Member(domain.Customer) error {
	m.sent++
	return nil
}

func (m *many) Flush() error {
	m.held = 0
	return nil
}

// TestAnExportHoldsOnePartAtATime however many members there are, and is on record with their number.
func TestAnExportHoldsOnePartAtATime(t *testing.T) {
	t.Parallel()
	c, s := newCounter(t)
	m := &many{left: 100_000}
	n, err := s.Export(t.Context(), domain.Caller{ID: "operator"}, m, m)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "members", n, 100_000)
	expect.Equal(t, "rows", m.sent, 100_000)
	expect.That(t, "held at a time", m.most <= 500, m.most)
	expect.MustEqual(t, "entries", len(c.audit), 2)
	expect.Equal(t, "the entry", c.audit[1].Action, domain.ActionMembersExported)
	expect.Equal(t, "its number", c.audit[1].Detail["found"], any(100_000))
}
