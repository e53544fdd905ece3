package books

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/integrations/pos/square"
	simsmaregi "pointbridge/integrations/sim/smaregi"
	simsquare "pointbridge/integrations/sim/square"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// vendorWorld is a lostWorld whose points are in the POS of a vendor.
type vendorWorld struct {
	*lostWorld
	name    string
	ledger  coupons.Ledger
	has     coupons.Capabilities
	balance func(id string) int64
	add     func(id string)
}

func openVendor(t *testing.T, db storetest.Database, name string) *vendorWorld {
	t.Helper()
	v := &vendorWorld{lostWorld: &lostWorld{EndWorld: world.NewEndWorld(t, db, true), db: db}, name: name}
	var till interface {
		http.Handler
		Balance(id string) (int64, bool)
	}
	switch name {
	case "square":
		server, err := simsquare.New(simsquare.Config{Token: "pos", Clock: v.Clock.Now, Faults: v.Faults})
		expect.MustEqual(t, "err", err, nil)
		client, err := square.New(square.Config{URL: v.Serve(server), Token: "pos", Timeout: world.Patience,
			Clock: v.Clock.Now}, world.Client())
		expect.MustEqual(t, "err", err, nil)
		till, v.ledger, v.has = server, client, client.Capabilities()
		v.add = func(id string) { server.AddCustomer(id, "Member", 1250) }
	case "smaregi":
		server, err := simsmaregi.New(simsmaregi.Config{Account: "a", ClientID: "id", ClientSecret: "secret",
			Clock: v.Clock.Now, Faults: v.Faults, TokenLife: 1000 * time.Hour})
		expect.MustEqual(t, "err", err, nil)
		at := v.Serve(server)
		client, err := smaregi.New(smaregi.Config{Account: "a", ClientID: "id", ClientSecret: "secret", APIURL: at,
			TokenURL: at, Timeout: world.Patience, Clock: v.Clock.Now}, world.Client())
		expect.MustEqual(t, "err", err, nil)
		till, v.ledger, v.has = server, client, client.Capabilities()
		v.add = func(id string) { server.AddCustomer(id, "Member", 1250) }
	}
	v.balance = func(id string) int64 {
		points, _ := till.Balance(id)
		return points
	}
	v.Taken = func(member, _ string) bool { return v.balance(member) < 1250 }
	return v
}

// process is one that works with the vendor's POS.
func (v *vendorWorld) process() *coupons.Service {
	past, _ := v.ledger.(coupons.History)
	s := v.Process(couponstest.Ports{Store: v.DB.Coupons, Ledger: v.ledger, Shop: v.Admin, Past: past})
	s.POS, s.History, s.Till = v.has, past, v.name
	s.Accounts, _ = v.ledger.(coupons.Accounts)
	return s
}

func (v *vendorWorld) rebuilder() *books.Rebuilder {
	r := v.lostWorld.rebuilder()
	r.Till = v.name
	r.Checker.POS, _ = v.ledger.(books.POS)
	r.Checker.Entries, _ = v.ledger.(coupons.History)
	r.Checker.Uses = v.process()
	return r
}

// lived makes a member with a coupon of each kind: one that can be spent, one that was cancelled, one that was used.
func (v *vendorWorld) lived(t *testing.T) (member holder, active, cancelled, used string) {
	t.Helper()
	member = holder{v.Addressed(), v.GID()}
	v.members = append(v.members, member)
	v.add(member.id)
	s := v.process()
	var codes []string
	for i := range 3 {
		got, err := s.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: member.id,
			Points: 100, Key: fmt.Sprint("k", i)})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "done", got.Done, true)
		codes = append(codes, got.Coupon.Code)
	}
	_, err := s.Cancel(t.Context(), world.Ending(codes[1], "c"))
	expect.MustEqual(t, "err", err, nil)
	_, err = v.Shop.Checkout(member.gid, codes[2:], "1000")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "err", v.Orders(s).SweepOrders(t.Context()), nil)
	v.FinishAll(s)
	expect.MustEqual(t, "balance", v.balance(member.id), 1050)
	return member, codes[0], codes[1], codes[2]
}

// unmoved rebuilds from nothing, twice: the second run changes nothing, no point moves, and no code becomes usable or dead.
func (v *vendorWorld) unmoved(t *testing.T, member holder, active string, dead ...string) map[string]books.Restored {
	t.Helper()
	v.was = v.DB
	v.lose(t, nil)
	_, found := v.rebuiltBy(v.rebuilder(), true)
	v.commits = 0
	sum, _ := v.rebuiltBy(v.rebuilder(), true)
	expect.Equal(t, "right", sum.Right, 3)
	expect.Equal(t, "commits of a second run", v.commits, 0)
	expect.Equal(t, "balance", v.balance(member.id), 1050)
	expect.Equal(t, active+" can be spent", v.Shop.Usable(active), true)
	for _, code := range dead {
		expect.Equal(t, code+" can be spent", v.Shop.Usable(code), false)
	}
	return found
}

// TestBooksAreRebuiltOverSquare: its reference is the end of a reason, and its events are read account by account.
func TestBooksAreRebuiltOverSquare(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		v := openVendor(t, db, "square")
		member, active, cancelled, used := v.lived(t)
		found := v.unmoved(t, member, active, cancelled, used)
		v.same()
		for code, want := range map[string]domain.Status{active: domain.Active, cancelled: domain.Cancelled,
			used: domain.Used} {
			expect.Equal(t, code, found[code].To, want)
			expect.Equal(t, code+" reviews", len(found[code].Reviews), 0)
		}
		sum, err := v.rebuilder().Checker.Run(t.Context(), books.Options{}, books.Sink{
			Difference: func(d books.Difference) { t.Errorf("%s %s %s", d.Kind, d.Reference, d.Detail) }})
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "complete", sum.Incomplete(), false)
		s := v.process()
		_, err = s.Cancel(t.Context(), world.Ending(active, "after"))
		expect.MustEqual(t, "err", err, nil)
		v.FinishAll(s)
		expect.Equal(t, "the points of a restored coupon go back where they came from", v.balance(member.id), 1150)
	})
}

// TestBooksAreRebuiltOverSmaregi: nothing there says what a movement was for, so that every coupon that is neither used nor
// over is a person's, and none is worth anything that it was not worth before.
func TestBooksAreRebuiltOverSmaregi(t *testing.T) {
	t.Parallel()
	v := openVendor(t, storetest.SQLite(t), "smaregi")
	v.db.Dialect = "sqlite"
	member, active, cancelled, used := v.lived(t)
	found := v.unmoved(t, member, active, cancelled, used)
	for code, want := range map[string]domain.Status{active: domain.Active, cancelled: domain.Suspended,
		used: domain.Used} {
		expect.Equal(t, code, found[code].To, want)
		expect.Equal(t, code+" points", found[code].Points, 100)
		if code == used {
			expect.Equal(t, code+" reviews", len(found[code].Reviews), 0)
			continue
		}
		expect.Equal(t, code+" reviews", found[code].Reviews, []reviews.Kind{reviews.Restored})
		expect.That(t, code+" says why", len(found[code].Doubts) > 0 &&
			found[code].Doubts[len(found[code].Doubts)-1] == books.DoubtUnreferenced, found[code].Doubts)
	}
}
