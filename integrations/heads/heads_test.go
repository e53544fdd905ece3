package heads_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/heads"
	"pointbridge/test/expect"
)

const shared = "what both sides know, and nobody else does"

func now() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

func tip() audit.Tip {
	return audit.NewKeys("a secret of at least thirty-two letters").After(audit.Tip{}, audit.Row{ID: 1, Action: "x"})
}

func TestFileTakesOneLineForEachHead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heads.jsonl")
	f := heads.File{Path: path, Now: now}
	for range 2 {
		if err := f.Ship(t.Context(), tip()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path) //nolint:gosec // of this test
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var got map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if got["head"] != tip().Head.String() || got["key"] != tip().Key || got["mac"] != tip().MAC.String() ||
		got["at"] != "2026-12-01T12:00:00Z" {
		t.Errorf("written: %v", got)
	}
	if err := (heads.File{Path: filepath.Join(t.TempDir(), "no", "folder"), Now: now}).Ship(t.Context(),
		tip()); err == nil {
		t.Error("a head that was not written is no fault")
	}
}

func TestHookSendsASignedHead(t *testing.T) {
	t.Parallel()
	var body []byte
	var signature string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		signature = r.Header.Get(heads.SignatureHeader)
	}))
	t.Cleanup(s.Close)
	if err := heads.NewHook(s.URL, shared, now, s.Client()).Ship(t.Context(), tip()); err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(shared))
	mac.Write(body)
	if signature != base64.StdEncoding.EncodeToString(mac.Sum(nil)) || !strings.Contains(string(body),
		tip().Head.String()) {
		t.Errorf("%s, signed %s", body, signature)
	}
}

func TestHookSaysWhatBecameOfAHead(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		kind   domain.Kind
		wait   time.Duration
	}{
		"refused": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
			domain.KindUnknown, 0},
		"led elsewhere": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", http.StatusFound) }, domain.KindUnknown, 0},
		"broken": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			domain.KindUnknown, 0},
		"a long answer": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) },
			domain.KindUnknown, 0},
		"told to go slow": {slow, domain.KindThrottled, 7 * time.Second},
		"nobody is there": {nil, domain.KindUnavailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(tc.answer)
			if tc.answer == nil {
				s.Close()
			} else {
				t.Cleanup(s.Close)
			}
			err := heads.NewHook(s.URL, shared, now, &http.Client{}).Ship(context.WithoutCancel(t.Context()), tip())
			expect.MustThat(t, "err != nil", err != nil)
			expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), tc.kind)
			expect.Equal(t, "domain.RetryAfterOf(err)", domain.RetryAfterOf(err), tc.wait)
			expect.That(t, "err.Error() not to contain s.URL", !strings.Contains(err.Error(), s.URL), s.URL, err)
		})
	}
}

func slow(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "7")
	w.WriteHeader(http.StatusTooManyRequests)
}
