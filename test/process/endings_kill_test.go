package process

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestKilledWhileEnding kills the real process, again and again, while it converts, cancels, refunds, suspends and
// decides, and balances the books at the end.
// covers: 004-57
func TestKilledWhileEnding(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := startEndBed(t, db, "CANCEL_GRACE=50ms", "CANCEL_CAPS=store_manager=0/0", "FORFEIT_TWO_PEOPLE=false")
		t.Run("killed under mixed load, everybody has their points or their code", func(t *testing.T) {
			b.onBed(t)
			load := b.load()
			for range storm() {
				before := load.ended.Load()
				world.Eventually(t, "coupons end", func() bool { return load.ended.Load() >= before+25 })
				b.service.Kill()
				b.startService()
			}
			load.stop()
			b.recovered()
			count := b.balanceEndings()
			for _, s := range []domain.Status{domain.Cancelled, domain.Suspended, domain.Forfeited} {
				if count[s] == 0 {
					t.Errorf("no coupon ended as %s", s)
				}
			}
			if int64(count[domain.Cancelled]+count[domain.Suspended]+count[domain.Forfeited]) < load.ended.Load() {
				t.Errorf("%d endings were accepted, what is left is %v", load.ended.Load(), count)
			}
			t.Logf("killed %d times; %v", storm(), count)
		})
	})
}

// recovered waits until nothing is owed any more. A job that was running when its process was killed is only missed
// after its longest time, so that this can take minutes.
func (b *endBed) recovered() {
	b.T.Helper()
	world.Eventually(b.T, "nothing is owed any more", b.recoveredNow)
}

func (b *endBed) recoveredNow() bool {
	b.T.Helper()
	if len(b.coupons("pending"))+len(b.coupons("cancelling")) > 0 {
		return false
	}
	o := b.outsideBooks()
	for _, code := range append(b.coupons("suspended"), b.coupons("forfeited")...) {
		if o.alive[code] {
			return false
		}
	}
	return true
}

// mixedLoad is clients that go on whatever they are told.
type mixedLoad struct {
	ended atomic.Int64 // coupons whose ending was accepted
	stop  func()
}

func (b *endBed) load() *mixedLoad {
	l := &mixedLoad{}
	ctx, cancel := context.WithCancel(b.T.Context())
	var serial atomic.Int64
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for ctx.Err() == nil {
				b.mixed(ctx, l, serial.Add(1))
			}
		})
	}
	l.stop = func() {
		cancel()
		wg.Wait()
	}
	b.T.Cleanup(l.stop)
	return l
}

// mixed makes a coupon and, three times out of four, ends it; a request without an answer is made once more.
func (b *endBed) mixed(ctx context.Context, l *mixedLoad, n int64) {
	key := fmt.Sprint("mix-", n)
	made := twice(func() told { return b.Convert(ctx, fmt.Sprintf("m%d", n%40+1), key) })
	code := made.Text("code")
	if made.status != http.StatusCreated || n%4 == 3 {
		return
	}
	got := twice(func() told {
		switch n % 4 {
		case 0:
			return b.cancel(ctx, b.manager, code, key)
		case 1:
			return b.refund(ctx, code, "POS-"+key, key)
		default:
			return b.suspend(ctx, code, key)
		}
	})
	if got.status == http.StatusAccepted {
		l.ended.Add(1)
	}
	switch n % 12 {
	case 2:
		_ = b.decide(ctx, "return_points", key)
	case 6:
		_ = b.decide(ctx, "forfeit", key)
	}
}

func twice(ask func() told) told {
	if got := ask(); got.status != 0 {
		return got
	}
	return ask()
}
