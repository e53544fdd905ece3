package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/integrations/sim"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// procBed is where real processes of the program run: a database, and an outside in this process that can be held up at
// any act.
type procBed struct {
	t       *testing.T
	db      storetest.Database
	store   *store.Store // the same database, beside the processes
	out     *outside
	creds   credentials
	env     []string
	token   string // of a till's key
	members int

	mu    sync.Mutex
	gates []*gate
}

func newProcBed(t *testing.T, db storetest.Database, environ ...string) *procBed {
	t.Helper()
	return newToldBed(t, db, simshopify.Webhooks{}, environ...)
}

// newToldBed is newProcBed with a store that serves webhooks in this way.
func newToldBed(t *testing.T, db storetest.Database, hooks simshopify.Webhooks, environ ...string) *procBed {
	t.Helper()
	b := &procBed{t: t, db: db, creds: credentials{POSToken: draw(), AccessToken: draw(), ClientID: draw(), ClientSecret: draw()}}
	b.store = db.Open(t, time.Now, nil)
	var err error
	if b.out, err = newOutsideTelling(t.Context(), "", b.creds, true, hooks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.out.close() })
	server := httptest.NewServer(b.out.handler(http.NotFoundHandler()))
	t.Cleanup(server.Close)
	b.out.faults.OnAct(b.pass)
	b.env = append(b.out.environment(server.URL, b.creds), "DATABASE_URL="+db.URL, "SECRET_KEY="+draw()+draw(), "PUBLIC_URL=http://127.0.0.1:8080",
		"RATE_LIMIT_PER_MINUTE=1000000", "POS_TIMEOUT=4s", "SHOPIFY_TIMEOUT=4s", "STEP_LEASE=5s", "SETTLE_AFTER=5s", "SWEEP_EVERY=500ms")
	b.env = append(b.env, environ...)
	b.once("migrate")
	b.token = b.once("key", "create", "--role", "pos")
	return b
}

// once runs a command that ends by itself and gives the line it prints.
func (b *procBed) once(args ...string) (line string) {
	b.t.Helper()
	if err := oneShot(b.t.Context(), b.env, &line, args...); err != nil {
		b.t.Fatal(err)
	}
	return line
}

// member makes somebody new with 1,250 points whom the service knows.
func (b *procBed) member(p *proc) string {
	b.t.Helper()
	b.members++
	id, gid := fmt.Sprintf("77000%05d", b.members), fmt.Sprintf("gid://shopify/Customer/%d", 9_000_000_000+b.members)
	b.out.pos.AddCustomer(id, "Member", 1250)
	if _, err := b.out.shopify.AddCustomer(gid, "", "Member", "en"); err != nil {
		b.t.Fatal(err)
	}
	if got := p.till().do("PUT", "/v1/customers/"+id, "", `{"shopify_customer_id": "`+gid+`"}`); got.status != http.StatusCreated {
		b.t.Fatalf("%d %s", got.status, got.raw)
	}
	return id
}

// gate holds one act of the outside in one phase, once.
type gate struct {
	act             string
	phase           sim.Phase
	reached, opened chan struct{}
	open            func()
}

// hold makes the next act of this name wait in this phase until the gate is opened, or the test is over.
func (b *procBed) hold(act string, phase sim.Phase) *gate {
	g := &gate{act: act, phase: phase, reached: make(chan struct{}), opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	b.t.Cleanup(g.open)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gates = append(b.gates, g)
	return g
}

// pass is called by the simulators.
func (b *procBed) pass(act string, phase sim.Phase) {
	b.mu.Lock()
	for i, g := range b.gates {
		if g.act == act && g.phase == phase {
			b.gates = append(b.gates[:i:i], b.gates[i+1:]...)
			b.mu.Unlock()
			close(g.reached)
			<-g.opened
			return
		}
	}
	b.mu.Unlock()
}

// books compares the coupons with the till and the store: nothing is on its way, each active coupon has its points taken
// once and one code, nothing else has either. It gives the members' active coupons.
func (b *procBed) books(members ...string) (active []domain.Coupon) {
	b.t.Helper()
	moved := map[string]int{}
	for _, e := range b.out.pos.AllEntries() {
		moved[e.Reference]++
	}
	for _, m := range members {
		list, err := b.store.Listing.List(b.t.Context(), listing.Filter{CustomerID: m, Limit: 100})
		if err != nil {
			b.t.Fatal(err)
		}
		held := int64(0)
		for _, c := range list {
			takes, backs, usable := moved["COUPON-"+c.Code], moved["CANCEL-"+c.Code], b.out.shopify.Usable(c.Code)
			switch {
			case c.Status == domain.Active && takes == 1 && backs == 0 && usable:
				held += c.Points
				active = append(active, c)
			case c.Status == domain.Failed && takes == backs && takes <= 1 && !usable:
			default:
				b.t.Errorf("a coupon ended as %s: taken %d, given back %d, usable %v", c.Status, takes, backs, usable)
			}
		}
		if balance, _ := b.out.pos.Balance(m); balance+held != 1250 {
			b.t.Errorf("balance %d and coupons worth %d do not make 1250", balance, held)
		}
	}
	return active
}

// codes counts the codes the store has for a member.
func (b *procBed) codes(member string) (n int) {
	for _, d := range b.out.shopify.Discounts() {
		if strings.HasPrefix(d.Code, member[len(member)-5:]+"-") {
			n++
		}
	}
	return n
}
