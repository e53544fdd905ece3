package domain

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// CodeAlphabet has no letter or digit that is easily taken for another.
const CodeAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

const (
	codeTail   = 5
	codeRandom = 6
)

var (
	customerIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	shopperIDPattern  = regexp.MustCompile(`^` + shopperMark + `[a-z2-7]{26}$`)
	pointsCodePattern = regexp.MustCompile(`^[A-Z0-9]{1,5}-[2-9A-HJKMNP-Z]{6}-[0-9]{1,19}(-[0-9]{2,3})?$`)
	// A campaign's code is its prefix, which has 20 characters and a hyphen at most, and six that were drawn.
	campaignCodePattern = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,19}-[2-9A-HJKMNP-Z]{6}$`)
)

// ValidCustomerID reports whether a POS customer id can be used in addresses and codes. The form in which customers of
// the shop are kept who are no members is nobody's in the POS.
func ValidCustomerID(id string) bool {
	return customerIDPattern.MatchString(id) && tail(id) != "" && !IsShopperID(id)
}

// KnownCustomerID reports whether an id has a form in which a customer can be kept at all: a member's, or that of a
// customer of the shop who is none.
func KnownCustomerID(id string) bool { return ValidCustomerID(id) || IsShopperID(id) }

// shopperMark begins the ids of customers of the shop who hold coupons and are no members of the POS.
const shopperMark = "_shop_"

// ShopperID is the id under which a customer of the shop is kept as long as they are no member. It stands in records
// that outlive their wish to be forgotten, so that it is a digest of their number under a key of ours.
func ShopperID(key []byte, shopCustomerGID string) string {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte("shopper\x00" + shopCustomerGID))
	return shopperMark + strings.ToLower(shopperLetters.EncodeToString(mac.Sum(nil)[:16]))
}

var shopperLetters = base32.StdEncoding.WithPadding(base32.NoPadding)

// IsShopperID reports whether an id is that of a customer of the shop who is no member: the POS knows nothing of them.
func IsShopperID(id string) bool { return shopperIDPattern.MatchString(id) }

// NewCode draws a code: the last five letters or digits of the customer's id, six random characters, and the amount as
// a label.
func NewCode(random io.Reader, customerID string, amount Money) (string, error) {
	drawn, err := DrawLetters(random, codeRandom)
	if err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	return tail(customerID) + "-" + drawn + "-" + amount.Label(), nil
}

// NewCampaignCode draws a code of a campaign: its prefix and six random characters. A hyphen stands between them.
func NewCampaignCode(random io.Reader, prefix string) (string, error) {
	drawn, err := DrawLetters(random, codeRandom)
	if err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	return strings.TrimSuffix(prefix, "-") + "-" + drawn, nil
}

// CampaignPrefix is what a campaign's code begins with, for another one like it.
func CampaignPrefix(code string) string { return code[:max(len(code)-codeRandom, 0)] }

// DrawLetters draws from CodeAlphabet. Random bytes are taken without bias: those that do not fit are thrown away.
func DrawLetters(random io.Reader, n int) (string, error) {
	drawn := make([]byte, 0, n)
	limit := byte(256 - 256%len(CodeAlphabet))
	buf := make([]byte, n)
	for len(drawn) < n {
		if _, err := io.ReadFull(random, buf); err != nil {
			return "", err
		}
		for _, b := range buf {
			if b < limit && len(drawn) < n {
				drawn = append(drawn, CodeAlphabet[int(b)%len(CodeAlphabet)])
			}
		}
	}
	return string(drawn), nil
}

// NormalizeCode returns the one form in which a code is stored and compared, and whether it looks like one of ours.
func NormalizeCode(code string) (string, bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	return code, pointsCodePattern.MatchString(code) || campaignCodePattern.MatchString(code)
}

// CodesJoined lists the codes that a text can be one of which was typed without hyphens, in capitals: a member reads one
// out on the phone, and nobody says where it is divided.
func CodesJoined(text string) (list []string) {
	add := func(code string) {
		if code, whole := NormalizeCode(code); whole {
			list = append(list, code)
		}
	}
	if strings.Contains(text, "-") || len(text) <= codeRandom || len(text) > longestJoined {
		return nil
	}
	for before := min(codeTail, len(text)-codeRandom-1); before > 0; before-- {
		drawn := before + codeRandom
		add(text[:before] + "-" + text[before:drawn] + "-" + text[drawn:])
		for _, decimals := range []int{2, 3} {
			if whole := len(text) - decimals; whole > drawn {
				add(text[:before] + "-" + text[before:drawn] + "-" + text[drawn:whole] + "-" + text[whole:])
			}
		}
	}
	add(text[:len(text)-codeRandom] + "-" + text[len(text)-codeRandom:])
	return list
}

// CodeStartJoined is the beginning of a code of points that a text without hyphens can be, where it is longer than what
// codes begin with; empty for none.
func CodeStartJoined(text string) string {
	if strings.Contains(text, "-") || len(text) <= codeTail || len(text) > longestJoined {
		return ""
	}
	drawn := text[codeTail:min(len(text), codeTail+codeRandom)]
	if strings.Trim(drawn, CodeAlphabet) != "" || strings.Trim(text, "0123456789") == "" {
		return "" // digits alone are a number
	}
	start := text[:codeTail] + "-" + drawn
	if len(text) > codeTail+codeRandom {
		start += "-" + text[codeTail+codeRandom:]
	}
	return start
}

// longestJoined is how long a code without its hyphens can be.
const longestJoined = codeTail + codeRandom + 19 + 3

// IsPointsCode reports whether a code, in its one form, looks like one of the campaign of points: no prefix of another
// campaign can make one that does.
func IsPointsCode(code string) bool { return pointsCodePattern.MatchString(code) }

// TakeReference, GiveBackReference and GrantReference name movements in the POS.
func TakeReference(code string) string { return "COUPON-" + code }

// GiveBackReference names the movement that returns what TakeReference(code) took.
func GiveBackReference(code string) string { return "CANCEL-" + code }

// GrantReference names points given after an order was cancelled.
func GrantReference(code string) string { return "GRANT-" + code }

// TakeBackReference names points taken again after a code was used although its points were back.
func TakeBackReference(code string) string { return "RETAKE-" + code }

func tail(id string) string {
	kept := make([]byte, 0, codeTail)
	for i := len(id) - 1; i >= 0 && len(kept) < codeTail; i-- {
		if b := id[i]; b != '_' && b != '-' {
			kept = append(kept, b)
		}
	}
	for i, j := 0, len(kept)-1; i < j; i, j = i+1, j-1 {
		kept[i], kept[j] = kept[j], kept[i]
	}
	return strings.ToUpper(string(kept))
}

// CodeTail is what the codes of a customer begin with, by the customer's id or its end.
func CodeTail(id string) string { return tail(id) }
