package members

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// A member is found by the beginning of one of their terms. What can be found in the middle (the family name behind a
// title, the last digits of a number) has a term for each place that it can begin at, so that every search is a range
// of one index, on every database alike. Terms are personal data like what they are made from, and go with it.

// TermKind says what of a member a term is made from.
type TermKind string

// The kinds, in the order in which what they find is shown: whatever begins like the text comes first.
const (
	TermNumber     TermKind = "number"
	TermName       TermKind = "name"
	TermPhone      TermKind = "phone"
	TermEmail      TermKind = "email"
	TermNumberPart TermKind = "number_part"
	TermNamePart   TermKind = "name_part"
	TermPhonePart  TermKind = "phone_part"
)

// TermKinds lists them.
func TermKinds() []TermKind {
	return []TermKind{TermNumber, TermName, TermPhone, TermEmail, TermNumberPart, TermNamePart, TermPhonePart}
}

// Term is one text that a member is found by the beginning of.
type Term struct {
	Kind TermKind
	Text string
}

const (
	// TermsVersion moves with how terms are made: members with older ones are made anew when the schema is brought up to
	// date.
	TermsVersion = 1
	// leastPart is the shortest end of a number that has a term, mostParts how many places of one text have one.
	leastPart = 4
	mostParts = 24
	// longestTerm bounds a term, in bytes; nobody types more of a name.
	longestTerm = 120
)

// Terms makes the terms of a member, each once.
func Terms(c domain.Customer) []Term {
	t := terms{seen: map[Term]bool{}}
	if c.Member() {
		t.digits(TermNumber, TermNumberPart, foldNumber(c.ID))
	}
	for _, name := range []string{c.Name, c.NameKana} {
		t.name(name)
	}
	t.digits(TermPhone, TermPhonePart, onlyDigits(c.Phone))
	t.digits(TermPhone, TermPhonePart, onlyDigits(c.PhoneKey))
	t.add(TermEmail, foldEmail(c.Email))
	return t.list
}

type terms struct {
	list []Term
	seen map[Term]bool
}

func (t *terms) add(kind TermKind, text string) {
	for len(text) > longestTerm {
		_, last := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-last]
	}
	term := Term{kind, text}
	if text == "" || t.seen[term] {
		return
	}
	t.seen[term] = true
	t.list = append(t.list, term)
}

func (t *terms) digits(whole, part TermKind, text string) {
	t.add(whole, text)
	for i := 1; i <= min(len(text)-leastPart, mostParts); i++ {
		t.add(part, text[i:])
	}
}

// name has a part for each word, and in Japanese, where nothing stands between family name and given name, for each
// character.
func (t *terms) name(text string) {
	words := NameWords(text)
	t.add(TermName, strings.Join(words, ""))
	places := 0
	for i, word := range words {
		rest := []rune(strings.Join(words[i:], ""))
		for j := range []rune(word) {
			inside := j > 0 && !isJapanese(rest[j])
			if i+j == 0 || inside || len(rest)-j < LeastText || places == mostParts {
				continue
			}
			places++
			t.add(TermNamePart, string(rest[j:]))
		}
	}
}

func isJapanese(r rune) bool { return unicode.In(r, unicode.Han, unicode.Katakana, unicode.Hiragana) }

// NameWords are the words of a name as it is compared: half width as full width, hiragana as katakana, small kana as
// large ones (older systems write no others), without long vowels, whose sign is typed as a dash as often as not. Between
// other letters a dash stands between two words.
func NameWords(text string) []string {
	last := ' '
	folded := strings.Map(func(r rune) rune {
		before := last
		last = identity.Katakana(r)
		switch large, small := largeKana[last]; {
		case small:
			last = large
		case r == '-', domain.IsDash(r):
			if last = before; isJapanese(before) {
				return -1
			}
			return ' '
		case r == '\'', r == '’', r == '.':
			return -1
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			last = ' '
		}
		return last
	}, identity.FoldLetters(text))
	return strings.Fields(folded)
}

var largeKana = func() map[rune]rune {
	found, large := map[rune]rune{}, []rune("アイウエオツヤユヨワカケ")
	for i, r := range []rune("ァィゥェォッャュョヮヵヶ") {
		found[r] = large[i]
	}
	return found
}()

// foldNumber writes a number as it is compared: however it was typed, and in whatever groups.
func foldNumber(text string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(domain.FoldTyped(text)))
}

func foldEmail(text string) string { return domain.MailKey(domain.FoldTyped(text)) }

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, domain.FoldWidth(text))
}

// termsPage is how many members get their terms in one transaction.
const termsPage = 200

// TermKeeper keeps the terms of members.
type TermKeeper interface {
	// WithoutTerms lists members behind an id whose terms are not those of this version, by id.
	WithoutTerms(ctx context.Context, id string, limit int) ([]string, error)
	// MakeTerms makes the terms of members as they are now.
	MakeTerms(ctx context.Context, ids []string) error
}

// MakeTerms makes the terms of all members who have none of this version. It can be repeated, and cut off at any
// moment.
func MakeTerms(ctx context.Context, keeper TermKeeper) error {
	for after := ""; ; {
		page, err := keeper.WithoutTerms(ctx, after, termsPage)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := keeper.MakeTerms(ctx, page); err != nil {
			return err
		}
		after = page[len(page)-1]
	}
}
