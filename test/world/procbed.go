package world

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/commands"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/integrations/sim"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// ProcBed is where real processes of the program run: a database, and an outside in this process that can be held up at
// any act.
type ProcBed struct {
	T       *testing.T
	DB      storetest.Database
	Store   *store.Store // the same database, beside the processes
	Out     *demo.Simulators
	Creds   demo.Credentials
	Env     []string
	Token   string // of a POS's key
	Members int
	// Ended says that the database ended under the processes: they find one broken connection after another, and say so.
	Ended bool

	mu    sync.Mutex
	gates []*gate
}

func NewProcBed(t *testing.T, db storetest.Database, environ ...string) *ProcBed {
	t.Helper()
	return NewToldBed(t, db, simshopify.Webhooks{}, environ...)
}

// NewToldBed is NewProcBed with a store that serves webhooks in this way.
func NewToldBed(t *testing.T, db storetest.Database, hooks simshopify.Webhooks, environ ...string) *ProcBed {
	t.Helper()
	b := &ProcBed{T: t, DB: db, Creds: demo.Credentials{POSToken: demo.Draw(), AccessToken: demo.Draw(),
		ClientID: demo.Draw(), ClientSecret: demo.Draw()}}
	b.Store = db.Open(t, time.Now, nil)
	if hooks.Timeout == 0 {
		hooks.Timeout = Patience
	}
	var err error
	if b.Out, err = demo.NewSimulators(t.Context(), "", b.Creds, true, hooks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Out.Close() })
	server := httptest.NewServer(b.Out.Handler(http.NotFoundHandler()))
	t.Cleanup(server.Close)
	b.Out.Faults.OnAct(b.Pass)
	b.Env = append(b.Out.Environment(server.URL, b.Creds), "DATABASE_URL="+db.URL, "SECRET_KEY="+demo.Draw()+
		demo.Draw(), "PUBLIC_URL=http://127.0.0.1:8080", "RATE_LIMIT_PER_MINUTE=1000000")
	b.Env = append(append(b.Env, Unhurried()...), environ...)
	b.Once("migrate")
	b.Token = b.Once("key", "create", "--role", "pos")
	return b
}

// App is the whole service in this process.
func (b *ProcBed) App() *app.App {
	b.T.Helper()
	cfg, err := app.LoadConfig(b.Env)
	if err != nil {
		b.T.Fatal(err)
	}
	a, err := app.New(b.T.Context(), cfg.Prompt(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.T.Fatal(err)
	}
	b.T.Cleanup(func() { _ = a.Close() })
	return a
}

// Once runs a command that ends by itself and gives the line it prints.
func (b *ProcBed) Once(args ...string) (line string) {
	b.T.Helper()
	return Once(b.T, b.Env, args...)
}

// Once runs a command in this process, as the program would in its own, and gives the first line it prints.
func Once(t *testing.T, environ []string, args ...string) (line string) {
	t.Helper()
	line, _, _ = strings.Cut(Said(t, environ, args...), "\n")
	return line
}

// Said runs a command as Once does and gives all it prints.
func Said(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	var out, faults LockedBuffer
	if code := commands.Run(t.Context(), args, environ, &out, &faults); code != 0 {
		t.Fatalf("%v ended with %d: %s%s", args, code, out.String(), faults.String())
	}
	return out.String()
}

// Member makes somebody new with 1,250 points whom the service knows.
func (b *ProcBed) Member(p *Proc) string {
	b.T.Helper()
	b.Members++
	id, gid := fmt.Sprintf("77000%05d", b.Members), fmt.Sprintf("gid://shopify/Customer/%d", 9_000_000_000+b.Members)
	b.Out.POS.AddCustomer(id, "Member", 1250)
	if _, err := b.Out.Shopify.AddCustomer(gid, "", "Member", "en"); err != nil {
		b.T.Fatal(err)
	}
	got := p.POS().Do("PUT", "/v1/customers/"+id, "", `{"shopify_customer_id": "`+gid+`"}`)
	expect.MustEqual(b.T, "got.Status", got.Status, http.StatusCreated, got.Raw)
	return id
}

// gate holds one act of the outside in one phase, once.
type gate struct {
	act             string
	phase           sim.Phase
	Reached, opened chan struct{}
	Open            func()
}

// Hold makes the next act of this name wait in this phase until the gate is opened, or the test is over.
func (b *ProcBed) Hold(act string, phase sim.Phase) *gate {
	g := &gate{act: act, phase: phase, Reached: make(chan struct{}), opened: make(chan struct{})}
	g.Open = sync.OnceFunc(func() { close(g.opened) })
	b.T.Cleanup(g.Open)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gates = append(b.gates, g)
	return g
}

// Pass is called by the simulators.
func (b *ProcBed) Pass(act string, phase sim.Phase) {
	b.mu.Lock()
	for i, g := range b.gates {
		if g.act == act && g.phase == phase {
			b.gates = append(b.gates[:i:i], b.gates[i+1:]...)
			b.mu.Unlock()
			close(g.Reached)
			<-g.opened
			return
		}
	}
	b.mu.Unlock()
}

// Books compares the coupons with the POS and the store: nothing is on its way, each active coupon has its points
// taken once and one code, nothing else has either. It gives the members' active coupons.
func (b *ProcBed) Books(members ...string) (active []domain.Coupon) {
	b.T.Helper()
	moved := map[string]int{}
	for _, e := range b.Out.POS.AllEntries() {
		moved[e.Reference]++
	}
	for _, m := range members {
		list, err := b.Store.Listing.List(b.T.Context(), listing.Filter{CustomerID: m, Limit: 100})
		if err != nil {
			b.T.Fatal(err)
		}
		held := int64(0)
		for _, c := range list {
			takes, backs, usable := moved["COUPON-"+c.Code], moved["CANCEL-"+c.Code], b.Out.Shopify.Usable(c.Code)
			switch {
			case c.Status == domain.Active && takes == 1 && backs == 0 && usable:
				held += c.Points
				active = append(active, c)
			case c.Status == domain.Failed && takes == backs && takes <= 1 && !usable:
			default:
				b.T.Errorf("a coupon ended as %s: taken %d, given back %d, usable %v", c.Status, takes, backs, usable)
			}
		}
		if balance, _ := b.Out.POS.Balance(m); balance+held != 1250 {
			b.T.Errorf("balance %d and coupons worth %d do not make 1250", balance, held)
		}
	}
	return active
}

// Codes counts the codes the store has for a member.
func (b *ProcBed) Codes(member string) (n int) {
	for _, d := range b.Out.Shopify.Discounts() {
		if strings.HasPrefix(d.Code, member[len(member)-5:]+"-") {
			n++
		}
	}
	return n
}
