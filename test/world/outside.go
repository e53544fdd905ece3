package world

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/integrations/sim"
	simpos "pointbridge/integrations/sim/pos"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// Outside is what both harnesses stand on: a database, and in this process the simulated POS, shop and mailbox, which can
// be held up at any act.
type Outside struct {
	T *testing.T
	*demo.Simulators
	Database storetest.Database
	Store    *store.Store // the same database, beside whatever serves
	Creds    demo.Credentials
	URL      string // of the simulators
	Env      []string
	Token    string // of a POS's key
	Members  int

	mu    sync.Mutex
	gates []*gate
}

// adjustment sets what a test wants otherwise of the simulators.
type adjustment func(*simpos.Config, *simshopify.Config)

// NewOutside opens the simulators and the database, and makes the settings of a service between them.
func NewOutside(t *testing.T, db storetest.Database, environ ...string) *Outside {
	t.Helper()
	return outside(t, db, time.Now, nil, environ)
}

func outside(t *testing.T, db storetest.Database, now func() time.Time, enqueue store.EnqueueFunc, environ []string,
	adjust ...adjustment) *Outside {
	t.Helper()
	o := &Outside{T: t, Database: db, Store: db.Open(t, now, enqueue), Creds: demo.Credentials{
		Kind: app.ValueOf(environ, "POS_KIND"), POSToken: demo.Draw(), AccessToken: demo.Draw(), ClientID: demo.Draw(),
		ClientSecret: demo.Draw()}}
	var err error
	if o.Simulators, err = demo.NewSimulators(t.Context(), "", o.Creds, true, simshopify.Webhooks{Timeout: Patience},
		func(pos *simpos.Config, shop *simshopify.Config) {
			pos.Clock, shop.Clock = now, now
			for _, f := range adjust {
				f(pos, shop)
			}
		}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	o.URL = o.Serve(o.Handler(http.NotFoundHandler()))
	o.Faults.OnAct(o.Pass)
	o.Env = slices.Concat(o.Environment(o.URL, o.Creds), []string{"DATABASE_URL=" + db.URL, "SECRET_KEY=" + demo.Draw() +
		demo.Draw(), "PUBLIC_URL=" + Public, "RATE_LIMIT_PER_MINUTE=1000000"}, Unhurried(), environ)
	return o
}

// prepared is the outside after what is done once before a service runs.
func (o *Outside) prepared() *Outside {
	o.T.Helper()
	o.Once("migrate")
	o.Token = o.Once("key", "create", "--role", "pos")
	return o
}

// Serve listens until the end of the test and gives the address.
func (o *Outside) Serve(h http.Handler) string {
	s := httptest.NewServer(h)
	o.T.Cleanup(s.Close)
	return s.URL
}

// Once runs a command that ends by itself and gives the line it prints.
func (o *Outside) Once(args ...string) (line string) {
	o.T.Helper()
	return Once(o.T, o.Env, args...)
}

// Command runs a command of the program on this database and gives all it prints.
func (o *Outside) Command(args ...string) string {
	o.T.Helper()
	return Said(o.T, o.Env, args...)
}

// gate holds one act of the outside in one phase, once.
type gate struct {
	act             string
	phase           sim.Phase
	Reached, opened chan struct{}
	Open            func()
}

// Hold makes the next act of this name wait in this phase until the gate is opened, or the test is over.
func (o *Outside) Hold(act string, phase sim.Phase) *gate {
	g := &gate{act: act, phase: phase, Reached: make(chan struct{}), opened: make(chan struct{})}
	g.Open = sync.OnceFunc(func() { close(g.opened) })
	o.T.Cleanup(g.Open)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gates = append(o.gates, g)
	return g
}

// Pass is called by the simulators.
func (o *Outside) Pass(act string, phase sim.Phase) {
	o.mu.Lock()
	for i, g := range o.gates {
		if g.act == act && g.phase == phase {
			o.gates = append(o.gates[:i:i], o.gates[i+1:]...)
			o.mu.Unlock()
			close(g.Reached)
			<-g.opened
			return
		}
	}
	o.mu.Unlock()
}
