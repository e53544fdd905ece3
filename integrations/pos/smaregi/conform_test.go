package smaregi_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/postest"
	"pointbridge/integrations/pos/smaregi"
	simsmaregi "pointbridge/integrations/sim/smaregi"
)

// busy is a clock on which every look at it takes a quarter of a second, so that no limit is reached.
type busy struct{ moving }

func (b *busy) Now() time.Time {
	b.pass(250 * time.Millisecond)
	return b.moving.Now()
}

// patient is a caller who does what the queue does: after an answer that asks to wait it comes again later.
type patient struct {
	*smaregi.Client
	dial *busy
	mu   sync.Mutex
	wait time.Duration
}

func (p *patient) move(ctx context.Context, m domain.Movement, do func(context.Context, domain.Movement) (coupons.Entry,
	error)) (coupons.Entry, error) {
	p.mu.Lock()
	p.dial.pass(p.wait)
	p.mu.Unlock()
	e, err := do(ctx, m)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wait = domain.RetryAfterOf(err)
	return e, err
}

func (p *patient) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return p.move(ctx, m, p.Client.Deduct)
}

func (p *patient) Add(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	return p.move(ctx, m, p.Client.Add)
}

// contract opens a simulated Smaregi and the client.
func contract(t *testing.T, front postest.Front) postest.Till {
	t.Helper()
	dial := &busy{moving{at: now}}
	server, err := simsmaregi.New(simsmaregi.Config{Account: account, ClientID: "app", ClientSecret: "hidden",
		Clock: dial.Now})
	if err != nil {
		t.Fatal(err)
	}
	server.AddMember(simsmaregi.Member{ID: taro, Code: "C-70934", Points: 50, ExpireOn: "2027-03-31"})
	server.AddMember(simsmaregi.Member{ID: "9900112233", Code: "C-12233", Points: 500})
	s := httptest.NewServer(front(server))
	t.Cleanup(s.Close)
	c, err := smaregi.New(smaregi.Config{Account: account, ClientID: "app", ClientSecret: "hidden", APIURL: s.URL,
		TokenURL: s.URL, Timeout: patience, Clock: dial.Now}, s.Client())
	if err != nil {
		t.Fatal(err)
	}
	points := func(member string) int64 {
		n, _ := server.Balance(member)
		return n
	}
	ends := func(with string) func(*http.Request) bool {
		return func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, with) }
	}
	return postest.Till{Ledger: &patient{Client: c, dial: dial}, History: c, Capabilities: c.Capabilities(),
		Member: taro, Other: "9900112233", Nobody: "9999999999", Points: points, Now: dial.Now, Twists: twists(),
		Moves: ends("/point/add"), Finds: ends("/transactions"), Reads: ends("/customers/point")}
}

func instead(old, by string) func([]byte) []byte {
	return func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(old), []byte(by)) }
}

func twists() (list []postest.Twist) {
	for name, of := range map[string]postest.Of{"a change": postest.Move, "a balance": postest.Read,
		"a list": postest.Look} {
		list = append(list,
			postest.Twist{Name: "another member's, in " + name, Of: of, Change: instead(taro, "9900112233")},
			postest.Twist{Name: "a fraction, in " + name, Of: of, Change: instead(`"49"`, `"49.5"`)},
			postest.Twist{Name: "a blank, in " + name, Of: of, Change: instead(`"49"`, `""`)},
			postest.Twist{Name: "a JSON number, in " + name, Of: of, Change: instead(`"49"`, `49`)})
		if of != postest.Read {
			list = append(list, postest.Twist{Name: "yesterday's date, in " + name, Of: of,
				Change: instead("2026-11-21T", "2026-11-20T")})
		}
	}
	return append(list,
		postest.Twist{Name: "below zero, in a change", Of: postest.Move, Change: instead(`"49"`, `"-49"`)},
		postest.Twist{Name: "an id that is none", Of: postest.Move, Change: instead(`["1001"]`, `["x"]`)},
		postest.Twist{Name: "points given, not taken", Of: postest.Look, Change: instead(`"7"`, `"6"`)},
		postest.Twist{Name: "more points than the balances say", Of: postest.Look,
			Change: instead(`"spendPoint":"1"`, `"spendPoint":"10"`)},
		postest.Twist{Name: "a list within a document", Of: postest.Look, Change: instead("[", `{"rows":[`)})
}

// covers: H-09
func TestTheSuiteOfAllTills(t *testing.T) {
	t.Parallel()
	postest.Run(t, contract)
}
