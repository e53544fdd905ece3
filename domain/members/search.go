package members

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"pointbridge/domain"
)

const (
	// LeastText is how many characters have to be typed before anybody is looked for, LongestText how many are read.
	LeastText   = 2
	LongestText = 100
	// leastEmail is how much of a mail address finds one.
	leastEmail = 3
	mostWords  = 3
)

// Search is what a typed text can mean: a member is found who has any of Terms at the beginning of one of theirs, or a
// name with all of Words.
type Search struct {
	// Terms are in the order of TermKinds.
	Terms []Term
	// Words are the words of a name, where there are several: family name and given name come in either order.
	Words []string
	// Number is what may be a number that a member had before.
	Number string
}

// Nothing reports whether the text can mean nobody.
func (s Search) Nothing() bool { return len(s.Terms) == 0 }

// ReadSearch reads what somebody typed. Less than two characters mean nobody: half the members would be found.
func ReadSearch(text string) Search {
	if r := []rune(text); len(r) > LongestText {
		text = string(r[:LongestText])
	}
	words := NameWords(text)
	number, email, phone := foldNumber(text), foldEmail(text), typedPhone(text)
	s := Search{}
	for _, kind := range TermKinds() {
		switch kind {
		case TermNumber, TermNumberPart:
			least := LeastText
			if kind == TermNumberPart {
				least = leastPart
			}
			if len(number) >= least && domain.ValidCustomerID(number) {
				s.Terms = append(s.Terms, Term{kind, number})
			}
		case TermName, TermNamePart:
			if joined := strings.Join(words, ""); utf8.RuneCountInString(joined) >= LeastText {
				s.Terms = append(s.Terms, Term{kind, joined})
			}
		case TermPhone, TermPhonePart:
			if len(phone) >= leastPart {
				s.Terms = append(s.Terms, Term{kind, phone})
			}
		case TermEmail:
			if len(email) >= leastEmail && onlyDigits(email) != email {
				s.Terms = append(s.Terms, Term{kind, email})
			}
		}
	}
	if len(words) > 1 && !s.Nothing() {
		s.Words = words[:min(len(words), mostWords)]
	}
	if id := domain.FoldTyped(text); domain.ValidCustomerID(id) && len(id) >= LeastText {
		s.Number = id
	}
	return s
}

// typedPhone is the digits of a text that looks like a phone number or a part of one; "" for any other.
func typedPhone(text string) string {
	text = domain.FoldTyped(text)
	if strings.Trim(text, "+-()./0123456789") != "" {
		return ""
	}
	return onlyDigits(text)
}

// Found is a member who was found, and what of them begins like the text.
type Found struct {
	domain.Customer
	By TermKind
}

// List chooses members for a list.
type List struct {
	// Only is which: "" for all, ListLocked or ListUnlinked.
	Only string
	// After and Before are ids that the list goes on behind, or ends in front of; one of the two at most.
	After, Before string
	Now           time.Time
	Limit         int
}

// The choices of a list.
const (
	ListLocked   = "locked"
	ListUnlinked = "unlinked"
)

// Finder finds members and the orders they had.
type Finder interface {
	// FindMembers returns the first members whom a search means, at most limit; more tells that there are others.
	FindMembers(ctx context.Context, s Search, limit int) (found []Found, more bool, err error)
	// ListMembers lists members by their ids.
	ListMembers(ctx context.Context, l List) ([]domain.Customer, error)
	// FindOrders returns the orders of a name that used a code of ours, the newest first.
	FindOrders(ctx context.Context, name string, limit int) ([]OrderUse, error)
}
