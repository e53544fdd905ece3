package pages

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

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
	if err := unread(r.Gin.Request.ParseForm(), maxForm); err != nil {
		return err
	}
	return plainFields(r.Gin.Request.PostForm)
}

// uploadField ends the name of a field for a file: its text counts as typed into the field that is called like it. The
// names differ because a browser sends a field for a file also where none was chosen.
const uploadField = "_file"

// ReadUpload reads a posted form with a file in it, of so many bytes at most. The file stays in memory: what stands in it is nobody's business on a disk.
func (r *Request) ReadUpload(most int64) error {
	most += maxForm
	r.Gin.Request.Body = http.MaxBytesReader(r.Gin.Writer, r.Gin.Request.Body, most)
	err := r.Gin.Request.ParseForm()
	if err == nil {
		err = r.Gin.Request.ParseMultipartForm(most)
	}
	if errors.Is(err, http.ErrNotMultipart) { // it is read already
		return plainFields(r.Gin.Request.PostForm)
	}
	if err := unread(err, most); err != nil {
		return err
	}
	form, fields := r.Gin.Request.MultipartForm, r.Gin.Request.PostForm
	defer func() { _ = form.RemoveAll() }()
	for name, files := range form.File {
		for _, file := range files {
			if file.Size == 0 { // no file was chosen
				continue
			}
			text, err := textOf(file)
			if err != nil {
				return err
			}
			into := strings.TrimSuffix(name, uploadField)
			if typed := fields[into]; len(typed) == 1 && strings.TrimSpace(typed[0]) == "" {
				fields.Del(into)
			}
			fields[into] = append(fields[into], text)
		}
	}
	return plainFields(fields)
}

// textOf is the text of a file. Spreadsheets in Japan still write the text that Windows has there. What is no text in
// it is marked, so that whoever reads it can say so.
func textOf(file *multipart.FileHeader) (string, error) {
	f, err := file.Open()
	if err != nil {
		return "", err
	}
	raw, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	if !utf8.Valid(raw) {
		if raw, err = japanese.ShiftJIS.NewDecoder().Bytes(raw); err != nil {
			return "", err
		}
	}
	return strings.ReplaceAll(string(raw), "\x00", "\uFFFD"), nil
}

func unread(err error, most int64) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return domain.Refuse(domain.CodeBodyTooLarge, "maximum_bytes", most)
	default:
		return domain.Refuse(domain.CodeValidation)
	}
}

func plainFields(fields url.Values) error {
	for name, values := range fields {
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
