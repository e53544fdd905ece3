package memberfile_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"pointbridge/domain/members"
	"pointbridge/integrations/memberfile"
	"pointbridge/test/expect"
)

// smaregiHead are columns of Smaregi's table of members, in their order: two of them have commas in their names.
const smaregiHead = `会員ID,会員コード,姓,名,フリガナ(姓),フリガナ(名),携帯電話番号,電話番号,メールアドレス,ポイント,ポイント期限,` +
	`"性別(0:不明,  1:男,  2:女)","会員状態区分 (0:利用可, 1:利用停止, 2:紛失, 3:退会, 4:名寄せ)",会員ランク名,備考` + "\r\n"

// TestTheTableOfSmaregiIsReadAsItIs: by the 会員ID, whatever the code says, with whatever encoding and columns.
func TestTheTableOfSmaregiIsReadAsItIs(t *testing.T) {
	t.Parallel()
	const table = smaregiHead +
		"1001,1002,髙橋,花子,タカハシ,ハナコ,090-1111-2222,03-3213-1111,hanako@example.com,\"1,250\",2027/03/31,2,0,ゴールド,\"備考, 二行\r\n目\"\r\n" +
		"1002,2700006439979,鈴木,,,,,9011113333,,0,,0,,,\r\n" +
		"1003,C-3,佐藤,一,サトウ,ハジメ,,,ichi@example.com,0,,1,4,,名寄せ先は1001\r\n" +
		"1004,C-4,田中\r\n"
	for name, raw := range map[string][]byte{
		"UTF-8":     []byte("\ufeff" + table),
		"Shift_JIS": encoded(t, table, japanese.ShiftJIS.NewEncoder()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := memberfile.Read(strings.NewReader(string(raw)), "", memberfile.Smaregi)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the rows", rows, []members.Row{
				{Line: 2, Number: "1001", Name: "髙橋 花子", NameKana: "タカハシ ハナコ", Email: "hanako@example.com",
					Phone: "090-1111-2222", MemberRank: "ゴールド"},
				{Line: 4, Number: "1002", Name: "鈴木", Phone: "9011113333"},
				{Line: 5, Number: "1003", Fault: members.NotInUse},
				{Line: 6, Fault: members.BadShape},
			})
		})
	}
}

// TestOwnColumnsStandBesideThoseOfSmaregi, where the shop knows whose its customers are.
func TestOwnColumnsStandBesideThoseOfSmaregi(t *testing.T) {
	t.Parallel()
	rows, err := memberfile.Read(strings.NewReader("会員ＩＤ,shopify_customer_id,locale,会員状態区分\n1001,7,en,3\n1002,8,ja,０\n"), "",
		memberfile.Smaregi)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the rows", rows, []members.Row{{Line: 2, Number: "1001", Fault: members.NotInUse},
		{Line: 3, Number: "1002", ShopID: "8", Locale: "ja"}})
}

// TestATableOfSmaregiHasTheMembersIDs: one with the codes of cards alone is refused, and so is one that is read as ours.
func TestATableOfSmaregiHasTheMembersIDs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, table, part string }{
		"codes alone":        {"会員コード,姓\n1001,山田\n", memberfile.Smaregi, "会員ID"},
		"our own columns":    {"member_number,name\n1001,山田\n", memberfile.Smaregi, "会員ID"},
		"a column twice":     {"会員ID,会員ID\n1,2\n", memberfile.Smaregi, "two columns"},
		"not said to be one": {smaregiHead + "1001,1002\n", "", `"会員id"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := memberfile.Read(strings.NewReader(c.file), "", c.table)
			expect.MustThat(t, "it is refused", err != nil && rows == nil, err)
			expect.That(t, "the reason says "+c.part, strings.Contains(err.Error(), c.part), err)
		})
	}
}
