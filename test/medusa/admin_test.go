//go:build medusa

package medusa

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// admin is a person at Medusa's own controls: what it shows is what the books are held against, past the adapter.
type admin struct {
	t           *testing.T
	base, token string
}

func newAdmin(t *testing.T) admin {
	t.Helper()
	a := admin{t, os.Getenv("MEDUSA_URL"), os.Getenv("MEDUSA_TOKEN")}
	expect.MustThat(t, "MEDUSA_URL and MEDUSA_TOKEN, as scripts/with-medusa sets them", a.base != "" && a.token != "")
	return a
}

var customers atomic.Int64

// member makes a customer with so many points of store credit.
func (a admin) member(points int64) string {
	a.t.Helper()
	var made struct {
		Customer struct{ ID string } `json:"customer"`
	}
	a.post("/admin/customers", map[string]any{
		"email": fmt.Sprintf("m%d-%d@example.com", os.Getpid(), customers.Add(1))}, &made)
	id := made.Customer.ID
	var opened struct {
		Account struct{ ID string } `json:"store_credit_account"`
	}
	a.post("/admin/store-credit-accounts", map[string]any{"customer_id": id, "currency_code": currency}, &opened)
	a.post("/admin/store-credit-accounts/"+opened.Account.ID+"/credit", map[string]any{"amount": points,
		"note": "Welcome"}, nil)
	return id
}

// books are an account's own figures and all of its entries.
type books struct {
	ID                       string
	Balance, Credits, Debits int64
	entries                  []transaction
}

func (a admin) books(member string) books {
	a.t.Helper()
	var list struct {
		Accounts []books `json:"store_credit_accounts"`
	}
	a.get("/admin/store-credit-accounts?customer_id="+url.QueryEscape(member), &list)
	expect.MustEqual(a.t, "accounts", len(list.Accounts), 1)
	b := list.Accounts[0]
	var got struct {
		Transactions []transaction
		Count        int
	}
	a.get("/admin/store-credit-accounts/"+b.ID+"/transactions?limit=1000", &got)
	expect.MustEqual(a.t, "transactions", len(got.Transactions), got.Count)
	b.entries = got.Transactions
	return b
}

// of are the entries that bear a reference.
func (b books) of(reference string) []transaction {
	return slices.DeleteFunc(slices.Clone(b.entries), func(t transaction) bool {
		return !strings.Contains(t.Note, "["+reference+"]")
	})
}

func (a admin) post(path string, body, into any) {
	a.t.Helper()
	text, _ := json.Marshal(body)
	a.send(http.MethodPost, path, bytes.NewReader(text), into)
}

func (a admin) get(path string, into any) {
	a.t.Helper()
	a.send(http.MethodGet, path, nil, into)
}

func (a admin) send(method, path string, body io.Reader, into any) {
	a.t.Helper()
	req, err := http.NewRequest(method, a.base+path, body)
	expect.MustEqual(a.t, "request", err, nil)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+a.token)
	res, err := world.Client().Do(req)
	expect.MustEqual(a.t, path, err, nil)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	expect.MustEqual(a.t, "answer", err, nil)
	expect.MustEqual(a.t, path, res.StatusCode, http.StatusOK, string(text))
	if into != nil {
		expect.MustEqual(a.t, "document", json.Unmarshal(text, into), nil)
	}
}

// way passes requests on to Medusa as they are.
func (a admin) way() http.Handler {
	to, err := url.Parse(a.base)
	expect.MustEqual(a.t, "address", err, nil)
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
}

// road is the way to Medusa on which requests and answers are lost as the faults say. A request that is late is heard
// of only when it is let go, long after whoever sent it has given up.
type road struct {
	http.Handler
	faults *sim.Faults
	late   chan *http.Request
}

// late is the act of requests that are held on the way.
const late = "late."

// actOf names what a request asks for, as the simulated POS does.
func actOf(r *http.Request) string {
	switch {
	case strings.HasSuffix(r.URL.Path, "/debit"):
		return "pos.deduct"
	case strings.HasSuffix(r.URL.Path, "/credit"):
		return "pos.add"
	case strings.HasSuffix(r.URL.Path, "/transactions"):
		return "pos.find"
	}
	return "pos.balance"
}

// ServeHTTP implements http.Handler.
func (w road) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	act := actOf(r)
	if _, held := w.faults.Take(late+act, ""); held {
		body, _ := io.ReadAll(r.Body)
		kept, _ := http.NewRequest(r.Method, r.URL.Path, bytes.NewReader(body))
		kept.Header = r.Header.Clone()
		w.late <- kept
		sim.Rule{Mode: sim.DropBefore}.Answer(to, r)
		return
	}
	rule, faulty := w.faults.Take(act, "")
	if !faulty {
		w.Handler.ServeHTTP(to, r)
		return
	}
	if rule.Applied() {
		w.Handler.ServeHTTP(discarded{http.Header{}}, r)
	} else {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	if !rule.Answer(to, r) {
		status := http.StatusInternalServerError
		if rule.Mode == sim.Throttle {
			status = http.StatusTooManyRequests
		}
		to.WriteHeader(status)
	}
}

// arrive lets what is late reach Medusa, and waits until it was heard.
func (w road) arrive() {
	w.Handler.ServeHTTP(discarded{http.Header{}}, <-w.late)
}

// discarded is an answer that nobody reads.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d discarded) WriteHeader(int)             {}
