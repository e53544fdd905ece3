// Package heads takes heads of the audit to where whoever can change the database cannot: a file that is only written
// at its end, and an address that takes them in.
package heads

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/private"
	"pointbridge/integrations/upstream"
)

const (
	// SignatureHeader holds the signature of the body: HMAC-SHA256 with the shared secret, in base64.
	SignatureHeader = "X-Pointbridge-Hmac-Sha256"
	timeout         = 10 * time.Second
	answerLimit     = 64 << 10
)

// line is a head as it is written down. Head alone is what `audit verify --expect` takes.
type line struct {
	Head      string `json:"head"`
	Seq       int64  `json:"seq"`
	Hash      string `json:"hash"`
	Key       string `json:"key,omitempty"`
	KeyedFrom int64  `json:"keyed_from,omitempty"`
	MAC       string `json:"mac,omitempty"`
	At        string `json:"at"`
}

func written(t audit.Tip, at time.Time) []byte {
	l := line{Head: t.Head.String(), Seq: t.Seq, Hash: t.Hash.String(), At: at.UTC().Format(time.RFC3339)}
	if t.From != 0 {
		l.Key, l.KeyedFrom, l.MAC = t.Key, t.From, t.MAC.String()
	}
	text, _ := json.Marshal(l) // texts and numbers only
	return text
}

// File is a file that heads are written to, one a line.
type File struct {
	Path string
	Now  func() time.Time
}

// Ship implements audit.Outlet. It returns when the line is on the disk. The file is opened each time, so that it can
// be put away and begun anew.
func (f File) Ship(_ context.Context, t audit.Tip) error {
	file, err := private.Append(f.Path)
	if err != nil {
		return err
	}
	_, err = file.Write(append(written(t, f.Now()), '\n'))
	return errors.Join(err, file.Sync(), file.Close())
}

// Hook is an address that takes heads in.
type Hook struct {
	url    string
	secret []byte
	now    func() time.Time
	client *upstream.Client
}

// NewHook makes a hook. It follows no redirects.
func NewHook(url, secret string, now func() time.Time, client *http.Client) *Hook {
	return &Hook{url: url, secret: []byte(secret), now: now, client: upstream.New(client, answerLimit)}
}

// Ship implements audit.Outlet: one attempt. A head may arrive twice, and two may arrive in either order; each is true
// for its number.
func (h *Hook) Ship(ctx context.Context, t audit.Tip) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body := written(t, h.now())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return failed(domain.KindUnavailable, "", 0, errors.New("the address cannot be asked"))
	}
	mac := hmac.New(sha256.New, h.secret)
	_, _ = mac.Write(body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(SignatureHeader, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	res, err := h.client.Do(req)
	switch {
	case err != nil:
		return failed(upstream.Outcome(err), "", 0, err)
	case res.Status >= 200 && res.Status < 300:
		return nil
	case res.Status == http.StatusTooManyRequests:
		return failed(domain.KindThrottled, "", res.RetryAfter(h.now()), nil)
	default:
		// Also a refusal is tried again: what is wrong there, somebody will put right, and no later try can do harm.
		return failed(domain.KindUnknown, "status_"+strconv.Itoa(res.Status), 0, nil)
	}
}

func failed(kind domain.Kind, reason string, wait time.Duration, err error) error {
	return &domain.UpstreamError{Kind: kind, Upstream: "audit_heads", Act: "ship", Reason: reason, RetryAfter: wait,
		Err: err}
}
