package mailbox_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/sim/mailbox"
)

func TestPages(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, body := get(t, b.Handler(), "/"); !strings.Contains(body, "No mail has arrived yet.") {
		t.Error(body)
	}
	sent := `<p onclick="steal()">"é" &amp; <a href="https://shop.example/discount/A">円</a></p><script>steal()</script>`
	b.deliver("Subject: <script>steal()</script>\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n" + sent)
	for _, path := range []string{"/", "/mails/1"} {
		w, body := get(t, b.Handler(), path)
		if strings.Contains(body, "<script") || !strings.Contains(body, "&lt;script&gt;steal()&lt;/script&gt;") {
			t.Errorf("%s does not escape: %s", path, body)
		}
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "script-src") ||
			w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s is served with %v", path, w.Header())
		}
	}
	_, body := get(t, b.Handler(), "/mails/1")
	_, frame, _ := strings.Cut(body, `<iframe`)
	frame, _, _ = strings.Cut(frame, `></iframe>`)
	attributes, document, _ := strings.Cut(frame, ` srcdoc="`)
	if !strings.Contains(attributes, `sandbox="`) || strings.Contains(attributes, "allow-scripts") ||
		strings.Contains(attributes, "allow-same-origin") {
		t.Errorf("the frame is %s", attributes)
	}
	if got := html.UnescapeString(strings.TrimSuffix(document, `"`)); !strings.HasPrefix(got,
		`<!doctype html><meta name="color-scheme" content="only light"><base target="_blank">`) ||
		!strings.HasSuffix(strings.TrimSpace(got), ">"+sent) {
		t.Errorf("the frame shows %s", got)
	}
}

// The pages speak Japanese and English: as the browser asks, or as the reader chose, from then on.
func TestLanguages(t *testing.T) {
	t.Parallel()
	b := open(t)
	ask := func(path string, header http.Header) (*http.Response, string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header = header
		w := httptest.NewRecorder()
		b.Handler().ServeHTTP(w, r)
		return w.Result(), w.Body.String() //nolint:bodyclose // a recorder's
	}
	if _, body := ask("/", http.Header{"Accept-Language": {"ja"}}); !strings.Contains(body,
		"メールはまだ届いていません。") {
		t.Error(body)
	}
	b.deliver("Content-Type: text/html\r\n\r\n<p>hello</p>")
	says := map[string][]string{"ja": {`<html lang="ja">`, "（件名なし）", `>English</a>`}, "en": {`<html lang="en">`,
		"(no subject)", `>日本語</a>`}}
	mine := map[string][]string{"ja": {"宛先", "差出人", "受信日時", "HTMLで表示", "メール一覧"},
		"en": {"To", "From", "Arrived", "As HTML", "All mails"}}
	for name, c := range map[string]struct {
		query, accept, cookie, want string
	}{
		"asked for":           {"", "ja-JP,ja;q=0.9,en;q=0.5", "", "ja"},
		"the first asked for": {"", "en,ja;q=0.9", "", "en"},
		"neither":             {"", "fr", "", "en"},
		"nothing":             {"", "", "", "en"},
		"chosen":              {"?lang=ja", "en", "en", "ja"},
		"chosen otherwise":    {"?lang=en", "ja", "ja", "en"},
		"chosen before":       {"", "en", "ja", "ja"},
		"no choice":           {"?lang=xx", "ja", "yy", "ja"},
	} {
		header := http.Header{"Accept-Language": {c.accept}, "Cookie": {"mailbox_lang=" + c.cookie}}
		for _, path := range []string{"/", "/mails/1"} {
			res, body := ask(path+c.query, header)
			words := says[c.want]
			if path != "/" {
				words = append(mine[c.want], words...)
			}
			for _, word := range words {
				if !strings.Contains(body, word) {
					t.Errorf("%s: %s does not say %q: %s", name, path, word, body)
				}
			}
			kept := len(res.Cookies()) == 1 && res.Cookies()[0].Value == c.want
			if res.Header.Get("Content-Language") != c.want || kept != (strings.HasPrefix(name, "chosen") &&
				c.query != "") {
				t.Errorf("%s: %s is answered with %v", name, path, res.Header)
			}
		}
	}
}

func TestFaultsFromOutside(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *mailbox.Config) { c.Username, c.Password = "shop", "secret" })
	ask := func(username, password string) int {
		r := httptest.NewRequest(http.MethodPost, "/_sim/faults",
			strings.NewReader(`{"act":"mail.data","mode":"refuse"}`))
		r.SetBasicAuth(username, password)
		w := httptest.NewRecorder()
		b.Handler().ServeHTTP(w, r)
		return w.Code
	}
	if got := ask("shop", "wrong"); got != 401 {
		t.Errorf("a stranger is answered %d", got)
	}
	if _, ok := b.faults.Take("mail.data", ""); ok {
		t.Error("a stranger was obeyed")
	}
	if got := ask("shop", "secret"); got != 204 {
		t.Errorf("answered %d", got)
	}
	if _, ok := b.faults.Take("mail.data", ""); !ok {
		t.Error("not obeyed")
	}
	none := open(t, func(c *mailbox.Config) { c.Faults = nil })
	if got := code(none.send(taro, plain, nil)); got != 250 {
		t.Errorf("without faults answered %d", got)
	}
	if w, _ := get(t, none.Handler(), "/_sim/faults"); w.Code != 404 {
		t.Errorf("without faults the surface is answered %d", w.Code)
	}
}

func TestBadJournal(t *testing.T) {
	t.Parallel()
	if _, err := mailbox.New(mailbox.Config{Path: t.TempDir()}); err == nil {
		t.Error("a folder was opened as a journal")
	}
}

// TestTheTimesOfThePages are those of the shop's clocks.
func TestTheTimesOfThePages(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *mailbox.Config) { c.Zone = time.FixedZone("JST", 9*3600) })
	b.deliver("Subject: hello\r\n\r\nhello")
	for _, path := range []string{"/", "/mails/1"} {
		if _, body := get(t, b.Handler(), path); !strings.Contains(body, "2026-11-21 10:02:03 JST") {
			t.Errorf("%s: %s", path, body)
		}
	}
}
