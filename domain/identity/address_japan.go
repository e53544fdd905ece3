package identity

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// japanese reads an address of Japan: postal code, town with city, and up to three numbers (丁目, 番 and 号 however they
// are written). Building and room go with everything else behind the numbers. The prefecture goes too, because the
// postal code says it and many leave it out. An address without a number is that of thousands: no signal.
func japanese(a PostalAddress) (place, bool) {
	line1, zip := japaneseLine(a.Line1)
	if own := zipCode(a.Zip, "JP"); own != "" {
		zip = own
	}
	line2, _ := japaneseLine(a.Line2)
	city, _ := japaneseLine(a.City)
	text := strings.TrimSpace(withoutRepeat(line1, city) + " " + line2)
	if zip != "" {
		text = strings.ReplaceAll(strings.ReplaceAll(text, zip[:3]+"-"+zip[3:], " "), "〒"+zip, " ")
	}
	if !strings.ContainsFunc(city+text, isJapanese) {
		return romanised(text, zip)
	}
	text = withoutStreets(withoutDistrict(city+text), zip)
	text = arabic(dashes([]rune(sakai.ReplaceAllString(text, "${1}丁目$2"))))
	start, numbers := block([]rune(text))
	town := townName(string([]rune(text)[:start]))
	if len(numbers) == 0 || town == "" {
		return place{}, false
	}
	return place{zip: zip, street: town, number: strings.Join(numbers, "-")}, true
}

// sakai finds the 丁 of the city of Sakai, which is what others call 丁目.
var sakai = regexp.MustCompile(`^(堺市.*[` + numerals + `])丁( ?\d)`)

var postalMark = regexp.MustCompile(`^\s*(?:〒\s*(\d{3})[^\d]?(\d{4})|(\d{3})-?(\d{4})\s*[^\d\s番丁号条の-])`)

// japaneseLine folds a line and takes off what stands before the city: postal code and prefecture.
func japaneseLine(text string) (line, zip string) {
	line = FoldLetters(text)
	if m := postalMark.FindStringSubmatch(line); m != nil {
		zip = m[1] + m[2] + m[3] + m[4]
		for range zip {
			line = line[strings.IndexAny(line, "0123456789")+1:]
		}
	}
	line = strings.TrimSpace(line)
	for _, name := range prefectures {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(rest), zip
		}
	}
	return line, zip
}

var prefectures = func() []string {
	all := strings.Fields("北海道 東京都 京都府 大阪府")
	for name := range strings.FieldsSeq("青森 岩手 宮城 秋田 山形 福島 茨城 栃木 群馬 埼玉 千葉 神奈川 新潟 富山 石川 福井 山梨 長野 " +
		"岐阜 静岡 愛知 三重 滋賀 兵庫 奈良 和歌山 鳥取 島根 岡山 広島 山口 徳島 香川 愛媛 高知 福岡 佐賀 長崎 熊本 大分 宮崎 鹿児島 沖縄") {
		all = append(all, name+"県")
	}
	return all
}()

// withoutRepeat drops the city, or its last part (青葉区 of 横浜市青葉区), from a line that says it once more.
func withoutRepeat(line, city string) string {
	whole := []rune(city)
	for i := range whole {
		if rest, ok := strings.CutPrefix(line, string(whole[i:])); ok && len(whole)-i > 1 &&
			(i == 0 || strings.ContainsRune("市郡", whole[i-1])) {
			return rest
		}
	}
	return line
}

// district is a 郡 and the town or village behind it. No 郡 has a 市, 区 or 町 in its name but two, so that what stands
// behind a city is a part of it: 都城市郡元町.
var district = regexp.MustCompile(`^(?:余市|高市|[^市区町\d\s-]{1,4})郡([^市\d\s-]{1,6}?[町村])`)

// withoutDistrict drops the 郡 before a town or a village, which many leave out; cities such as 大和郡山市 have none.
func withoutDistrict(text string) string {
	m := district.FindStringSubmatchIndex(text)
	if m == nil {
		return text
	}
	return text[m[2]:]
}

// streets is how an address of Kyoto leads to its town: along one street, from the corner with another one up, down,
// east or west, and there into a 丁目.
var streets = regexp.MustCompile(`^(京都市[^区]{1,3}区).*(?:[上下](?:がる|[るル])|[東西南北](?:入る|入ル|入))` +
	`(?:[\d` + numerals + `]+丁目)?[ 、,]*([\p{Han}\p{Hiragana}\p{Katakana}])`)

// withoutStreets drops that way, which many leave out. Towns of Kyoto have the names of others, so that only with the
// postal code the rest says which it is.
func withoutStreets(text, zip string) string {
	if zip == "" {
		return text
	}
	return streets.ReplaceAllString(text, "$1$2")
}

// numerals are the kanji that numbers are written with.
const numerals = "〇零一二三四五六七八九十百千"

func isNumeral(r rune) bool { return strings.ContainsRune(numerals, r) }

// dashes writes whatever sign stands between two numbers as a hyphen: every dash and line, the long vowel sign, a wave,
// a dot, and の.
func dashes(text []rune) []rune {
	number := func(r rune) bool { return !notDigit(r) || isNumeral(r) }
	var out []rune
	for i := 0; i < len(text); i++ {
		left := len(out) - 1
		for left >= 0 && out[left] == ' ' {
			left--
		}
		right := i + 1
		for right < len(text) && text[right] == ' ' {
			right++
		}
		switch between := left >= 0 && right < len(text) && number(out[left]) && number(text[right]); {
		case between && isJapaneseDash(text[i]):
			out, i = append(out[:left+1], '-'), right-1
		case between && text[i] == '一' && left == len(out)-1 && !notDigit(out[left]) && !notDigit(text[i+1]):
			out = append(out, '-') // the kanji for one, typed for the sign that looks like it
		default:
			out = append(out, text[i])
		}
	}
	return out
}

func isJapaneseDash(r rune) bool {
	return isDashLike(r) || strings.ContainsRune("〜~のノ之─━⁃゠_=.,、・･/", r)
}

// arabic writes kanji numerals where a number is meant with digits: before 丁目, 番地, 番 and 号, beside a hyphen, behind
// 番, and behind 丁目 where no name follows. 六本木, 三番町 and 1丁目三田ビル stay.
func arabic(text []rune) string {
	var out []rune
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && isNumeral(text[end]) {
			end++
		}
		if end == i {
			out, i = append(out, text[i]), i+1
			continue
		}
		if meantAsNumber(string(out[max(0, len(out)-3):]), string(text[end:min(len(text), end+3)])) {
			out = append(out, []rune(value(text[i:end]))...)
		} else {
			out = append(out, text[i:end]...)
		}
		i = end
	}
	return string(out)
}

var numberFollows = regexp.MustCompile(`^(丁目|番地|番($|[^町丁])|号|-[\d` + numerals + `])`)
var numberBefore = regexp.MustCompile(`(\d-|番地?[のノ之]?)$`)
var numberEnds = regexp.MustCompile(`^($|[^\p{Han}\p{Hiragana}\p{Katakana}]|[のノ之]\d)`)

// meantAsNumber looks at the three characters on each side of a numeral.
func meantAsNumber(before, after string) bool {
	return numberFollows.MatchString(after) || numberBefore.MatchString(before) ||
		strings.HasSuffix(before, "丁目") && numberEnds.MatchString(after)
}

// value reads kanji numerals, by place (一〇二) or with tens (百二十).
func value(signs []rune) string {
	if !strings.ContainsAny(string(signs), "十百千") {
		return strings.Map(func(r rune) rune { return '0' + digitOf(r) }, string(signs))
	}
	total, one := 0, 0
	for _, r := range signs {
		if unit := map[rune]int{'十': 10, '百': 100, '千': 1000}[r]; unit > 0 {
			total, one = total+max(one, 1)*unit, 0
			continue
		}
		one = (one*10 + int(digitOf(r))) % 10_000
	}
	return decimal(total + one)
}

func digitOf(r rune) rune {
	digits := []rune("〇一二三四五六七八九")
	return rune(max(slices.Index(digits, r), 0))
}

var withoutSections = strings.NewReplacer("大字", "", "小字", "")

// townName folds what people write in several ways in the names of towns: 大字 and 字, hiragana, small ヶ and
// ッ, ノ and 之, numerals, and signs. A ヶ stands between kanji, or before 丘: 千駄ヶ谷, つつじヶ丘.
func townName(text string) string {
	text = withoutSections.Replace(text)
	sign := func(r rune) bool { return !unicode.IsLetter(r) && notDigit(r) }
	letters := slices.DeleteFunc([]rune(strings.Map(Katakana, text)), sign)
	kanji := func(i int) bool { return i >= 0 && i < len(letters) && unicode.Is(unicode.Han, letters[i]) }
	var out strings.Builder
	for i := 0; i < len(letters); i++ {
		r := letters[i]
		switch inside := kanji(i-1) && kanji(i+1); {
		case inside && r == '字' && letters[i-1] != '文':
		case (inside || i > 0 && i+1 < len(letters) && letters[i+1] == '丘') && strings.ContainsRune("ヶケガヵ", r):
			out.WriteRune('ヶ')
		case inside && strings.ContainsRune("ッツ", r):
			out.WriteRune('ツ')
		case inside && strings.ContainsRune("ノ之", r):
			out.WriteRune('ノ')
		case isNumeral(r):
			end := i
			for end < len(letters) && isNumeral(letters[end]) {
				end++
			}
			out.WriteString(value(letters[i:end]))
			i = end - 1
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
