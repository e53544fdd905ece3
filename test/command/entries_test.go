package command

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestAProcessThatStopsHasRecordedHowOftenCallersWereRefused: a caller is refused, and reads, many times; what stands
// in the audit then is few entries, whose numbers add up to every one of them.
func TestAProcessThatStopsHasRecordedHowOftenCallersWereRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		const times = 60
		b := world.NewProcesses(t, db)
		p := b.Start()
		member := b.Member(p)
		staffs := world.Caller{T: t, Base: p.Base, Key: world.OwnedKey(b.Once, "staff", "Clerk")}
		began := time.Now()
		for range times {
			if got := staffs.Do("POST", "/v1/coupons/70934-AB72CD-500/cancellation", "k",
				`{"reason": "other"}`); got.Status != http.StatusForbidden {
				t.Fatalf("a cancellation by general staff is answered with %d", got.Status)
			}
			if got := staffs.Do("GET", "/v1/customers/"+member+"/coupons", "", ""); got.Status != http.StatusOK {
				t.Fatalf("a look is answered with %d", got.Status)
			}
			if got := p.POS().Do("GET", "/v1/customers/"+member+"/points", "", ""); got.Status != http.StatusOK {
				t.Fatalf("the POS's look is answered with %d", got.Status)
			}
		}
		minutes := int(time.Since(began)/time.Minute) + 2
		p.Terminate()
		world.Await(t, "the process ends", p.Ended)
		for _, action := range []string{"access.refused", domain.ActionCouponsOfRead, domain.ActionCustomerRead} {
			found, err := b.Store.Audit.Audit(t.Context(), audit.Filter{Action: action, Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			sum := 0
			for _, e := range found {
				n, several := e.Detail["times"].(float64)
				if !several {
					n = 1
				}
				sum += int(n)
				if address := e.Detail["address"]; action == "access.refused" && !several && address != "127.0.0.1" {
					t.Errorf("the refusal's address is %v", address)
				}
				if action != "access.refused" && e.CustomerID != member {
					t.Errorf("%s is about %q", action, e.CustomerID)
				}
			}
			if sum != times || len(found) > 2*minutes {
				t.Errorf("%d entries of %s tell of %d, want %d", len(found), action, sum, times)
			}
		}
		if log := p.Log.String(); !strings.Contains(log, `"client":"127.0.0.1"`) {
			t.Error("the log does not hold the client's address")
		}
	})
}
