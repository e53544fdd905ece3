package books

import (
	"fmt"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// vendorWorld is a lostWorld whose points are in the POS of a vendor.
type vendorWorld struct {
	*lostWorld
	vendor *world.Vendor
	denied bool // the last one who looked found the movement made
}

func openVendor(t *testing.T, db storetest.Database, name string) *vendorWorld {
	t.Helper()
	v := &vendorWorld{lostWorld: &lostWorld{Endings: world.NewEndings(t, db, true)}}
	v.vendor = v.Vendor(name, v.Clock.Now)
	v.Taken = func(member, _ string) bool { return v.vendor.Balance(member) < 1250 }
	return v
}

// process is one that works with the vendor's POS.
func (v *vendorWorld) process() *coupons.Service {
	p := v.vendor.Ports(v.World)
	return v.vendor.Of(v.Process(p), p)
}

func (v *vendorWorld) rebuilder() *books.Rebuilder {
	r := v.lostWorld.rebuilder()
	r.Till = v.vendor.Name
	r.Checker.POS, _ = v.vendor.Ledger.(books.POS)
	r.Checker.Entries, _ = v.vendor.Ledger.(coupons.History)
	r.Checker.Uses = v.process()
	return r
}

// lived makes a member with a coupon of each kind: one that can be spent, one that was cancelled, one that was used.
func (v *vendorWorld) lived(t *testing.T) (member holder, active, cancelled, used string) {
	t.Helper()
	member = holder{v.Addressed(), v.GID()}
	v.members = append(v.members, member)
	v.vendor.Add(member.id)
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
	_, err = v.Shopify.Checkout(member.gid, codes[2:], "1000")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "err", v.Orders(s).SweepOrders(t.Context()), nil)
	v.FinishAll(s)
	expect.MustEqual(t, "balance", v.vendor.Balance(member.id), 1050)
	return member, codes[0], codes[1], codes[2]
}

// unmoved rebuilds from nothing, twice: the second run changes nothing, no point moves, and no code becomes usable or dead.
func (v *vendorWorld) unmoved(t *testing.T, member holder, active string, dead ...string) map[string]books.Restored {
	t.Helper()
	v.was = v.Store
	v.lose(t, nil)
	_, found := v.rebuiltBy(v.rebuilder(), true)
	v.commits = 0
	sum, _ := v.rebuiltBy(v.rebuilder(), true)
	expect.Equal(t, "right", sum.Right, 3)
	expect.Equal(t, "commits of a second run", v.commits, 0)
	expect.Equal(t, "balance", v.vendor.Balance(member.id), 1050)
	expect.Equal(t, active+" can be spent", v.Shopify.Usable(active), true)
	for _, code := range dead {
		expect.Equal(t, code+" can be spent", v.Shopify.Usable(code), false)
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
		expect.Equal(t, "the points of a restored coupon go back where they came from", v.vendor.Balance(member.id), 1150)
	})
}

// TestBooksAreRebuiltOverSmaregi: nothing there says what a movement was for, so that every coupon that is neither used nor
// over is a person's, and none is worth anything that it was not worth before.
func TestBooksAreRebuiltOverSmaregi(t *testing.T) {
	t.Parallel()
	v := openVendor(t, storetest.SQLite(t), "smaregi")
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
