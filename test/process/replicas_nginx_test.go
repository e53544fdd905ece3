package process

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// turns is how often each replica is killed: once, or as many times more as POINTBRIDGE_STORM is more than a common
// run's.
func turns() int { return max(1, storm()/5) }

// crowd are people who convert through nginx, each under a key of their own, and ask again until they have a coupon.
type crowd struct {
	*world.Processes
	members chan string
	mu      sync.Mutex
	served  []string
	asked   atomic.Int64
}

// one has a member served, whatever nginx says while a replica is gone.
func (c *crowd) one(t *testing.T, through *world.Proc, member string) {
	world.Eventually(t, "whoever asks again gets the coupon", func() bool {
		c.asked.Add(1)
		told := through.Post("/v1/customers/"+member+"/conversions", "crowd-"+member, `{"points": 500}`)
		return told.Status == http.StatusCreated || told.Status == http.StatusAccepted
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.served = append(c.served, member)
}

// TestThreeReplicasBehindNginxAreKilledInTurn: no request sticks to a replica, each of them dies under load and comes
// back, and everybody has one coupon for their points. POINTBRIDGE_MINUTES says for how long it goes on at least.
// covers: H-13
func TestThreeReplicasBehindNginxAreKilledInTurn(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=2s", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s",
		"STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms", "TRUSTED_PROXIES=127.0.0.1")
	replicas := []*world.Proc{b.Start(), b.Start(), b.Start()}
	through := replicas[0].At(behindNginx(t, replicas...))
	c := &crowd{Processes: b, members: make(chan string)}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for member := range c.members {
				c.one(t, through, member)
			}
		})
	}
	over := time.After(time.Duration(world.FromEnv("POINTBRIDGE_MINUTES", 0)) * time.Minute)
	rounds := 0
	for ; rounds < turns() || !happened(over); rounds++ {
		for i, victim := range replicas {
			members := make([]string, 6)
			for n := range members {
				members[n] = b.Member(victim)
			}
			for n, m := range members {
				c.members <- m
				if n == len(members)/2 {
					victim.Kill()
				}
			}
			replicas[i] = b.StartAt(strings.TrimPrefix(victim.Base, "http://"))
		}
	}
	close(c.members)
	all.Wait()
	expect.Equal(t, "members with a coupon", len(c.served), 18*rounds)
	for _, m := range c.served {
		world.Eventually(t, "each conversion is finished", func() bool {
			now := replicas[0].POS().Do("GET", fmt.Sprintf("/v1/customers/%s/conversions/crowd-%s", m, m), "", "")
			return now.Status == http.StatusOK
		})
	}
	expect.Equal(t, "coupons", len(b.Books(c.served...)), len(c.served))
	for _, m := range c.served {
		expect.Equal(t, "codes of "+m, b.Codes(m), 1)
	}
	t.Logf("%d kills, %d conversions, asked for %d times", 3*rounds, len(c.served), c.asked.Load())
}

// happened says whether a time has come, once.
func happened(over <-chan time.Time) bool {
	select {
	case <-over:
		return true
	default:
		return false
	}
}
