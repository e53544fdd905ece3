package poscheck

// Sentence is the key of why a check came to its verdict.
type Sentence string

// The sentences.
const (
	Fine          Sentence = "fine"
	NotReached    Sentence = "not_reached"
	ReadOnly      Sentence = "read_only"
	NoAnswer      Sentence = "no_answer"
	Refused       Sentence = "refused"
	OtherRefusal  Sentence = "other_refusal"
	Known         Sentence = "known"
	NoSuchMember  Sentence = "no_such_member"
	TooFew        Sentence = "too_few_points"
	TooMany       Sentence = "too_many_points"
	OtherFigures  Sentence = "other_figures"
	Late          Sentence = "balance_late"
	Disturbed     Sentence = "disturbed"
	Unpromised    Sentence = "unpromised"
	FoundEarly    Sentence = "found_early"
	NotFound      Sentence = "not_found"
	NotTold       Sentence = "not_told_apart"
	OtherEntry    Sentence = "other_entry"
	BookedTwice   Sentence = "booked_twice"
	WouldBeTwice  Sentence = "would_be_booked_twice"
	RepeatRefused Sentence = "repetition_refused"
	Overdrawn     Sentence = "overdrawn"
	Wordless      Sentence = "wordless"
	TookZero      Sentence = "took_zero"
	StillOwed     Sentence = "still_owed"
)

// Text is the sentence for people.
func (s Sentence) Text() string {
	switch s {
	case Fine:
		return "as it should be"
	case NotReached:
		return "not reached, because of what was found before"
	case ReadOnly:
		return "without a member nothing is moved"
	case NoAnswer:
		return "the POS gave no answer that says what became of it"
	case Refused:
		return "the POS refused"
	case OtherRefusal:
		return "refused, but not in the words for a member who is not there"
	case Known:
		return "the POS has a balance for somebody who cannot exist"
	case NoSuchMember:
		return "the POS has no such member: name one of yours who has 3 to 100 points"
	case TooFew:
		return "the member has too few points: give the member at least three"
	case TooMany:
		return "the member has more points than may be risked: choose one with 100 at most"
	case OtherFigures:
		return "the answer's figures do not fit the balance"
	case Late:
		return "the POS confirmed it, and the balance does not show it at once"
	case Disturbed:
		return "the balance moved by something else: try again while nobody uses the member"
	case Unpromised:
		return "the POS is not asked in this way"
	case FoundEarly:
		return "something was found before anything was booked"
	case NotFound:
		return "the entry is not found at once"
	case NotTold:
		return "the answer does not tell the entry from others: is the filter by reference heeded?"
	case OtherEntry:
		return "another entry is named than the one that was made"
	case BookedTwice:
		return "it was booked twice"
	case WouldBeTwice:
		return "not tried: what is booked twice under one key is booked twice under two"
	case RepeatRefused:
		return "the repetition was refused; nothing was booked twice"
	case Overdrawn:
		return "the POS took more points than there were"
	case Wordless:
		return "refused, but not in the words for too few points: members are told less than they could be"
	case TookZero:
		return "a movement of no points was booked"
	case StillOwed:
		return "the balance is not as it was"
	default:
		return string(s)
	}
}
