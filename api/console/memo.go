package console

import "strings"

// How much of a memo stands on a page that is there for something else: in characters, and in lines as they were typed.
const (
	memoLong  = 200
	memoLines = 5
	memoBegin = 60
)

// memo is what somebody wrote, folded when it is long.
type memo struct {
	Text string
	// Begin is what is shown of a long one until it is unfolded; empty for a short one.
	Begin string
	// All says what unfolds it.
	All string
}

// Memo folds a long memo, so that what follows it stays within reach.
func (d *view) Memo(text string) (memo, error) {
	runes := []rune(text)
	if len(runes) <= memoLong && strings.Count(text, "\n") < memoLines {
		return memo{Text: text}, nil
	}
	all, err := d.T("memo.all")
	begin := strings.Join(strings.Fields(string(runes[:min(len(runes), memoBegin)])), " ")
	return memo{Text: text, Begin: begin, All: all}, err
}
