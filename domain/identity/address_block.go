package identity

import (
	"regexp"
	"strconv"
	"strings"

	"pointbridge/domain"
)

// mostNumbers is how many numbers name a house: 丁目, 番 and 号. A fourth is a room.
const mostNumbers = 3

// notABlock follows a number that is part of a name: 北1条, 3番町, 6本木, 3ツ沢, 2の宮.
var notABlock = regexp.MustCompile(`^(番[町丁]|丁[^目\d]|[\p{Han}ヶケヵッツっつ]|[のノ之がガ]\p{Han})`)

// inName follows a number that is part of a name although it has the sign of a block, by the list of towns of Japan
// Post: 西野町六丁目北町, 四番沢, 九号地, 西2号北. A 番 with a 丁目, or with three numbers behind it, is one too, as in
// 麻布十番1-2-3, and so is a 号 with two.
var inName = regexp.MustCompile(`^(?:丁目(?:[東西南北上下]町?|横町|本通り?|塩越)|番(?:[沢川江堰甲割領]|耕地|堀通町)|` +
	`号(?:地|[南北])) ?\d|^番 ?\d+(?:丁目|-\d+-\d)|^号 ?\d+(?:-\d|番)`)
var blockSign = regexp.MustCompile(`^(丁目|丁\d|番地|番($|[^町丁])|号)`)
var roomSign = regexp.MustCompile(`^(号室|号棟|号館|棟|階|室|[f階])`)

// block finds the numbers of a house in a Japanese address and where they start: 1丁目2番3号, 1丁目2-3, 1-2-3, 12番地の3.
// What follows, a building or a room, is left.
func block(text []rune) (start int, numbers []string) {
	for i := 0; i < len(text); {
		end := digits(text, i)
		if end == i {
			i++
			continue
		}
		next := string(text[end:])
		named := roomSign.MatchString(next) || inName.MatchString(next)
		if !named && (blockSign.MatchString(next) || !notABlock.MatchString(next)) {
			return i, numbersFrom(text, i)
		}
		i = end
	}
	return len(text), nil
}

func digits(text []rune, i int) int {
	for i < len(text) && !notDigit(text[i]) {
		i++
	}
	return i
}

// numbersFrom reads the numbers of a block as long as one leads to the next.
func numbersFrom(text []rune, i int) (numbers []string) {
	blank := true
	for len(numbers) < mostNumbers {
		end := digits(text, i)
		rest := string(text[end:])
		if end == i || len(numbers) > 0 && roomSign.MatchString(rest) {
			return numbers
		}
		numbers = append(numbers, number(text[i:end]))
		sign := separator.FindString(rest)
		if blanks := strings.TrimLeft(rest, " "); sign == "" && blank && blanks != rest {
			i = end + len(rest) - len(blanks) // 2 3 4 has nothing but blanks between its numbers
			continue
		}
		if blank = false; sign == "" {
			return numbers
		}
		i = end + len([]rune(sign))
		following := string(text[digits(text, i):])
		spaced := strings.HasSuffix(sign, " ") && !strings.HasPrefix(sign, "丁")
		switch {
		case strings.HasPrefix(sign, "号") && !strings.HasPrefix(following, "番"): // 3号101 is a room
			return numbers
		case spaced && (!strings.HasPrefix(following, "号") || roomSign.MatchString(following)): // 2番 301
			return numbers
		}
	}
	return numbers
}

// separator is what stands between two numbers of one block.
var separator = regexp.MustCompile(`^(?:(?:丁目?|番地?|号)[のノ之]?[- ]*|-+)`)

// number is a number without leading zeros; absurd ones stay as they are.
func number(signs []rune) string {
	if trimmed := strings.TrimLeft(string(signs), "0"); trimmed != "" {
		return trimmed
	}
	return "0"
}

func decimal(n int) string { return strconv.Itoa(n) }

func isDashLike(r rune) bool { return r == '-' || domain.IsDash(r) }

var chome = regexp.MustCompile(`(\d+)[- ]*(?:chome|ban|go)\b[-, ]*`)
var romanBlock = regexp.MustCompile(`\d+(?:-\d+)+`)

// romanised reads an address of Japan in Latin letters (1-2-3 Jingumae, 2-chome 3-4). There are too many ways to
// romanise and to order the names, so that the postal code stands for the town, and at least two numbers are needed.
// It has no key in common with the same address in Japanese.
func romanised(text, zip string) (place, bool) {
	text = chome.ReplaceAllString(string(dashes([]rune(text))), "$1-")
	found := romanBlock.FindString(text)
	if zip == "" || found == "" {
		return place{}, false
	}
	numbers := strings.Split(found, "-")
	for i, each := range numbers {
		numbers[i] = number([]rune(each))
	}
	return place{zip: zip, number: strings.Join(numbers[:min(mostNumbers, len(numbers))], "-")}, true
}
