package identity

import (
	"slices"
	"strings"
	"unicode"

	"pointbridge/domain"
)

// name gives the skeleton of a name: what is left when case, width, marks, kind of kana, forms of address, order,
// initials and small slips are taken away. Names that share a skeleton are similar, not the same: it is a weak hint
// alone. A name in Latin letters keeps its words in the order of the alphabet, with doubled letters written once and
// the long o of romanised names written o. A name with kanji or kana keeps its characters, sorted, because 山田太郎 and
// 太郎 山田 are told apart by a space that many leave out.
func name(text string) string {
	if domain.SpokenName(text) == "" {
		return ""
	}
	words := strings.FieldsFunc(FoldLetters(text), func(r rune) bool { return !unicode.IsLetter(r) && r != 'ー' })
	words = slices.DeleteFunc(words, func(word string) bool { return titles[word] })
	if strings.ContainsFunc(strings.Join(words, ""), isJapanese) {
		return japaneseName(words)
	}
	whole := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return len([]rune(word)) < 2 })
	for i, word := range whole {
		whole[i] = withoutSlips(word)
	}
	slices.Sort(whole)
	return strings.Join(whole, " ")
}

var titles = map[string]bool{"mr": true, "mrs": true, "ms": true, "miss": true, "mx": true, "dr": true, "prof": true,
	"sir": true, "herr": true, "frau": true, "mme": true, "sama": true, "san": true, "jr": true, "sr": true}

func japaneseName(words []string) string {
	whole := strings.Join(words, "")
	for _, title := range []string{"様", "さま", "さん", "殿", "先生", "氏"} {
		whole = strings.TrimSuffix(whole, title)
	}
	signs := []rune(strings.Map(Katakana, whole))
	if len(signs) < 2 {
		return ""
	}
	slices.Sort(signs)
	return string(signs)
}

// withoutSlips writes doubled letters once, and the long o of Satou, Satoh and Ohno as o, until nothing is left to do.
func withoutSlips(word string) string {
	for {
		letters := slices.Compact([]rune(word))
		next := strings.ReplaceAll(string(letters), "ou", "o")
		if strings.HasSuffix(next, "oh") {
			next = strings.TrimSuffix(next, "h")
		}
		if next = longO.Replace(next); next == word {
			return word
		}
		word = next
	}
}

var longO = strings.NewReplacer("ohn", "on", "ohk", "ok", "oht", "ot", "ohm", "om", "ohs", "os", "ohy", "oy")

// Katakana writes hiragana as katakana.
func Katakana(r rune) rune {
	if r >= 'ぁ' && r <= 'ゖ' {
		return r + 'ァ' - 'ぁ'
	}
	return r
}

func isJapanese(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
