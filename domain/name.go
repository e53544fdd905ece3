package domain

import (
	"strings"
	"unicode"
)

// noNames is what POS systems and their staff put where a name is missing, folded as SpokenName folds.
var noNames = map[string]bool{
	"未入力": true, "未登録": true, "未設定": true, "未記入": true, "氏名未登録": true, "名前なし": true,
	"名無し": true, "名前未登録": true, "なし": true, "無し": true, "無記名": true, "不明": true, "氏名不明": true,
	"非公開": true, "ゲスト": true, "会員": true, "お客様": true, "noname": true, "no name": true, "none": true,
	"null": true, "nil": true, "n/a": true, "unknown": true, "undefined": true, "anonymous": true, "guest": true,
	"customer": true, "member": true, "not set": true,
}

// SpokenName is a name as a mail or a page may say it to the person, on one line; "" where there is none: nobody is
// greeted as "- 様" or "Dear null".
func SpokenName(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	folded := strings.ToLower(FoldWidth(name))
	if noNames[folded] || !strings.ContainsFunc(folded, unicode.IsLetter) || isDashes(folded) {
		return ""
	}
	return name
}

// isDashes tells the long vowel signs, which are letters for Unicode and stand for a hyphen here.
func isDashes(text string) bool {
	return strings.Trim(strings.Map(func(r rune) rune {
		if IsDash(r) {
			return '-'
		}
		return r
	}, text), "- ") == ""
}
