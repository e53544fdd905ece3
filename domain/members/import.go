package members

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"pointbridge/domain"
)

// An import takes members over from a file, row by row, by the same way as a call that links one. A row is taken whole
// or not at all; one that changes nothing writes nothing, so that the same file again has the same result. What nobody
// but a person can tell is left to a person.

// Key is by what a row's customer of the shop is found, where the row does not name them by their id.
type Key string

// The keys.
const (
	KeyID    Key = "id"
	KeyEmail Key = "email"
	KeyPhone Key = "phone"
)

// Row is one row of a file, as it was written. Empty fields leave what is known.
type Row struct {
	// Line is where the row begins in the file.
	Line int
	// Fault is why the row could not be read, or is none to take; everything but the number is empty then.
	Fault                                                            Reason
	Number, ShopID, Name, NameKana, Email, Phone, Locale, MemberRank string
}

// Reason is why a row was not taken, or not asked about.
type Reason string

// The reasons.
const (
	BadShape       Reason = "columns"
	BadNumber      Reason = "member_number"
	BadShopID      Reason = "shopify_customer_id"
	BadName        Reason = "name"
	BadNameKana    Reason = "name_kana"
	BadEmail       Reason = "email"
	BadPhone       Reason = "phone"
	BadLocale      Reason = "locale"
	BadRank        Reason = "rank"
	NotInUse       Reason = "not_in_use"
	TwiceMember    Reason = "member_twice"
	TwiceCustomer  Reason = "customer_twice"
	UnknownInShop  Reason = "unknown_in_shop"
	SeveralInShop  Reason = "several_in_shop"
	LinkedToOther  Reason = "linked_to_other"
	FormerNumber   Reason = "former_number"
	LostZeros      Reason = "lost_zeros"
	NotAsked       Reason = "not_asked"
	MailNotSent    Reason = "mail_not_taken" // the rest of the row was taken
	longestName           = 200
	longestEmail          = 254
	longestPhone          = 40
	longestRank           = 64
	importBatch           = 50
	mostRowsOfFile        = 200_000
)

// Reasons lists them.
func Reasons() []Reason {
	return []Reason{BadShape, BadNumber, BadShopID, BadName, BadNameKana, BadEmail, BadPhone, BadLocale, BadRank, NotInUse,
		TwiceMember, TwiceCustomer, UnknownInShop, SeveralInShop, LinkedToOther, FormerNumber, LostZeros, NotAsked,
		MailNotSent}
}

// MostRows is how many rows one file can have.
const MostRows = mostRowsOfFile

var shopID = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// candidate is a row as it was understood.
type candidate struct {
	row    Row
	link   Link
	reason Reason
	// note is what of the row was not taken although the rest is.
	note Reason
	// key is what the shop is asked by; empty for nobody.
	key Key
	// text is the key in the one spelling that is compared.
	text string
}

// read understands a row, or says what is wrong with it.
func (im *Importer) read(row Row) candidate {
	c := candidate{row: row, reason: row.Fault, link: Link{Caller: im.Caller, CustomerID: domain.FoldTyped(row.Number)}}
	if c.reason != "" {
		return c
	}
	given := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	id := strings.TrimPrefix(domain.FoldTyped(row.ShopID), domain.ShopCustomerPrefix)
	email, deliverable := row.Email, true
	if email != "" {
		email, deliverable = domain.ReadMailAddress(email)
	}
	locale, _, _ := strings.Cut(strings.ReplaceAll(row.Locale, "_", "-"), "-")
	locale = strings.ToLower(locale)
	switch {
	case !domain.ValidCustomerID(c.link.CustomerID):
		c.reason = BadNumber
	case id != "" && !shopID.MatchString(id):
		c.reason = BadShopID
	case !plain(row.Name, longestName):
		c.reason = BadName
	case !plain(row.NameKana, longestName):
		c.reason = BadNameKana
	case !deliverable || len(email) > longestEmail:
		c.reason = BadEmail
	case !plain(row.Phone, longestPhone):
		c.reason = BadPhone
	case locale != "" && locale != "ja" && locale != "en":
		c.reason = BadLocale
	case !plain(row.MemberRank, longestRank):
		c.reason = BadRank
	}
	if email != "" && !domain.Deliverable(email) {
		email, c.note = "", MailNotSent
	}
	c.link.Name, c.link.NameKana = given(row.Name), given(row.NameKana)
	c.link.Email, c.link.Phone = given(email), given(domain.FoldWidth(row.Phone))
	c.link.Locale, c.link.Rank = given(locale), given(row.MemberRank)
	return im.keyed(c, id, email)
}

// keyed says by what the shop is asked about the row.
func (im *Importer) keyed(c candidate, id, email string) candidate {
	switch {
	case c.reason != "":
	case id != "":
		c.key, c.text = KeyID, domain.ShopCustomerPrefix+id
		c.link.ShopifyCustomerGID = &c.text
	case im.By == KeyEmail && email != "":
		c.key, c.text = KeyEmail, strings.ToLower(email)
		if strings.ContainsAny(email, `"\`) {
			c.reason = BadEmail // no question to the shop can have it
		}
	case im.By == KeyPhone && c.row.Phone != "":
		c.key = KeyPhone
		if im.Members.Phone != nil {
			c.text = im.Members.Phone(c.row.Phone)
		}
		if c.text == "" || domain.NobodysPhone(c.text) { // by such a one a stranger would be found
			c.reason = BadPhone
		}
	}
	return c
}

func plain(text string, most int) bool {
	return utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, unicode.IsControl)
}

// twice marks rows that name the same member, or the same customer of the shop, as another one: which of them is meant
// nobody can tell.
func twice(list []candidate) {
	members, customers := map[string]int{}, map[string]int{}
	for _, c := range list {
		if c.reason == "" {
			members[c.link.CustomerID]++
			customers[string(c.key)+" "+c.text]++
		}
	}
	for i, c := range list {
		switch {
		case c.reason != "":
		case members[c.link.CustomerID] > 1:
			list[i].reason = TwiceMember
		case c.text != "" && customers[string(c.key)+" "+c.text] > 1:
			list[i].reason = TwiceCustomer
		}
	}
}

// changes reports whether a row would change what is known of a member.
func (l Link) changes(known domain.Customer) bool { return len(l.apply(&known)) > 0 }

// refusedRow is the reason for a refusal of the link; false for what is no row's fault.
func refusedRow(err error) (Reason, bool) {
	var refused *domain.Error
	if !errors.As(err, &refused) {
		return "", false
	}
	switch refused.Code {
	case domain.CodeCustomerAlreadyLinked:
		return LinkedToOther, true
	case domain.CodeRenumbered:
		return FormerNumber, true
	case domain.CodeValidation:
		return BadNumber, true
	}
	return "", false
}

// Shop knows who its customers are.
type Shop interface {
	// FindCustomers lists the customers who may have one of the keys; more says that there are others. Errors: a
	// *domain.UpstreamError, KindRefused or KindAuth when the shop does not show what is asked for.
	FindCustomers(ctx context.Context, by Key, keys []string) (found []ShopCustomer, more bool, err error)
}

// ShopCustomer is a customer of the shop as it knows them.
type ShopCustomer struct{ GID, Email, Phone string }
