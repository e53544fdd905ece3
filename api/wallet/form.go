package wallet

import (
	"strconv"
	"strings"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
)

// formLife is how long a form can be sent after its page was made.
const formLife = 12 * time.Hour

// checkPosted reads a form and refuses one that is not from a page of this customer's. Cookies do not come through the
// storefront, so the form itself carries what proves it: the customer, an end, and our signature over both.
func (req *request) checkPosted() error {
	if err := req.ReadForm(); err != nil {
		return err
	}
	if err := req.wallet.deps.FromStorefront(req.Gin); err != nil {
		return err
	}
	if !req.proved() {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	return nil
}

// formToken proves a form of this customer's until its end.
func (req *request) formToken() string {
	return req.tokenUntil(req.wallet.deps.Now().Add(formLife).Unix())
}

func (req *request) tokenUntil(end int64) string {
	text := strconv.FormatInt(end, 10)
	return text + "." + req.wallet.deps.Sign("wallet-form", req.Who.ID+"\x00"+text)
}

// proved reports whether the form carries a token of this customer's whose end has not come.
func (req *request) proved() bool {
	text, _, _ := strings.Cut(req.Field(pages.FormToken), ".")
	end, err := strconv.ParseInt(text, 10, 64)
	return err == nil && req.Proves(req.tokenUntil(end)) && req.wallet.deps.Now().Before(time.Unix(end, 0))
}

// typedPoints reads a number as people type it: full-width digits, separators and spaces are fine.
func typedPoints(text string) (int64, bool) {
	points, err := strconv.ParseInt(plainNumber(text), 10, 64)
	return points, err == nil && points > 0 && points <= maxPoints
}

// plainNumber has the digits alone.
func plainNumber(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '．':
			return '.'
		case r == ',' || r == '，' || r == '、' || r == ' ' || r == '　':
			return -1
		default:
			return r
		}
	}, text)
}

// maxPoints is the most that is taken for a number of points at all; the API has the same bound.
const maxPoints = 1_000_000_000_000
