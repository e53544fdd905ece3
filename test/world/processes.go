package world

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// Processes is the harness in which real processes of the program run: they can be killed, stopped, and stand behind
// whatever there is before a service.
type Processes struct {
	*Outside
	// Ended says that the database ended under the processes: they find one broken connection after another, and say so.
	Ended bool
}

// NewProcesses makes the outside and the database; nothing serves yet. The settings have the last word.
func NewProcesses(t *testing.T, db storetest.Database, environ ...string) *Processes {
	t.Helper()
	return &Processes{Outside: NewOutside(t, db, environ...).prepared()}
}

// Member makes somebody new with 1,250 points whom the service knows.
func (b *Processes) Member(p *Proc) string {
	b.T.Helper()
	b.Members++
	id, gid := fmt.Sprintf("77000%05d", b.Members), fmt.Sprintf("gid://shopify/Customer/%d", 9_000_000_000+b.Members)
	b.POS.AddCustomer(id, "Member", 1250)
	if _, err := b.Shopify.AddCustomer(gid, "", "Member", "en"); err != nil {
		b.T.Fatal(err)
	}
	got := p.POS().Do("PUT", "/v1/customers/"+id, "", `{"shopify_customer_id": "`+gid+`"}`)
	expect.MustEqual(b.T, "got.Status", got.Status, http.StatusCreated, got.Raw)
	return id
}

// Books compares the coupons with the POS and the store: nothing is on its way, each active coupon has its points
// taken once and one code, nothing else has either. It gives the members' active coupons.
func (b *Processes) Books(members ...string) (active []domain.Coupon) {
	b.T.Helper()
	moved := map[string]int{}
	for _, e := range b.POS.AllEntries() {
		moved[e.Reference]++
	}
	for _, m := range members {
		list, err := b.Store.Listing.List(b.T.Context(), listing.Filter{CustomerID: m, Limit: 100})
		if err != nil {
			b.T.Fatal(err)
		}
		held := int64(0)
		for _, c := range list {
			takes, backs, usable := moved["COUPON-"+c.Code], moved["CANCEL-"+c.Code], b.Shopify.Usable(c.Code)
			switch {
			case c.Status == domain.Active && takes == 1 && backs == 0 && usable:
				held += c.Points
				active = append(active, c)
			case c.Status == domain.Failed && takes == backs && takes <= 1 && !usable:
			default:
				b.T.Errorf("a coupon ended as %s: taken %d, given back %d, usable %v", c.Status, takes, backs, usable)
			}
		}
		if balance, _ := b.POS.Balance(m); balance+held != 1250 {
			b.T.Errorf("balance %d and coupons worth %d do not make 1250", balance, held)
		}
	}
	return active
}

// Codes counts the codes the store has for a member.
func (b *Processes) Codes(member string) (n int) {
	for _, d := range b.Shopify.Discounts() {
		if strings.HasPrefix(d.Code, member[len(member)-5:]+"-") {
			n++
		}
	}
	return n
}
