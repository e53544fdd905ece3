package api

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"pointbridge/domain"
)

const (
	maxBody = 64 << 10
	maxKey  = 128

	keyHeader = "Idempotency-Key"
)

// intake checks what huma does not: repeated parameters, the idempotency key, and the body's type and size.
func intake(w http.ResponseWriter, r *http.Request, to route) error {
	if err := checkQuery(r.URL.RawQuery); err != nil {
		return err
	}
	if to.keyed {
		if err := checkKey(r.Header.Values(keyHeader)); err != nil {
			return err
		}
	}
	if !to.hasBody() {
		return nil
	}
	if !isJSON(r.Header) {
		return domain.Refuse(domain.CodeUnsupportedMedia)
	}
	// What was accepted in any spelling is known to huma in one.
	r.Header.Set("Content-Type", "application/json")
	return readBody(w, r, to.bodyLimit())
}

// checkQuery refuses what a lenient parser would drop or choose from in silence.
func checkQuery(raw string) error {
	if raw == "" {
		return nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return wrong("query", "query")
	}
	for name, list := range values {
		if len(list) > 1 {
			return wrong("query."+name, "repeated")
		}
		if !domain.PlainText(list[0]) {
			return wrong("query."+name, "invalid")
		}
	}
	return nil
}

func checkKey(values []string) error {
	switch {
	case len(values) == 0 || values[0] == "":
		return domain.Refuse(domain.CodeKeyMissing)
	case len(values) > 1:
		return wrong("header."+keyHeader, "repeated")
	case !visibleASCII(values[0]):
		return wrong("header."+keyHeader, "visible_ascii")
	default:
		return nil
	}
}

func visibleASCII(key string) bool {
	outside := func(r rune) bool { return r < '!' || r > '~' }
	return key != "" && len(key) <= maxKey && !strings.ContainsFunc(key, outside)
}

// isJSON accepts application/json as it is: no compression, no other character set.
func isJSON(h http.Header) bool {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media != "application/json" || len(h.Values("Content-Type")) > 1 {
		return false
	}
	charset, encoding := params["charset"], h.Get("Content-Encoding")
	return (charset == "" || strings.EqualFold(charset, "utf-8")) && (encoding == "" || strings.EqualFold(encoding,
		"identity"))
}

// readBody reads the whole body before anything looks at it. The time for it is the server's own limit.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return domain.Refuse(domain.CodeBodyTooLarge, "maximum_bytes", limit)
	case err != nil:
		return wrong("body", "body")
	case len(body) == 0:
		return wrong("body", "required")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}
