package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
)

// TestLogOfAProcess reads every line that a serving process prints over a life with good and bad days.
func TestLogOfAProcess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newProcBed(t, db, "LOG_LEVEL=debug", "CONVERT_WAIT=500ms", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s",
			"STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms")
		if err := b.out.populate(people()); err != nil {
			t.Fatal(err)
		}
		p := b.start()
		l := &logRun{t: t, b: b, p: p, member: "8812370934", other: "12345"}
		l.live()
		p.terminate()
		await(t, "the process ends", p.ended)
		if p.err != nil {
			t.Fatal(p.err)
		}
		l.check(p.log.String())
	})
}

// logRun is what was asked of the process, and what must not stand in its log.
type logRun struct {
	t             *testing.T
	b             *procBed
	p             *proc
	member, other string
	serial        int
	asked         map[string]int // status by request id
	private       []string
}

// ask makes one request under an id of its own.
func (l *logRun) ask(token, method, path, key, body string) answer {
	l.t.Helper()
	l.serial++
	id := fmt.Sprintf("log-request-%03d", l.serial)
	req, err := http.NewRequestWithContext(l.t.Context(), method, l.p.base+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	for name, value := range map[string]string{"X-Request-Id": id, "Authorization": "Bearer " + token, "Idempotency-Key": key, "Content-Type": "application/json"} {
		req.Header.Set(name, value)
	}
	res, err := httpClient().Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	a := answer{status: res.StatusCode}
	_ = json.NewDecoder(res.Body).Decode(&a.body)
	l.asked[id] = res.StatusCode
	return a
}

// live is a day: links, conversions, refusals, outages, wrong keys, unknown codes, and mails that nobody takes.
func (l *logRun) live() {
	t, b := l.t, l.b
	t.Helper()
	l.asked = map[string]int{}
	staff := ownedKey(b.once, "staff", "Private Name Of A Key")
	wrong := b.token[:len(b.token)-4] + "AAAA"
	l.private = []string{b.token, staff, wrong, "no-key-at-all-41", b.creds.POSToken, b.creds.AccessToken, b.creds.ClientSecret, valueOf(b.env, "SECRET_KEY"),
		"yamada.taro@example.com", "hanako", "山田", "鈴木", "+819012345678", "9012345678", "UNKNWN", "private-idempotency", l.member}
	for _, who := range []struct{ id, gid, name, mail string }{
		{l.member, "7001000001", "山田 太郎", "yamada.taro@example.com"}, {l.other, "7001000002", "鈴木 花子", "suzuki.hanako@example.com"}} {
		body := fmt.Sprintf(`{"shopify_customer_id": %q, "name": %q, "email": %q, "phone": "+819012345678", "locale": "ja"}`, who.gid, who.name, who.mail)
		if got := l.ask(b.token, "PUT", "/v1/customers/"+who.id, "", body); got.status != http.StatusCreated {
			t.Fatalf("%d %v", got.status, got.body)
		}
	}
	l.ask(b.token, "PUT", "/v1/customers/"+l.other, "", `{"email": "hanako at nowhere", "name": "鈴木"}`)
	b.out.faults.Add(sim.Rule{Act: "mail.rcpt", Mode: sim.Refuse})
	b.out.faults.Add(sim.Rule{Act: "shopify.metafieldsSet", Mode: sim.LoseAnswer})
	l.convert("good", 100, http.StatusCreated)
	l.convert("good", 100, http.StatusCreated)
	l.convert("poor", 9000, http.StatusUnprocessableEntity)
	l.convert("odd", 150, http.StatusUnprocessableEntity)
	l.convert("good", 200, http.StatusUnprocessableEntity)
	for i, mode := range []sim.Mode{sim.LoseAnswer, sim.BrokenAnswer, sim.Internal, sim.Throttle, sim.Hang} {
		for _, act := range []string{deductAct, createAct} {
			b.out.faults.Add(sim.Rule{Act: act, Mode: mode, RetryAfter: "1"})
			got := l.convert(fmt.Sprint("bad-", i, act), 100, 0)
			eventually(t, "the conversion comes to an end", func() bool {
				return got.status != http.StatusAccepted || l.ask(b.token, "GET", fmt.Sprintf("/v1/customers/%s/conversions/private-idempotency-bad-%d%s", l.member, i, act), "", "").status != http.StatusAccepted
			})
		}
	}
	b.out.faults.Add(sim.Rule{Act: createAct, Mode: sim.Refuse, Reason: "INVALID"})
	l.convert("refused", 100, 0)
	l.ask(wrong, "GET", "/v1/customers/"+l.member+"/points", "", "")
	l.ask("no-key-at-all-41", "GET", "/v1/coupons", "", "")
	l.ask(staff, "GET", "/v1/coupons/70934-UNKNWN-500", "", "")
	l.ask(staff, "GET", "/v1/coupons?code=UNKNWN&customer_id="+l.member, "", "")
	l.ask(staff, "POST", "/v1/customers/"+l.member+"/conversions", "private-idempotency-staff", `{"points": "yamada.taro@example.com"}`)
	l.ask(staff, "GET", "/nowhere/yamada.taro@example.com?token="+staff, "", "")
	for _, d := range b.out.shopify.Discounts() {
		l.private = append(l.private, d.Code, strings.Split(d.Code, "-")[1])
		l.ask(staff, "GET", "/v1/coupons/"+d.Code, "", "")
	}
	for _, e := range b.out.pos.AllEntries() {
		l.private = append(l.private, strings.TrimPrefix(e.Reference, "COUPON-"))
	}
	eventually(t, "every code is mailed but the one whose mail was refused", func() bool { return len(b.out.mailbox.Messages()) == len(b.out.shopify.Discounts())-1 })
}

func (l *logRun) convert(key string, points, status int) answer {
	l.t.Helper()
	got := l.ask(l.b.token, "POST", "/v1/customers/"+l.member+"/conversions", "private-idempotency-"+key, fmt.Sprintf(`{"points": %d}`, points))
	if status != 0 && got.status != status {
		l.t.Errorf("%s: %d %v", key, got.status, got.body)
	}
	return got
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
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time == "" || entry.Level == "" || entry.Msg == "" {
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
