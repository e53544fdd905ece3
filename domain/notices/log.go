package notices

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Log keeps what became of each mail. It tells, and never sends: a mail goes again because the queue, or a person, says
// so.
type Log interface {
	// Note writes what is known of a mail now. It reports whether the mail was sent before; nothing is written then.
	Note(ctx context.Context, e Entry) (sent bool, err error)
	// Ask writes that a mail was asked for once more, with the job that sends it, where fewer than most of the coupon's
	// were asked for since. The same request twice is one mail. Errors: rate_limited.
	Ask(ctx context.Context, e Entry, since time.Time, most int, job domain.Job, audit domain.AuditEntry) error
	// Forget removes what was written before, and gives its number.
	Forget(ctx context.Context, before time.Time) (int64, error)
}

// State says what became of a mail.
type State string

// The states. Sending is an attempt whose end nobody knows yet.
const (
	Waiting     State = "waiting"
	Sending     State = "sending"
	Sent        State = "sent"        // the mail server took it
	Refused     State = "refused"     // for good
	Unavailable State = "unavailable" // not now; the queue tries again
	Unknown     State = "unknown"     // the answer was lost: it may have gone
	NotSent     State = "not_sent"    // there was nothing to send, see Entry.Reason
	GivenUp     State = "given_up"    // the queue tries no more; it is not stored
)

// States lists all that there are.
func States() []State {
	return []State{Waiting, Sending, Sent, Refused, Unavailable, Unknown, NotSent, GivenUp}
}

// Why a mail was not sent.
const (
	ReasonUntrue    = "untrue"     // what it would tell has changed
	ReasonNoAddress = "no_address" // the customer has none
)

// Reasons lists them.
func Reasons() []string { return []string{ReasonUntrue, ReasonNoAddress} }

// Entry is what is known of one mail.
type Entry struct {
	ID int64
	// Event names the mail once and for all; see Mail.EventID.
	Event    string
	CouponID int64
	// Code is the coupon's, where entries of many are read.
	Code string
	Kind domain.MailKind
	Step int
	// Again names the request of a person for it, AskedBy that person; empty for a mail that follows from a state.
	Again, AskedBy string
	Address        string
	State          State
	// Reason is why it was not sent, or the mail server's machine word; Reply is the code of its answer, QueueID by what
	// the server knows the mail.
	Reason    string
	Reply     int
	QueueID   string
	Attempts  int
	CreatedAt time.Time
	ChangedAt time.Time
}

// Receipt is what a mail server says that takes a mail; a server may say neither.
type Receipt struct {
	Reply   int
	QueueID string
}

// Merged joins what is written of mails with what the queue still knows: what it gave up was not sent, what it works on
// waits, and what it has forgotten ends as it stands.
func Merged(entries []Entry, queued []domain.MailState) []Entry {
	type name struct {
		kind  domain.MailKind
		step  int
		again string
	}
	states := make(map[name]domain.MailProgress, len(queued))
	for _, q := range queued {
		states[name{q.Mail, q.Step, q.Again}] = q.State
	}
	list := make([]Entry, 0, len(entries)+len(queued))
	for _, e := range entries {
		n := name{e.Kind, e.Step, e.Again}
		e.State = settled(e.State, states[n])
		delete(states, n)
		list = append(list, e)
	}
	for _, q := range queued { // nothing is written of them: they were not begun, or before there was a log
		n := name{q.Mail, q.Step, q.Again}
		if state, left := states[n]; left {
			delete(states, n)
			list = append(list, Entry{Kind: q.Mail, Step: q.Step, Again: q.Again, State: unwritten(state)})
		}
	}
	return list
}

// settled is what a state means beside what the queue says of the mail; "" when it knows nothing of it.
func settled(state State, queue domain.MailProgress) State {
	switch {
	case state == Sent, state == Refused, state == NotSent, queue == domain.MailWaiting:
		return state
	case state == Sending, state == Unknown:
		return Unknown
	default:
		return GivenUp
	}
}

func unwritten(queue domain.MailProgress) State {
	switch queue {
	case domain.MailDone:
		return Sent
	case domain.MailGivenUp:
		return GivenUp
	case domain.MailWaiting:
	}
	return Waiting
}
