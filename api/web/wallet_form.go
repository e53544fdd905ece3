package web

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
)

// walletFormLife is how long a form can be sent after its page was made.
const walletFormLife = 12 * time.Hour

// walletKey is what the pages draw as an idempotency key.
var walletKey = regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`)

// checkPosted reads a form and refuses one that is not from a page of this customer's. Cookies do not come through the
// storefront, so the form itself carries what proves it: the customer, an end, and our signature over both.
func (s *shopping) checkPosted() error {
	if err := s.readForm(); err != nil {
		return err
	}
	if err := s.web.deps.Hooks.FromStorefront(s.c); err != nil {
		return err
	}
	if !s.goodToken(s.field(formToken)) {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	return nil
}

// formToken proves a form of this customer's until its end.
func (s *shopping) formToken() string {
	return s.tokenUntil(s.web.deps.Now().Add(walletFormLife).Unix())
}

func (s *shopping) tokenUntil(end int64) string {
	text := strconv.FormatInt(end, 10)
	return text + "." + s.web.sign("wallet-form", s.who.ID+"\x00"+text)
}

func (s *shopping) goodToken(token string) bool {
	text, _, _ := strings.Cut(token, ".")
	end, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !hmac.Equal([]byte(token), []byte(s.tokenUntil(end))) {
		return false
	}
	return s.web.deps.Now().Before(time.Unix(end, 0))
}

// drawKey makes the key under which a form, however often it is sent, is one request.
func drawKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// typedPoints reads a number as people type it: full-width digits, separators and spaces are fine.
func typedPoints(text string) (int64, bool) {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == ',' || r == '，' || r == '、' || r == ' ' || r == '　':
			return -1
		default:
			return r
		}
	}, text)
	points, err := strconv.ParseInt(plain, 10, 64)
	return points, err == nil && points > 0 && points <= maxPoints
}

// maxPoints is the most that is taken for a number of points at all; the API has the same bound.
const maxPoints = 1_000_000_000_000
