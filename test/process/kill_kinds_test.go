package process

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestKilledUnderLoadWithEachVendor kills the real process while it converts and cancels with a vendor's till. Every
// point is with its member, in a usable code, or in a movement that lies before a person; of the last only a till whose
// entries bear no reference has any. Once, or as often as POINTBRIDGE_STORM says.
func TestKilledUnderLoadWithEachVendor(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"square", "smaregi"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := storetest.Postgres(t)
			// Who converts waits for the end of it: a busy machine has no more under way than it has clients.
			b := &vendorBed{endBed: startEndBed(t, db, "POS_KIND="+kind, "CANCEL_GRACE=50ms",
				"CANCEL_CAPS=store_manager=0/0", "CONVERT_WAIT=20s", "POS_TIMEOUT=3s", "SHOPIFY_TIMEOUT=3s",
				"STEP_LEASE=5s", "SETTLE_AFTER=5s"), kind: kind}
			b.own = db.Open(t, time.Now, func(context.Context, *sql.Tx, []domain.Job) error { return nil })
			made, stop := b.load()
			kills := 1
			if os.Getenv("POINTBRIDGE_STORM") != "" {
				kills = storm()
			}
			for range kills {
				before := made.Load()
				world.Eventually(t, "conversions are made, and a coupon ends", func() bool {
					return made.Load() >= before+8 && b.ended.Load() > 0
				})
				b.service.Kill()
				b.startService()
			}
			stop()
			world.Eventually(t, "everything rests, or lies before a person", b.rests)
			b.whole()
			b.auditHolds()
		})
	}
}

type vendorBed struct {
	*endBed
	kind string
	own  *store.Store
	// ended is how many cancellations were accepted.
	ended atomic.Int64
}

// load is clients that convert, and cancel every third coupon, whatever they are told.
func (b *vendorBed) load() (made *atomic.Int64, stop func()) {
	made = &atomic.Int64{}
	ctx, cancel := context.WithCancel(b.T.Context())
	members := demo.At(b.kind, demo.Crowd(40))
	var serial atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				n := serial.Add(1)
				key := fmt.Sprint("kind-", n)
				got := twice(func() told { return b.Convert(ctx, members[n%40].ID, key) })
				if got.status != http.StatusCreated {
					continue
				}
				made.Add(1)
				if n%3 == 0 {
					if twice(func() told { return b.cancel(ctx, b.manager, got.Text("code"), key) }).status == http.StatusAccepted {
						b.ended.Add(1)
					}
				}
			}
		})
	}
	stop = func() {
		cancel()
		wg.Wait()
	}
	b.T.Cleanup(stop)
	return made, stop
}

func (b *vendorBed) coupons(member string) []domain.Coupon {
	b.T.Helper()
	list, err := b.own.Listing.List(b.T.Context(), listing.Filter{CustomerID: member, Limit: 1000})
	expect.MustEqual(b.T, "err", err, nil)
	return list
}

func (b *vendorBed) rests() bool {
	b.T.Helper()
	for _, p := range demo.At(b.kind, demo.Crowd(40)) {
		for _, c := range b.coupons(p.ID) {
			if c.OnTheWay() && c.ParkedAt == nil {
				return false
			}
		}
	}
	return true
}

// points are what the till says that each member has.
func (b *vendorBed) points() map[string]int64 {
	b.T.Helper()
	path, credential := "/_sim/customers", "Bearer "+app.ValueOf(b.Env, "POS_TOKEN")
	if b.kind == "smaregi" {
		path, credential = "/_sim/members", "Basic "+base64.StdEncoding.EncodeToString([]byte(
			app.ValueOf(b.Env, "POS_CLIENT_ID")+":"+app.ValueOf(b.Env, "POS_CLIENT_SECRET")))
	}
	var list []struct {
		ID     string `json:"id"`
		Points int64  `json:"points"`
	}
	b.read(demo.PosPath+path, "Authorization", credential, &list)
	points := map[string]int64{}
	for _, m := range list {
		points[m.ID] = m.Points
	}
	return points
}

// whole holds each member's points against the books and the shop.
func (b *vendorBed) whole() {
	b.T.Helper()
	alive, codes, points := b.outsideCodes(), 0, b.points()
	count := map[domain.Status]int{}
	for _, p := range demo.At(b.kind, demo.Crowd(40)) {
		held, parked := int64(0), int64(0)
		for _, c := range b.coupons(p.ID) {
			count[c.Status]++
			switch {
			case c.ParkedAt != nil:
				parked++
				b.beforeAPerson(c)
				expect.That(b.T, "a parked code cannot be used", !alive[c.Code], c.Code)
			case c.Status == domain.Active:
				held += c.Points
				codes++
				expect.That(b.T, "an active code can be used", alive[c.Code], c.Code)
			default:
				expect.That(b.T, "a code that ended cannot be used", !alive[c.Code], c.Code, c.Status)
			}
		}
		rest := p.Points - points[p.ID] - held
		expect.That(b.T, "all points are somewhere", rest >= 0 && rest%100 == 0 && rest/100 <= parked, p.ID, rest, parked)
	}
	expect.Equal(b.T, "usable codes in the store", len(alive), codes)
	expect.That(b.T, "something was made and something ended", count[domain.Active] > 0 && count[domain.Cancelled] > 0,
		count)
	b.T.Logf("coupons %v", count)
}

func (b *vendorBed) outsideCodes() map[string]bool {
	alive := map[string]bool{}
	for _, d := range b.Shopify.Discounts() {
		if d.Status == "ACTIVE" {
			alive[d.Code] = true
		}
	}
	return alive
}

func (b *vendorBed) beforeAPerson(c domain.Coupon) {
	b.T.Helper()
	expect.That(b.T, "nothing is parked where entries can be found", b.kind == "smaregi", c.Code)
	list, err := b.own.Reviews.Reviews(b.T.Context(), reviews.Filter{CustomerID: c.CustomerID, Status: "open",
		Kind: reviews.Unsettled, Limit: 200})
	expect.MustEqual(b.T, "err", err, nil)
	for _, r := range list {
		if r.CouponID == c.ID {
			return
		}
	}
	b.T.Errorf("%s is parked, and nobody is asked", c.Code)
}
