package members_test

import (
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/test/expect"
)

// meets reports whether a text finds a member: one of its terms begins one of theirs, or all of its words do.
func meets(text string, c domain.Customer) bool {
	q, has := members.ReadSearch(text), members.Terms(c)
	begins := func(kinds []members.TermKind, text string) bool {
		return slices.ContainsFunc(has, func(t members.Term) bool {
			return slices.Contains(kinds, t.Kind) && strings.HasPrefix(t.Text, text)
		})
	}
	for _, t := range q.Terms {
		if begins([]members.TermKind{t.Kind}, t.Text) {
			return true
		}
	}
	for _, w := range q.Words {
		if !begins([]members.TermKind{members.TermName, members.TermNamePart}, w) {
			return false
		}
	}
	return len(q.Words) > 0
}

// TestAMemberIsFoundHoweverTheyAreWritten: in every width, in either kana, with or without what stands between the
// parts, from the beginning and from within; and not by somebody else's.
func TestAMemberIsFoundHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	yamada := domain.Customer{ID: "8812-370934", Name: "髙橋 太郎", NameKana: "タカハシ ショウゴロー", Email: "Sho.T@Example.com",
		Phone: "090-1234-5678", PhoneKey: "+819012345678"}
	carter := domain.Customer{ID: "member_7", Name: "Zoë O'Carter-Smith"}
	for text, want := range map[string]bool{
		"髙橋": true, "高橋": true, "高橋太郎": true, "高橋　太郎": true, "太郎": true, "太郎 高橋": true, "太郎　髙橋": true,
		"たかはし": true, "タカハシ": true, "ﾀｶﾊｼ": true, "しょうごろう": false, "しょうごろー": true, "ｼﾖｳｺﾞﾛｰ": true,
		"ｼｮｳｺﾞﾛ－": true, "ショウゴロ": true, "たか\u200bはし": true, "橋": false, "高": false, "8812": true, "８８１２－３７": true,
		"370934": true, "0934": true, "934": false, "8812ー370934": true, "sho.t@": true, "ＳＨＯ．Ｔ＠ｅｘａｍｐｌｅ．ｃｏｍ": true,
		"example.com": false, "09012345678": true, "090−1234−5678": true, "+81 90-1234-5678": true, "5678": true,
		"1234 5678": true, "678": false, "高橋 花子": false, "山田": false, "": false, " ": false, "%": false, "__": false,
	} {
		expect.Equal(t, "the member is found by "+text, meets(text, yamada), want)
	}
	for text, want := range map[string]bool{"zoe": true, "ZOË": true, "carter": false, "ocarter": true, "o'carter": true,
		"smith": true, "smi zoe": true, "member7": true, "MEMBER_7": true, "ember": true, "mber7": true} {
		expect.Equal(t, "the other one is found by "+text, meets(text, carter), want)
	}
}

// TestTermsAreBounded: a name that is longer than anybody's, and what no search can hold, make no more of them.
func TestTermsAreBounded(t *testing.T) {
	t.Parallel()
	long := domain.Customer{ID: strings.Repeat("9", 64), Name: strings.Repeat("寿", 200),
		NameKana: strings.Repeat("ア", 200), Phone: strings.Repeat("1", 40), Email: strings.Repeat("a", 250) + "@b"}
	list := members.Terms(long)
	expect.That(t, "they are few", len(list) < 120, len(list))
	for _, term := range list {
		expect.That(t, "each is short", len(term.Text) <= 120, term.Kind, len(term.Text))
	}
	q := members.ReadSearch(strings.Repeat("寿", 10_000))
	expect.That(t, "a search is short", len(q.Terms) <= 7, len(q.Terms))
	expect.Equal(t, "nobody is nobody", len(members.Terms(domain.Customer{ID: "_shop_abcdefghijklmnopqrstuvwxyz"})), 0)
}
