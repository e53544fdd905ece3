package storm

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestStorm does POINTBRIDGE_OPS random things (100000 is the full measure) to coupons, by random processes that die at
// random moments, while the outside fails at random, and then looks whether the books are whole. POINTBRIDGE_SEED
// repeats what was drawn; in which order the workers get there is the machine's.
// covers: 004-25, 004-29, 004-57, T-10
func TestStorm(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		usual := map[string]int64{"postgres": 1000, "sqlite": 400}[db.Dialect] // about as long on both
		ops, seed := world.FromEnv("POINTBRIDGE_OPS", usual), world.FromEnv("POINTBRIDGE_SEED", time.Now().UnixNano())
		s := newTempest(t, db, uint64(seed), ops)
		t.Run("the books are whole after random operations and faults", func(t *testing.T) {
			s.OnEnd(t)
			began := time.Now()
			s.rage()
			raged := time.Since(began)
			s.calm()
			count := s.Books()
			s.giftsAreWhole()
			s.compared()
			s.tallied(count)
			t.Logf("POINTBRIDGE_SEED=%d POINTBRIDGE_OPS=%d: raged %s, whole after %s; %v; coupons %v", seed, ops,
				raged.Round(time.Millisecond), time.Since(began).Round(time.Millisecond), s.done, count)
		})
	})
}

const (
	// haste is how much faster the storm's clock goes than the machine's.
	haste         = 8
	stormWorkers  = 16
	stormReplicas = 2
	stormPoints   = 3000
)

// tempest is a world in bad weather.
type tempest struct {
	*world.Endings
	seed   uint64
	ops    int64
	next   atomic.Int64
	people []holder
	halt   func() // stops the clock

	lock     sync.Mutex
	replicas [stormReplicas]*replica
	codes    []issuedCode
	carts    []int64
	giftList []issuedCode
	done     map[string]int
	gifted   map[int64]string // the code that each request for one of the campaign's was answered with
}

type holder struct{ member, gid string }

type issuedCode struct{ code, gid string }

// replica is one process that can die.
type replica struct {
	*coupons.Service
	mortal *couponstest.Mortal
}

func newTempest(t *testing.T, db storetest.Database, seed uint64, ops int64) *tempest {
	t.Helper()
	s := &tempest{Endings: world.NewEndings(t, db, true), seed: seed, ops: ops, done: map[string]int{},
		gifted: map[int64]string{}}
	s.Connect(time.Second, app.HTTPClient(), true)
	s.Policy.DailyLimit, s.Policy.Retention = 1e9, 365*24*time.Hour
	s.openCampaign()
	s.drive()
	for range max(10, ops/20) {
		h := holder{s.Addressed(), s.GID()}
		s.POS.SellAtPOS(h.member, stormPoints-1250)
		s.people = append(s.people, h)
	}
	draw := rand.New(rand.NewPCG(seed, 0))
	s.Shopify.HeldCodesStayGood(draw.IntN(2) == 0)
	s.Shopify.LagUsage(time.Duration(draw.IntN(3)) * time.Minute)
	for i := range s.replicas {
		s.replicas[i] = s.born(draw)
	}
	return s
}

// drive makes the clock go until it is halted.
func (s *tempest) drive() {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		last := time.Now()
		for {
			select {
			case now := <-tick.C:
				s.Clock.Advance(haste * now.Sub(last))
				last = now
			case <-stop:
				return
			}
		}
	}()
	s.halt = sync.OnceFunc(func() {
		close(stop)
		<-stopped
	})
	s.T.Cleanup(s.halt)
}

// born starts a process. Some have been told to issue coupons that end soon.
func (s *tempest) born(r *rand.Rand) *replica {
	ports := s.Whole()
	ports.Ledger = world.WatchedLedger{Ledger: ports.Ledger, W: s.Endings}
	p := &replica{mortal: &couponstest.Mortal{Inner: ports}}
	p.Service = s.Service(p.mortal.Ports())
	p.Guard = s.guard()
	p.Timing = coupons.Timing{Wait: 2 * time.Second, Lease: 24 * time.Second, Settle: 24 * time.Second,
		Grace: time.Second}
	if r.IntN(3) == 0 {
		p.Policy.Validity = time.Minute
	}
	return p
}

// replica draws a living process.
func (s *tempest) replica(r *rand.Rand) *replica {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.replicas[r.IntN(len(s.replicas))]
}

// rage runs the operations, and beside them what a queue would do.
func (s *tempest) rage() {
	var workers, queue sync.WaitGroup
	stop := make(chan struct{})
	queue.Go(func() { s.queue(stop) })
	for worker := range stormWorkers {
		r := rand.New(rand.NewPCG(s.seed, uint64(worker)+1)) //nolint:gosec // a small number
		workers.Go(func() {
			for n := s.next.Add(1); n <= s.ops; n = s.next.Add(1) {
				s.Once(r, n)
			}
		})
	}
	workers.Wait()
	close(stop)
	queue.Wait()
}

// queue advances what is stuck and writes metafields until it is told to stop.
func (s *tempest) queue(stop chan struct{}) {
	r := rand.New(rand.NewPCG(s.seed, 1000))
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			s.advanceAll(s.replica(r))
			s.writeMetafields(s.replica(r))
		}
	}
}

// inParallel does something for each, a few at a time.
func inParallel[T any](list []T, do func(T)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, one := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			do(one)
		})
	}
	wg.Wait()
}

func (s *tempest) advanceAll(p *replica) int {
	ids, err := s.Store.Backlog.Stuck(s.T.Context(), s.Clock.Now(), 100)
	if err != nil {
		s.T.Error(err)
	}
	inParallel(ids, func(id int64) { s.tell("advance", p.Advance(s.T.Context(), id)) })
	return len(ids)
}

// writeMetafields writes those that are behind, and keeps of the jobs the mails, which wait for the end.
func (s *tempest) writeMetafields(p *replica) {
	s.Mu.Lock()
	s.Jobs = slices.DeleteFunc(s.Jobs, func(j domain.Job) bool {
		return j.Kind != domain.JobMail || j.Mail != domain.MailCancelled
	})
	s.Mu.Unlock()
	s.tell("metafield", s.Metafields(p.Service).Project(s.T.Context()))
}

// calm lets one last process finish everything, when the weather is fine again.
func (s *tempest) calm() {
	s.T.Helper()
	s.Faults.Clear()
	s.Connect(world.Patience, app.HTTPClient(), true) // what is slow from here on is the machine
	r := rand.New(rand.NewPCG(s.seed, 2000))
	for i, p := range s.replicas {
		p.mortal.Kill()
		s.replicas[i] = s.born(r)
	}
	p := s.replicas[0]
	rested := func() bool {
		if s.advanceAll(p) > 0 {
			return false
		}
		waiting, err := s.Store.Backlog.Gauges(s.T.Context())
		return err == nil && waiting["on_the_way"] == 0
	}
	world.Eventually(s.T, "everything has come to rest", rested)
	s.Clock.Advance(time.Minute)
	for range 2 { // a second look changes nothing
		world.Eventually(s.T, "all orders are known", func() bool {
			return s.Orders(p.Service).SweepOrders(s.T.Context()) == nil
		})
		world.Eventually(s.T, "everything has come to rest", rested)
	}
	s.halt()
	s.finish(p)
}

// finish does what a queue and its sweeps still owe, on a clock that stands still.
func (s *tempest) finish(p *replica) {
	s.T.Helper()
	ctx := s.T.Context()
	for {
		ids, err := s.Store.Backlog.Ended(ctx, s.Clock.Now(), 1)
		if err = errors.Join(err, p.Sweep(ctx)); err != nil {
			s.T.Fatal(err)
		}
		if len(ids) == 0 {
			break
		}
	}
	s.writeMetafields(p)
	for {
		waiting, err := s.Store.Backlog.Gauges(ctx)
		if err != nil {
			s.T.Fatal(err)
		}
		if waiting["metafields_behind"] == 0 {
			break
		}
		s.Clock.Advance(time.Minute) // past the leases of those who died while they wrote
		s.Synced(p.Service)
	}
	inParallel(s.Jobs, func(j domain.Job) {
		if err := s.Notices(p.Service).SendMail(ctx, j.CouponID, j.Mail, j.Step, j.Ref); err != nil {
			s.T.Error(err)
		}
	})
}

// Books says whether everything is whole: of each member, and of each of their coupons.
func (s *tempest) Books() map[domain.Status]int {
	s.T.Helper()
	v, count := s.View(), map[domain.Status]int{}
	for _, h := range s.people {
		for _, c := range s.BalancedBooks(v, h.member, stormPoints) {
			count[c.Status]++
			if got, want := s.Shown(c.ShopifyCustomerGID, c.Code), string(c.Status.Public()); got != want {
				s.T.Errorf("%s %s: the metafield shows %q", c.Status, c.Code, got)
			}
		}
	}
	if s.ops >= 5000 {
		for _, status := range []domain.Status{domain.Active, domain.Used, domain.Cancelled, domain.Suspended,
			domain.Forfeited, domain.Failed} {
			if count[status] == 0 {
				s.T.Errorf("no coupon ended as %s: the storm was none", status)
			}
		}
	}
	return count
}
