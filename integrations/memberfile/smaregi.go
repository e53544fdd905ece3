package memberfile

import (
	"errors"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/members"
)

// Smaregi is the table of members as Smaregi writes it. Empty means one with our own columns.
const Smaregi = "smaregi"

// The columns that are read of the table of members that Smaregi writes. Which of its columns a shop writes is a
// setting there, and the others are nothing of ours. Two programs that read such tables show the names:
// github.com/2foods/2foods-smaregi-firebase-users-matcher (app.py), and a Rails model (SmaregiMember.upload_data).
const (
	smaregiID     = "会員ID"
	smaregiStatus = "会員状態区分" // with "(0:利用可, 1:利用停止, 2:紛失, 3:退会, 4:名寄せ)" behind it
)

var smaregiNames = map[string][]string{
	"name": {"姓", "名"}, "name_kana": {"フリガナ(姓)", "フリガナ(名)"}, "email": {"メールアドレス"}, "rank": {"会員ランク名"},
	"phone": {"携帯電話番号", "電話番号"},
}

var errSmaregi = errors.New("there is no column 会員ID; a table of members that Smaregi writes has it, beside 会員コード, which can be " +
	"another member's 会員ID")

// smaregiRows reads the rows of Smaregi's table of members. A member is known by the 会員ID and never by the code on the card.
// Those who are not in use any more, or are somebody else now, are left to a person.
func smaregiRows(head []string) (func(record []string) members.Row, error) {
	places, status := map[string]int{}, -1
	for i, name := range head {
		name = strings.TrimSpace(domain.FoldWidth(name))
		if _, twice := places[name]; twice {
			return nil, twoColumns(name)
		}
		places[name] = i
		if strings.HasPrefix(name, smaregiStatus) {
			status = i
		}
	}
	if _, there := places[smaregiID]; !there {
		return nil, errSmaregi
	}
	return func(record []string) members.Row {
		cell := cellsOf(record, places)
		row := members.Row{Number: cell(smaregiID)}
		if status >= 0 && !inUse(record[status]) {
			row.Fault = members.NotInUse
			return row
		}
		words := func(name string) string {
			var found []string
			for _, each := range smaregiNames[name] {
				if text := cell(each); text != "" {
					found = append(found, text)
				}
			}
			return strings.Join(found, " ")
		}
		row.ShopID, row.Locale = cell("shopify_customer_id"), cell("locale")
		row.Name, row.NameKana, row.Email, row.MemberRank = words("name"), words("name_kana"), words("email"), words("rank")
		for _, each := range smaregiNames["phone"] {
			if row.Phone == "" {
				row.Phone = cell(each)
			}
		}
		return row
	}, nil
}

// inUse tells a member whom the till still takes points from. What the cell says besides a 0 or nothing is not known
// here, or no.
func inUse(cell string) bool {
	cell = strings.TrimSpace(domain.FoldWidth(cell))
	return cell == "" || cell == "0"
}
