// Package totp knows the codes of authenticator apps (RFC 6238), in the form that every app understands: SHA-1, six
// digits, thirty seconds.
package totp

import (
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

const (
	period = 30
	// around is how many steps before and after are good as well: clocks differ, and people type.
	around = 1
	// margin is the white around a picture that cameras need, in its units.
	margin = 4
)

// Codes implements staff.TOTP.
type Codes struct{}

func options() totp.ValidateOpts {
	return totp.ValidateOpts{Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
}

// Enrol implements staff.TOTP. The secret has 160 random bits.
func (c Codes) Enrol(shop, account string) (secret, uri string, err error) {
	key, err := totp.Generate(
		totp.GenerateOpts{Issuer: issuer(shop), AccountName: account, Period: period, SecretSize: 20},
	)
	if err != nil {
		return "", "", fmt.Errorf("make a secret: %w", err)
	}
	return key.Secret(), c.URI(shop, account, key.Secret()), nil
}

// URI implements staff.TOTP.
func (Codes) URI(shop, account, secret string) string {
	return "otpauth://totp/" + escape(issuer(shop)) + ":" + escape(account) + "?secret=" + secret +
		"&issuer=" + escape(issuer(shop)) + "&algorithm=SHA1&digits=6&period=30"
}

// escape leaves no sign that ends a name in one app or another: & ends the issuer in all, some read + as a blank, and
// some take an address as a whole for none where a & stands in the label.
func escape(name string) string { return strings.ReplaceAll(url.QueryEscape(name), "+", "%20") }

// issuer is the shop's name as a label can hold it: a colon would end it.
func issuer(shop string) string { return strings.ReplaceAll(shop, ":", " ") }

// Step implements staff.TOTP. Every step is compared, whichever it is.
func (Codes) Step(secret, code string, at time.Time) (step int64) {
	if _, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err != nil {
		return 0
	}
	now := at.Unix() / period
	for s := now - around; s <= now+around; s++ {
		right, err := totp.GenerateCodeCustom(secret, time.Unix(s*period, 0), options())
		if err == nil && subtle.ConstantTimeCompare([]byte(right), []byte(code)) == 1 {
			step = s
		}
	}
	return step
}

// Picture implements staff.TOTP: a path of one unit for each dark field.
func (Codes) Picture(uri string) (path string, size int, err error) {
	code, err := qr.Encode(uri, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("draw a code: %w", err)
	}
	var b strings.Builder
	bounds := code.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				_, _ = fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+margin, y+margin)
			}
		}
	}
	return b.String(), bounds.Dx() + 2*margin, nil
}
