package audit

import (
	"strconv"
	"time"
	"unicode/utf8"

	"pointbridge/domain"
)

// Row is one entry of the audit as it is stored. Detail is the stored text, not what it means: a space more is a
// change.
type Row struct {
	ID         int64
	At         time.Time
	Actor      string
	ActorName  string
	Action     string
	Code       string
	CouponID   *int64
	CustomerID string
	FromStatus string
	ToStatus   string
	Outcome    string
	Detail     string
}

// Entry is an audit entry with its place in the chain; Seq is 0 as long as it is not sealed.
type Entry struct {
	domain.AuditEntry
	Seq  int64
	Hash Hash
}

// Filter says which lines of the audit are wanted, newest first. Zero fields ask for nothing.
type Filter struct {
	Code, Actor, Action string
	// From is inclusive, To is not.
	From, To time.Time
	// Before is the id of the last line of the page before.
	Before int64
	Limit  int
}

// timeForm is UTC with microseconds, which is what both databases keep.
const timeForm = "2006-01-02T15:04:05.000000Z"

// Canonical is the one text of a row at its place in the chain, over which the hash is made: a JSON object on one line
// without spaces, its members always these, in this order.
func (r Row) Canonical(seq int64) []byte {
	return r.AppendCanonical(make([]byte, 0, 320+len(r.Detail)), seq)
}

// AppendCanonical is Canonical behind what is there, for whoever reads many rows.
func (r Row) AppendCanonical(b []byte, seq int64) []byte {
	b = strconv.AppendInt(append(b, `{"seq":`...), seq, 10)
	b = strconv.AppendInt(append(b, `,"id":`...), r.ID, 10)
	b = append(r.At.UTC().AppendFormat(append(b, `,"at":"`...), timeForm), '"')
	b = member(b, "actor", r.Actor)
	b = member(b, "actor_name", r.ActorName)
	b = member(b, "action", r.Action)
	b = member(b, "code", r.Code)
	b = append(b, `,"coupon_id":`...)
	if r.CouponID == nil {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, *r.CouponID, 10)
	}
	b = member(b, "customer_id", r.CustomerID)
	b = member(b, "from_status", r.FromStatus)
	b = member(b, "to_status", r.ToStatus)
	b = member(b, "outcome", r.Outcome)
	b = member(b, "detail", r.Detail)
	return append(b, '}')
}

func member(b []byte, name, value string) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	return quote(b, value)
}

// quote writes a JSON string. Two values never have the same text: what is no UTF-8 becomes half a surrogate pair, byte
// by byte, which no UTF-8 can say. Everything that needs no escape stands as it is.
func quote(b []byte, value string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	plain := 0 // what stands from here on, up to i, needs no escape
	for i := 0; i < len(value); {
		c := value[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			if r, size := utf8.DecodeRuneInString(value[i:]); r != utf8.RuneError || size != 1 {
				i += size
				continue
			}
		}
		b = append(b, value[plain:i]...)
		switch {
		case c >= utf8.RuneSelf:
			b = append(b, '\\', 'u', 'd', 'c', hex[c>>4], hex[c&15])
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, '\\', c)
		}
		i++
		plain = i
	}
	return append(append(b, value[plain:]...), '"')
}
