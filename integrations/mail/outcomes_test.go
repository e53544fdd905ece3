package mail_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/mail"
	"pointbridge/integrations/sim"
	"pointbridge/test/expect"
)

// covers: H-14
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule sim.Rule
		want domain.Kind
		kept int
	}{
		"recipient refused for now": {sim.Rule{Act: "mail.rcpt", Mode: sim.Status, Code: 451}, domain.KindUnavailable,
			0},
		"recipient refused for good": {sim.Rule{Act: "mail.rcpt", Mode: sim.Refuse, Code: 550}, domain.KindRefused, 0},
		"mail refused for now": {sim.Rule{Act: "mail.data", Mode: sim.Status, Code: 452}, domain.KindUnavailable,
			0},
		"mail refused for good":      {sim.Rule{Act: "mail.data", Mode: sim.Status, Code: 554}, domain.KindRefused, 0},
		"our credentials refused":    {sim.Rule{Act: "mail.rcpt", Mode: sim.Status, Code: 530}, domain.KindAuth, 0},
		"dropped half way":           {sim.Rule{Act: "mail.rcpt", Mode: sim.DropBefore}, domain.KindUnknown, 0},
		"taken, the answer lost":     {sim.Rule{Act: "mail.data", Mode: sim.LoseAnswer}, domain.KindUnknown, 1},
		"taken, the answer nonsense": {sim.Rule{Act: "mail.data", Mode: sim.BrokenAnswer}, domain.KindUnknown, 1},
		"taken, and never a word":    {sim.Rule{Act: "mail.data", Mode: sim.HangAfter}, domain.KindUnknown, 1},
		"never a word after a while": {sim.Rule{Act: "mail.rcpt", Mode: sim.Hang}, domain.KindUnknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, box, faults := start(t, func(config *mail.Config) {
				if c.rule.Mode == sim.Hang || c.rule.Mode == sim.HangAfter {
					config.Timeout = longEnough
				}
			})
			faults.Add(c.rule)
			_, err := m.Send(t.Context(), issued("ja"))
			if err == nil || domain.KindOf(err) != c.want || len(box.Messages()) != c.kept {
				t.Fatalf("%v, %d mails", err, len(box.Messages()))
			}
			if strings.Contains(err.Error(), "example.com") || strings.Contains(err.Error(), "AB72CD") {
				t.Fatalf("an address or a code stands in %v", err)
			}
		})
	}
}

// server is a mail server that answers each command of a mail as told, and 250 where it was told nothing. An empty
// answer closes the connection.
func server(t *testing.T, told map[string]string) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		converse(conn, told)
	}()
	return l.Addr().String()
}

func converse(conn io.ReadWriter, told map[string]string) {
	lines := bufio.NewScanner(conn)
	said := "220 ready"
	for inside := false; ; {
		if !inside {
			if _, err := io.WriteString(conn, said+"\r\n"); err != nil {
				return
			}
			inside = strings.HasPrefix(said, "354")
		}
		if !lines.Scan() {
			return
		}
		if inside && lines.Text() != "." {
			continue
		}
		inside = false
		command, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		answer, known := told[command]
		switch {
		case known && answer == "":
			return
		case known:
			said = answer
		case command == "DATA":
			said = "354 go on"
		default:
			said = "250 fine"
		}
	}
}

func TestOddServers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		told map[string]string
		want domain.Kind
	}{
		"it takes the mail":                   {nil, ""},
		"it takes the mail and hangs up":      {map[string]string{"RSET": "", "QUIT": ""}, ""},
		"it takes the mail and knows no RSET": {map[string]string{"RSET": "502 what?"}, ""},
		"it refuses the sender": {map[string]string{"MAIL": "550 5.7.1 shop@example.com may not send"},
			domain.KindAuth},
		"it has no time": {map[string]string{"EHLO": "421 later", "HELO": "421 later"},
			domain.KindUnavailable},
		"it wants credentials": {map[string]string{"MAIL": "530 5.7.0 authentication required"},
			domain.KindAuth},
		"it refuses the text":                    {map[string]string{"DATA": "554 no"}, domain.KindRefused},
		"it hangs up before the text was ended":  {map[string]string{"DATA": ""}, domain.KindUnknown},
		"it hangs up once the text was ended":    {map[string]string{".": ""}, domain.KindUnknown},
		"it names the customer in its refusal":   {map[string]string{"RCPT": "550 5.1.1 <Taro.Yamada+shop@example.com> unknown"}, domain.KindRefused},
		"it names the customer and has no place": {map[string]string{"RCPT": "452 <Taro.Yamada+shop@example.com> is full"}, domain.KindUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := mailer(t, server(t, c.told), nil).Send(t.Context(), issued("ja"))
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || domain.KindOf(err) != c.want || strings.Contains(err.Error(), "example.com") {
				t.Fatalf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestNothingWasSent(t *testing.T) {
	t.Parallel()
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		if _, err := mailer(t, l.Addr().String(), nil).Send(t.Context(),
			issued("ja")); domain.KindOf(err) != domain.KindUnavailable {
			t.Fatal(err)
		}
	})
	t.Run("a host that does not exist", func(t *testing.T) {
		t.Parallel()
		if _, err := mailer(t, "mail.invalid:25", nil).Send(t.Context(),
			issued("ja")); domain.KindOf(err) != domain.KindUnavailable {
			t.Fatal(err)
		}
	})
	t.Run("a server without TLS where TLS is a must", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, func(c *mail.Config) { c.TLS = "mandatory" })
		if _, err := m.Send(t.Context(), issued("ja")); domain.KindOf(err) != domain.KindUnavailable ||
			len(box.Messages()) != 0 {
			t.Fatal(err)
		}
	})
	t.Run("the caller gives up", func(t *testing.T) {
		t.Parallel()
		m, box, faults := start(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		faults.OnAct(func(act string, _ sim.Phase) {
			if act == "mail.rcpt" {
				cancel()
			}
		})
		faults.Add(sim.Rule{Act: "mail.rcpt", Mode: sim.Hang})
		if _, err := m.Send(ctx, issued("ja")); err == nil || !errors.Is(ctx.Err(), context.Canceled) ||
			len(box.Messages()) != 0 {
			t.Fatal(err)
		}
	})
	t.Run("a mail without a text is refused, not half sent", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		what := issued("ja")
		what.Kind = "unheard_of"
		if _, err := m.Send(t.Context(), what); domain.KindOf(err) != domain.KindRefused || len(box.Messages()) != 0 {
			t.Fatal(err)
		}
	})
	t.Run("what is no address is refused", func(t *testing.T) {
		t.Parallel()
		m, box, _ := start(t, nil)
		for _, to := range []string{"", "nobody", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com",
			"a@example.com>\r\nRCPT TO:<b@example.com"} {
			what := issued("ja")
			what.To = to
			_, err := m.Send(t.Context(), what)
			expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindRefused, to, err)
			expect.MustEqual(t, "len(box.Messages())", len(box.Messages()), 0, to, err)
			expect.That(t, `err.Error() not to contain "example.com"`, !strings.Contains(err.Error(), "example.com"),
				to, err)
		}
	})
}
