package mailbox_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/textproto"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/sim/mailbox"
	"pointbridge/test/expect"
)

const (
	shop    = "shop@example.com"
	taro    = "Yamada.Taro+till@example.com"
	plain   = "Subject: Hello\r\nMessage-ID: <1@example.com>\r\n\r\nA line.\r\n"
	subject = "クーポンが発行されました"
	words   = "山田 太郎 様\r\n500円引きのクーポンです。"
)

// box is a mailbox that listens on a port of its own.
type box struct {
	*mailbox.Server
	t      *testing.T
	addr   string
	faults *sim.Faults
}

func open(t *testing.T, change ...func(*mailbox.Config)) box {
	t.Helper()
	faults := &sim.Faults{}
	cfg := mailbox.Config{Faults: faults, Clock: func() time.Time { return time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC) }}
	for _, f := range change {
		f(&cfg)
	}
	s, err := mailbox.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	return box{s, t, l.Addr().String(), faults}
}

// send delivers a mail; the error is the server's.
func (b box) send(to, mail string, auth smtp.Auth) error {
	return smtp.SendMail(b.addr, auth, shop, []string{to}, []byte(mail))
}

func (b box) deliver(mail string) mailbox.Message {
	b.t.Helper()
	if err := b.send(taro, mail, nil); err != nil {
		b.t.Fatal(err)
	}
	return b.Messages()[0]
}

// code returns the SMTP code of a refusal, 0 when the connection broke, 250 when all went well.
func code(err error) int {
	var said *textproto.Error
	switch {
	case err == nil:
		return 250
	case errors.As(err, &said):
		return said.Code
	default:
		return 0
	}
}

func jis(t *testing.T, text string) string {
	t.Helper()
	encoded, err := japanese.ISO2022JP.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestMailsAreDecoded(t *testing.T) {
	t.Parallel()
	type parts struct{ subject, text, html string }
	for name, c := range map[string]struct {
		mail string
		want parts
	}{
		"plain": {plain, parts{"Hello", "A line.\r\n", ""}},
		"UTF-8 in base64, both alternatives": {
			"Subject: =?UTF-8?B?" + b64(subject) +
				"?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
				"--b\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
				b64(words) + "\r\n" +
				"--b\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
				b64("<p>"+words+"</p>") + "\r\n--b--\r\n",
			parts{subject, words, "<p>" + words + "</p>"},
		},
		"ISO-2022-JP": {
			"Subject: =?ISO-2022-JP?B?" + b64(jis(t, subject)) +
				"?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n" +
				"Content-Transfer-Encoding: 7bit\r\n\r\n" + jis(t, words) + "\r\n",
			parts{subject, words + "\r\n", ""},
		},
		"quoted-printable": {
			"Subject: =?utf-8?q?=C3=A9t=C3=A9?=\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n" +
				"Content-Transfer-Encoding: quoted-printable\r\n\r\n<b>=E5=86=86</b> soft=\r\nbreak\r\n",
			parts{"été", "", "<b>円</b> softbreak\r\n"},
		},
		"an attachment beside the text": {
			"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nkept\r\n" +
				"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\npassed over\r\n--b--\r\n",
			parts{"x", "kept", ""},
		},
		"a charset nobody knows": {
			"Subject: =?x-none?B?QQ==?=\r\nContent-Type: text/plain; charset=x-none\r\n\r\nas it came\r\n",
			parts{"=?x-none?B?QQ==?=", "as it came\r\n", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := open(t).deliver(c.mail)
			if got := (parts{m.Subject, m.Text, m.HTML}); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	b := open(t)
	m := b.deliver("To: someone-else@example.com\r\nX-Event: =?UTF-8?B?" + b64("発行") + "?=\r\n" + plain)
	expect.Equal(t, "m.To", m.To, taro)
	expect.Equal(t, "m.From", m.From, shop)
	expect.Equal(t, "m.MessageID", m.MessageID, "1@example.com")
	expect.Equal(t, "m.N", m.N, 1)
	expect.That(t, "m.At to equal time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)",
		m.At.Equal(time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)), m.At)
	if got := m.Headers["X-Event"]; !reflect.DeepEqual(got, []string{"発行"}) {
		t.Errorf("X-Event is %q", got)
	}
	b.deliver(plain)
	if list := b.Messages(); len(list) != 2 || list[0].N != 2 || list[0].MessageID != list[1].MessageID {
		t.Errorf("the same mail twice is kept as %+v", list)
	}
	if got := code(b.send(taro, "no header at all", nil)); got != 554 {
		t.Errorf("nonsense is answered %d", got)
	}
	if got := code(b.send(taro, plain+strings.Repeat("x\r\n", 1<<19), nil)); got != 552 {
		t.Errorf("a mail too big is answered %d", got)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *mailbox.Config) { c.Username, c.Password = "shop", "secret" })
	for name, c := range map[string]struct {
		auth smtp.Auth
		want int
	}{
		"none":           {nil, 502},
		"wrong password": {smtp.PlainAuth("", "shop", "secrex", "127.0.0.1"), 535},
		"wrong username": {smtp.PlainAuth("", "shoq", "secret", "127.0.0.1"), 535},
		"right":          {smtp.PlainAuth("", "shop", "secret", "127.0.0.1"), 250},
	} {
		if got := code(b.send(taro, plain, c.auth)); got != c.want {
			t.Errorf("%s: answered %d, want %d", name, got, c.want)
		}
	}
	if n := len(b.Messages()); n != 1 {
		t.Errorf("%d mails were taken", n)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule sim.Rule
		kept int
		code int // 0: no answer, or none that makes sense
	}{
		{sim.Rule{Act: "mail.rcpt", Mode: sim.Refuse}, 0, 550},
		{sim.Rule{Act: "mail.rcpt", Mode: sim.Status, Code: 450}, 0, 450},
		{sim.Rule{Act: "mail.rcpt", Mode: sim.DropBefore}, 0, 0},
		{sim.Rule{Act: "mail.data", Mode: sim.Refuse}, 0, 550},
		{sim.Rule{Act: "mail.data", Mode: sim.Throttle}, 0, 451},
		{sim.Rule{Act: "mail.data", Mode: sim.Status}, 0, 451},
		{sim.Rule{Act: "mail.data", Mode: sim.Status, Code: 552}, 0, 552},
		{sim.Rule{Act: "mail.data", Mode: sim.Internal}, 0, 451},
		{sim.Rule{Act: "mail.data", Mode: sim.DropBefore}, 0, 0},
		{sim.Rule{Act: "mail.data", Mode: sim.StatusAfter}, 1, 451},
		{sim.Rule{Act: "mail.data", Mode: sim.InternalAfter}, 1, 451},
		{sim.Rule{Act: "mail.data", Mode: sim.LoseAnswer}, 1, 0},
		{sim.Rule{Act: "mail.data", Mode: sim.BrokenAnswer}, 1, 0},
	} {
		t.Run(c.rule.Act+" "+string(c.rule.Mode), func(t *testing.T) {
			t.Parallel()
			b := open(t)
			c.rule.Match = func(to string) bool { return to == taro }
			b.faults.Add(c.rule)
			if got := code(b.send("other@example.com", plain, nil)); got != 250 {
				t.Errorf("somebody else's mail is answered %d", got)
			}
			if got, n := code(b.send(taro, plain, nil)), len(b.Messages())-1; got != c.code || n != c.kept {
				t.Errorf("answered %d and kept %d, want %d and %d", got, n, c.code, c.kept)
			}
			if got, n := code(b.send(taro, plain, nil)), len(b.Messages())-1; got != 250 || n != c.kept+1 {
				t.Errorf("afterwards answered %d and kept %d", got, n)
			}
		})
	}
}

func TestHangEndsWithTheMailbox(t *testing.T) {
	t.Parallel()
	for mode, want := range map[sim.Mode]int{sim.Hang: 0, sim.HangAfter: 1} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			b := open(t)
			reached := make(chan struct{})
			var once sync.Once
			b.faults.OnAct(func(act string, phase sim.Phase) {
				if act == "mail.data" && (phase == sim.After) == (mode == sim.HangAfter) {
					once.Do(func() { close(reached) })
				}
			})
			b.faults.Add(sim.Rule{Act: "mail.data", Mode: mode})
			sent := make(chan error, 1)
			go func() { sent <- b.send(taro, plain, nil) }()
			<-reached
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			if got, n := code(<-sent), len(b.Messages()); got != 0 || n != want {
				t.Errorf("answered %d and kept %d, want nothing and %d", got, n, want)
			}
		})
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mail.jsonl")
	kept := func(c *mailbox.Config) { c.Path = path }
	first := open(t, kept)
	first.deliver("Subject: =?UTF-8?B?" + b64(subject) + "?=\r\n\r\n" + words)
	first.deliver(plain)
	second := open(t, kept) // the first was not closed
	if !reflect.DeepEqual(first.Messages(), second.Messages()) || len(second.Messages()) != 2 {
		t.Fatalf("reopened with %d messages (-before +after):\n%s", len(second.Messages()), cmp.Diff(first.Messages(),
			second.Messages()))
	}
	if m := second.deliver(plain); m.N != 3 {
		t.Errorf("the next mail is number %d", m.N)
	}
}

func TestManyTogether(t *testing.T) {
	t.Parallel()
	b := open(t)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if err := b.send(taro, plain, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	seen := map[int]bool{}
	for _, m := range b.Messages() {
		seen[m.N] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d mails were kept", len(seen))
	}
}

func TestServeAfterClose(t *testing.T) {
	t.Parallel()
	s, err := mailbox.New(mailbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Serve(l), s.Close()); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, h http.Handler, path string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w, string(body)
}

func TestMessagesAsJSON(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, body := get(t, b.Handler(), "/messages"); strings.TrimSpace(body) != "[]" {
		t.Errorf("an empty mailbox is %s", body)
	}
	b.deliver(plain)
	b.deliver("Subject: =?UTF-8?B?" + b64(subject) + "?=\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n" + words)
	w, body := get(t, b.Handler(), "/messages")
	var list []map[string]any
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 2 ||
		w.Header().Get("Content-Type") != "application/json" {
		t.Fatal(err, body)
	}
	html, _ := list[0]["html"].(string)
	expect.MustEqual(t, `list[0]["to"]`, list[0]["to"], taro, list[0])
	expect.MustEqual(t, `list[0]["subject"]`, list[0]["subject"], subject, list[0])
	expect.Equal(t, "strings.TrimSpace(html)", strings.TrimSpace(html), words, list[0])
	expect.MustEqual(t, `list[0]["text"]`, list[0]["text"], "", list[0])
	expect.Equal(t, `list[0]["at"]`, list[0]["at"], "2026-11-21T01:02:03Z", list[0])
	_, body = get(t, b.Handler(), "/messages/1")
	var one mailbox.Message
	expect.MustEqual(t, "json.Unmarshal([]byte(body), &one)", json.Unmarshal([]byte(body), &one), nil, body)
	expect.Equal(t, "one.Subject", one.Subject, "Hello", body)
	for _, path := range []string{"/messages/3", "/messages/x", "/mails/3", "/nowhere"} {
		if w, _ := get(t, b.Handler(), path); w.Code != 404 {
			t.Errorf("%s is answered %d", path, w.Code)
		}
	}
}
