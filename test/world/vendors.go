package world

import (
	"net/http"
	"time"

	"pointbridge/demo"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/integrations/pos/square"
	simsmaregi "pointbridge/integrations/sim/smaregi"
	simsquare "pointbridge/integrations/sim/square"
	"pointbridge/test/expect"
)

// Vendor is a vendor's POS, simulated beside the world's own, and a client of it.
type Vendor struct {
	Name     string
	Ledger   coupons.Ledger
	Promises coupons.Capabilities
	// Add makes a member, who has 1,250 points; ByHand is what somebody books at the till.
	Add    func(id string)
	ByHand func(id string, points int64)
	till   interface {
		http.Handler
		Balance(id string) (int64, bool)
	}
}

// Vendors are the kinds there are.
func Vendors() []string { return demo.Tills()[1:] }

// Vendor connects a client, which has a clock of its own, to a new simulator.
func (w *World) Vendor(name string, now func() time.Time) *Vendor {
	w.T.Helper()
	v := &Vendor{Name: name}
	switch name {
	case "square":
		server, err := simsquare.New(simsquare.Config{Token: "pos", Clock: w.Clock.Now, Faults: w.Faults})
		expect.MustEqual(w.T, "err", err, nil)
		client, err := square.New(square.Config{URL: w.Serve(server), Token: "pos", Timeout: Patience, Clock: now}, Client())
		expect.MustEqual(w.T, "err", err, nil)
		v.Ledger, v.Promises, v.till = client, client.Capabilities(), server
		v.Add = func(id string) { server.AddCustomer(id, "Member", 1250) }
		v.ByHand = func(id string, points int64) { server.AdjustByHand(id, points, "goodwill") }
	case "smaregi":
		server, err := simsmaregi.New(simsmaregi.Config{Account: "a", ClientID: "id", ClientSecret: "secret",
			Clock: w.Clock.Now, Faults: w.Faults, TokenLife: 1000 * time.Hour})
		expect.MustEqual(w.T, "err", err, nil)
		at := w.Serve(server)
		client, err := smaregi.New(smaregi.Config{Account: "a", ClientID: "id", ClientSecret: "secret", APIURL: at,
			TokenURL: at, Timeout: Patience, Clock: now}, Client())
		expect.MustEqual(w.T, "err", err, nil)
		v.Ledger, v.Promises, v.till = client, client.Capabilities(), server
		v.Add = func(id string) { server.AddCustomer(id, "Member", 1250) }
		v.ByHand = func(id string, points int64) { server.ByHand(id, points) }
	default:
		w.T.Fatalf("nobody simulates %q", name)
	}
	return v
}

func (v *Vendor) Balance(id string) int64 {
	points, _ := v.till.Balance(id)
	return points
}

// Ports are those of a world whose points are there.
func (v *Vendor) Ports(w *World) couponstest.Ports {
	past, _ := v.Ledger.(coupons.History)
	return couponstest.Ports{Store: w.Store.Coupons, Ledger: v.Ledger, Shop: w.Admin, Past: past}
}

// Of makes a service of these ports one that knows the vendor's POS.
func (v *Vendor) Of(s *coupons.Service, p couponstest.Ports) *coupons.Service {
	s.POS, s.History, s.Till = v.Promises, p.Past, v.Name
	s.Accounts, _ = v.Ledger.(coupons.Accounts)
	return s
}
