package process

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestLogOfAProcess reads every line that a serving process prints over a life with good and bad days.
func TestLogOfAProcess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := world.NewProcesses(t, db, "LOG_LEVEL=debug", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s", "STEP_LEASE=1500ms",
			"SETTLE_AFTER=1500ms") // a side that hangs is given up soon
		if err := b.Populate(demo.People()); err != nil {
			t.Fatal(err)
		}
		p := b.Start()
		l := &logRun{t: t, b: b, p: p, member: "8812370934", other: "12345"}
		l.live()
		p.Terminate()
		world.Await(t, "the process ends", p.Ended)
		if p.Err != nil {
			t.Fatal(p.Err)
		}
		l.check(p.Log.String())
	})
}

// logRun is what was asked of the process, and what must not stand in its log.
type logRun struct {
	t             *testing.T
	b             *world.Processes
	p             *world.Proc
	member, other string
	serial        int
	asked         map[string]int // status by request id
	private       []string
}

// ask makes one request under an id of its own.
func (l *logRun) ask(token, method, path, key, body string) world.Answer {
	l.t.Helper()
	l.serial++
	id := fmt.Sprintf("log-request-%03d", l.serial)
	req, err := http.NewRequestWithContext(l.t.Context(), method, l.p.Base+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	for name, value := range map[string]string{"X-Request-Id": id, "Authorization": "Bearer " + token,
		"Idempotency-Key": key, "Content-Type": "application/json"} {
		req.Header.Set(name, value)
	}
	res, err := world.OneOff().Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	a := world.Answer{Status: res.StatusCode}
	_ = json.NewDecoder(res.Body).Decode(&a.Body)
	l.asked[id] = res.StatusCode
	return a
}

// live is a day: links, conversions, refusals, outages, wrong keys, unknown codes, and mails that nobody takes.
func (l *logRun) live() {
	t, b := l.t, l.b
	t.Helper()
	l.asked = map[string]int{}
	staff := world.OwnedKey(b.Once, "staff", "Private Name Of A Key")
	wrong := b.Token[:len(b.Token)-4] + "AAAA"
	l.private = []string{b.Token, staff, wrong, "no-key-at-all-41", b.Creds.POSToken, b.Creds.AccessToken,
		b.Creds.ClientSecret, app.ValueOf(b.Env, "SECRET_KEY"), "yamada.taro@example.com", "hanako", "山田", "鈴木",
		"+819012345678", "9012345678", "UNKNWN", "private-idempotency", l.member}
	for _, who := range []struct{ id, gid, name, mail string }{
		{l.member, "7001000001", "山田 太郎", "yamada.taro@example.com"}, {l.other, "7001000002", "鈴木 花子",
			"suzuki.hanako@example.com"}} {
		body := fmt.Sprintf(`{"shopify_customer_id": %q, "name": %q, "email": %q, "phone": "+819012345678", "locale": "ja"}`, who.gid, who.name, who.mail)
		got := l.ask(b.Token, "PUT", "/v1/customers/"+who.id, "", body)
		expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated, got.Body)
	}
	l.ask(b.Token, "PUT", "/v1/customers/"+l.other, "", `{"email": "hanako at nowhere", "name": "鈴木"}`)
	b.Faults.Add(sim.Rule{Act: "mail.rcpt", Mode: sim.Refuse})
	b.Faults.Add(sim.Rule{Act: "shopify.metafieldsSet", Mode: sim.LoseAnswer})
	good := l.decided("good", 100, http.StatusCreated)
	l.Convert(good, 100, http.StatusCreated)
	l.decided("poor", 9000, http.StatusUnprocessableEntity)
	l.Convert("odd", 150, http.StatusUnprocessableEntity)
	l.Convert(good, 200, http.StatusUnprocessableEntity)
	for i, mode := range []sim.Mode{sim.LoseAnswer, sim.BrokenAnswer, sim.Internal, sim.Throttle, sim.Hang} {
		for _, act := range []string{world.DeductAct, world.CreateAct} {
			b.Faults.Add(sim.Rule{Act: act, Mode: mode, RetryAfter: "1"})
			got := l.Convert(fmt.Sprint("bad-", i, act), 100, 0)
			world.Eventually(t, "the conversion comes to an end", func() bool {
				return got.Status != http.StatusAccepted ||
					l.ask(b.Token, "GET", fmt.Sprintf("/v1/customers/%s/conversions/private-idempotency-bad-%d%s",
						l.member, i, act), "", "").Status != http.StatusAccepted
			})
		}
	}
	b.Faults.Add(sim.Rule{Act: world.CreateAct, Mode: sim.Refuse, Reason: "INVALID"})
	l.Convert("refused", 100, 0)
	l.ask(wrong, "GET", "/v1/customers/"+l.member+"/points", "", "")
	l.ask("no-key-at-all-41", "GET", "/v1/coupons", "", "")
	l.ask(staff, "GET", "/v1/coupons/70934-UNKNWN-500", "", "")
	l.ask(staff, "GET", "/v1/coupons?code=UNKNWN&customer_id="+l.member, "", "")
	l.ask(staff, "POST", "/v1/customers/"+l.member+"/conversions", "private-idempotency-staff",
		`{"points": "yamada.taro@example.com"}`)
	l.ask(staff, "GET", "/nowhere/yamada.taro@example.com?token="+staff, "", "")
	for _, d := range b.Shopify.Discounts() {
		l.private = append(l.private, d.Code, strings.Split(d.Code, "-")[1])
		l.ask(staff, "GET", "/v1/coupons/"+d.Code, "", "")
	}
	for _, e := range b.POS.AllEntries() {
		l.private = append(l.private, strings.TrimPrefix(e.Reference, "COUPON-"))
	}
	world.Eventually(t, "every code is mailed but the one whose mail was refused",
		func() bool { return len(b.Mailbox.Messages()) == len(b.Shopify.Discounts())-1 })
}

func (l *logRun) Convert(key string, points, status int) world.Answer {
	l.t.Helper()
	got := l.ask(l.b.Token, "POST", "/v1/customers/"+l.member+"/conversions", "private-idempotency-"+key,
		fmt.Sprintf(`{"points": %d}`, points))
	expect.That(l.t, "status == 0 || got.Status == status", status == 0 || got.Status == status, key, status,
		got.Status, got.Body)
	return got
}

// decided converts until the answer is more than that it comes later, which is what a busy machine may say to each key, and
// goes on saying to it. It gives the key that was answered.
func (l *logRun) decided(name string, points, status int) (key string) {
	l.t.Helper()
	var got world.Answer
	world.Eventually(l.t, "a conversion is decided on at once: "+name, func() bool {
		key = fmt.Sprint(name, "-", l.serial)
		got = l.Convert(key, points, 0)
		return got.Status == http.StatusCreated || got.Status == http.StatusUnprocessableEntity
	})
	expect.Equal(l.t, "the answer to "+key, got.Status, status, got.Body)
	return key
}

// check reads the log line by line.
func (l *logRun) check(log string) {
	l.t.Helper()
	lines := map[string]int{}
	for line := range strings.Lines(log) {
		var entry struct {
			Time, Level, Msg string
			RequestID        string `json:"request_id"`
			Status           int
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time == "" || entry.Level == "" ||
			entry.Msg == "" {
			l.t.Errorf("this line is no entry: %s", line)
		}
		for _, word := range l.private {
			if strings.Contains(line, word) {
				l.t.Errorf("%q stands in the log: %s", word, line)
			}
		}
		if want, mine := l.asked[entry.RequestID]; mine && entry.Msg == "request" {
			lines[entry.RequestID]++
			if entry.Status != want {
				l.t.Errorf("%s was answered %d: %s", entry.RequestID, want, line)
			}
		}
	}
	for id := range l.asked {
		if lines[id] != 1 {
			l.t.Errorf("%d lines for %s", lines[id], id)
		}
	}
}
