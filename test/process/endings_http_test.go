package process

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestEndingsAtOnce lets a crowd end coupons at the same time, through the real service over HTTP, on both databases.
// covers: 004-29, 004-56, T-05
func TestEndingsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := startEndBed(t, db, append(world.Unhurried(), "CANCEL_GRACE=0s", "CANCEL_CAPS=store_manager=0/1000")...)
		t.Run("a hundred parallel endings of one coupon give one credit", func(t *testing.T) { b.onBed(t).oneCoupon() })
		t.Run("a hundred parallel requests with one key give one answer", func(t *testing.T) { b.onBed(t).oneKey() })
		t.Run("fifty parallel cancellations of one actor never exceed the cap of the day",
			func(t *testing.T) { b.onBed(t).capped() })
	})
}

func (b *endBed) onBed(t *testing.T) *endBed {
	b.T, b.pos.T, b.staff.T = t, t, t
	return b
}

// atOnce makes n requests at the same time and counts the answers: statuses, and the codes of problems.
func (b *endBed) atOnce(n int, request func(n int) told) map[string]int {
	var mu sync.Mutex
	count := map[string]int{}
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			got := request(i)
			mu.Lock()
			defer mu.Unlock()
			name := fmt.Sprint(got.status)
			if got.status >= 400 {
				name = got.Text("code")
			}
			count[name]++
		})
	}
	close(start)
	wg.Wait()
	return count
}

func (b *endBed) oneCoupon() {
	admin := world.OwnedKey(b.Once, "ec_admin", "Abe")
	for round := range 6 {
		code := b.issue("m1", fmt.Sprint("one-", round))
		var cancels, refunds, suspensions atomic.Int64
		won := func(of *atomic.Int64, got told) told {
			if got.status == http.StatusAccepted {
				of.Add(1)
			}
			return got
		}
		count := b.atOnce(100, func(n int) told {
			key := fmt.Sprint(code, n)
			switch n % 3 {
			case 0:
				return won(&cancels, b.cancel(b.T.Context(), admin, code, key))
			case 1:
				return won(&refunds, b.refund(b.T.Context(), code, "POS-"+key, key))
			default:
				return won(&suspensions, b.suspend(b.T.Context(), code, key))
			}
		})
		b.atRest()
		o := b.outsideBooks()
		suspended := b.staff.Do("GET", "/v1/coupons/"+code, "", "").Body["status"] == string(domain.Suspended)
		if o.taken[code] != 1 || o.back[code] != map[bool]int{true: 0, false: 1}[suspended] || o.alive[code] {
			b.T.Errorf("%s: taken %d, given back %d, alive %v, suspended %v", code, o.taken[code], o.back[code],
				o.alive[code], suspended)
		}
		// One wins. The POS is told of its one refund under every key it asks with.
		winners := cancels.Load() + suspensions.Load() + min(1, refunds.Load())
		refused := count["cancellation_in_progress"] + count["coupon_already_cancelled"] +
			count["coupon_not_cancellable"]
		if winners != 1 || count["202"]+refused != 100 {
			b.T.Errorf("%d cancels, %d refunds and %d suspensions were accepted; a hundred were told %v",
				cancels.Load(), refunds.Load(), suspensions.Load(), count)
		}
	}
}

func (b *endBed) oneKey() {
	code := b.issue("m2", "one-key")
	count := b.atOnce(100, func(int) told { return b.cancel(b.T.Context(), b.manager, code, "the-same") })
	b.atRest()
	if count["202"] != 100 {
		b.T.Errorf("a hundred were told %v", count)
	}
	if o := b.outsideBooks(); o.back[code] != 1 || o.alive[code] {
		b.T.Errorf("given back %d times, alive %v", o.back[code], o.alive[code])
	}
}

// capped has 900 points left of the manager's 1,000 for the day.
func (b *endBed) capped() {
	codes := make([]string, 50)
	for i := range codes {
		codes[i] = b.issue(fmt.Sprintf("m%d", i%20+3), fmt.Sprint("cap-", i))
	}
	count := b.atOnce(len(codes), func(n int) told { return b.cancel(b.T.Context(), b.manager, codes[n], fmt.Sprint("cap-", n)) })
	b.atRest()
	if count["202"] != 9 || count["cancellation_limit_exceeded"] != 41 {
		b.T.Errorf("fifty were told %v", count)
	}
	credits := 0
	o := b.outsideBooks()
	for _, code := range codes {
		credits += o.back[code]
	}
	if credits != 9 {
		b.T.Errorf("%d credits", credits)
	}
	if got := b.cancel(b.T.Context(), b.manager, codes[0], "later"); got.status == http.StatusAccepted {
		b.T.Error("the cap has no end")
	}
	b.balanceEndings()
}

// atRest waits until nothing is on its way any more.
func (b *endBed) atRest() {
	b.T.Helper()
	world.Eventually(b.T, "nothing is on its way any more", func() bool {
		return len(b.coupons("pending"))+len(b.coupons("cancelling")) == 0
	})
}
