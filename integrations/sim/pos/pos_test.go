package pos_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/sim/pos"
)

const (
	token  = "pos-token"
	taro   = "8812370934"
	points = "/customers/" + taro + "/points"
	take   = "COUPON-70934-AB12CD-500"
	give   = "CANCEL-70934-AB12CD-500"
)

// simulated is a POS at a fixed time, with Taro's 1,250 points in it, behind a real HTTP server.
type simulated struct {
	*pos.Server
	t      *testing.T
	http   *httptest.Server
	faults *sim.Faults
}

func open(t *testing.T, change ...func(*pos.Config)) simulated {
	t.Helper()
	faults := &sim.Faults{}
	cfg := pos.Config{Token: token, Faults: faults, Clock: func() time.Time { return time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC) }}
	for _, f := range change {
		f(&cfg)
	}
	s, err := pos.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.AddCustomer(taro, "Yamada Taro", 1250)
	web := httptest.NewServer(s)
	t.Cleanup(func() { web.Close(); _ = s.Close() })
	return simulated{s, t, web, faults}
}

type reply struct {
	status int
	header http.Header
	body   map[string]any
	raw    []byte
}

func (r reply) code() string {
	code, _ := r.body["code"].(string)
	return code
}

// send makes a request; headers come in pairs and may replace the credential.
func (p simulated) send(method, path, body string, headers ...string) (reply, error) {
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.http.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := p.http.Client().Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	r := reply{status: res.StatusCode, header: res.Header, raw: raw}
	_ = json.Unmarshal(raw, &r.body) // some answers are broken on purpose
	return r, err
}

func (p simulated) call(method, path, body string, headers ...string) reply {
	p.t.Helper()
	r, err := p.send(method, path, body, headers...)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func moving(amount int, reason, reference, related string) string {
	fields := map[string]any{"amount": amount, "reason": reason, "reference": reference}
	if related != "" {
		fields["related_reference"] = related
	}
	body, _ := json.Marshal(fields)
	return string(body)
}

func (p simulated) deduct(key, reference string, amount int) reply {
	p.t.Helper()
	return p.call("POST", points+"/deduct", moving(amount, "Coupon conversion", reference, ""), "Idempotency-Key", key)
}

func (p simulated) giveBack(key, reference string, amount int) reply {
	p.t.Helper()
	return p.call("POST", points+"/add", moving(amount, "Refund due to coupon cancellation", reference, take),
		"Idempotency-Key", key)
}

func (p simulated) wants(r reply, status int, code string) {
	p.t.Helper()
	if r.status != status || r.code() != code {
		p.t.Errorf("answered %d %q, want %d %q: %s", r.status, r.code(), status, code, r.raw)
	}
}

// rests checks Taro's balance and how many entries led to it.
func (p simulated) rests(balance int64, entries int) {
	p.t.Helper()
	if got, _ := p.Balance(taro); got != balance || len(p.Entries(taro)) != entries {
		p.t.Errorf("balance %d after %d entries, want %d after %d", got, len(p.Entries(taro)), balance, entries)
	}
}
