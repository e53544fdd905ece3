package pages

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"

	"pointbridge/domain"
)

const (
	// FormToken is the field that proves a form to be of a page of ours.
	FormToken = "form_token"
	// maxForm bounds a form in bytes: the longest note fits, in any script and escaped.
	maxForm = 64 << 10
	// maxFormKey bounds the key under which a form has one effect, in bytes; ours are much shorter.
	maxFormKey = 128
)

// ReadForm reads a posted form: each field once, and text only. Of two values nobody could tell which one was meant.
func (r *Request) ReadForm() error {
	r.Gin.Request.Body = http.MaxBytesReader(r.Gin.Writer, r.Gin.Request.Body, maxForm)
	if err := r.Gin.Request.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return domain.Refuse(domain.CodeBodyTooLarge, "maximum_bytes", maxForm)
		}
		return domain.Refuse(domain.CodeValidation)
	}
	for name, values := range r.Gin.Request.PostForm {
		if len(values) != 1 || !domain.PlainText(values[0]) || (name == "key" && len(values[0]) > maxFormKey) {
			return domain.Refuse(domain.CodeValidation)
		}
	}
	return nil
}

// Proves reports whether the form carries this token; an empty token proves nothing.
func (r *Request) Proves(token string) bool { return token != "" && Same(r.Field(FormToken), token) }

// Sign returns a text's signature for one purpose. It cannot be made without the service's secret.
func (b *Base) Sign(purpose, text string) string {
	mac := hmac.New(sha256.New, b.Secret)
	mac.Write([]byte(purpose + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Same compares what somebody brings with what it has to be, in a time that tells nothing of where they differ.
func Same(brought, wanted string) bool { return hmac.Equal([]byte(brought), []byte(wanted)) }

// NewKey draws the key under which a form, however often it is sent, has one effect.
func NewKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// keyPattern is a key that pages draw. A form of an earlier version, still open somewhere, may have a key of 24.
var keyPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{22}(?:[A-Za-z0-9_-]{2})?$`)

// IsKey reports whether a text can be a key that NewKey drew.
func IsKey(text string) bool { return keyPattern.MatchString(text) }
