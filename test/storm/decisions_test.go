package storm

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestEveryDecisionIsMadeAgainAsItWas does POINTBRIDGE_DECISIONS random things at once: decisions at every stage,
// orders that are heard of again, come to nothing and stand again, verdicts, new rules and new keys. After them every
// decision that was not erased is made again from what was stored, byte for byte, every use is one, and every digest
// is under the newest key. POINTBRIDGE_SEED repeats what was drawn.
// covers: D-12
func TestEveryDecisionIsMadeAgainAsItWas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		usual := map[string]int64{"postgres": 600, "sqlite": 300}[db.Dialect]
		seed := world.FromEnv("POINTBRIDGE_SEED", time.Now().UnixNano())
		s := newJudges(t, db, uint64(seed))
		s.rage(world.FromEnv("POINTBRIDGE_DECISIONS", usual))
		s.whole()
		t.Logf("POINTBRIDGE_SEED=%d", seed)
	})
}

const (
	judgeWorkers = 6
	crowd        = 30 // persons; few, so that they meet again
	mostKeys     = 4
)

// judges is a service on a database, whose keys are changed while it works.
type judges struct {
	t     *testing.T
	store *store.Store
	seed  uint64
	now   func() time.Time
	// keys is how many keys there are; each call makes its service with those of the moment.
	keys atomic.Int64
	// turning keeps two from turning the key at once.
	turning sync.Mutex
}

var stormCaller = domain.Caller{ID: "staff:1", Name: "Storm", Role: domain.RoleSystemAdmin, Credential: "session:1"}

func newJudges(t *testing.T, db storetest.Database, seed uint64) *judges {
	t.Helper()
	var ticks atomic.Int64
	begin := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	s := &judges{t: t, seed: seed, now: func() time.Time {
		return begin.Add(time.Duration(ticks.Add(1)) * time.Second)
	}}
	s.keys.Store(1)
	s.store = db.Open(t, s.now, func(context.Context, *sql.Tx, []domain.Job) error { return nil })
	p := decisions.NewPolicy(decisions.Medium)
	p.Mode = decisions.Enforce
	book := campaigns.Service{Campaigns: s.store.Campaigns, Now: s.now}
	_, err := book.Make(t.Context(), stormCaller, campaigns.Campaign{Key: "summer", Prefix: "SUMMER-", Policy: p,
		Names: []campaigns.Name{{Language: "en", Text: "Summer"}}})
	if err == nil {
		_, err = book.SetStatus(t.Context(), stormCaller, "summer", campaigns.Live, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *judges) ring() identity.Keyring {
	var keys [][]byte
	for n := range s.keys.Load() {
		keys = append(keys, bytes.Repeat([]byte{byte(n + 1)}, 32))
	}
	ring, err := identity.NewKeyring(keys...)
	if err != nil {
		s.t.Error(err)
	}
	return ring
}

func (s *judges) service() decisions.Service {
	return decisions.Service{Campaigns: s.store.Campaigns, Decisions: s.store.Identity, Uses: s.store.Identity,
		Verdicts: s.store.Identity, Canonical: identity.Canonical{Country: "JP"}, Keys: s.ring(), Observer: silent{},
		Now: s.now, Disposable: func(d string) bool { return d == "trash.example" }}
}

type silent struct{}

func (silent) Decided(string, decisions.Stage, decisions.Answer)     {}
func (silent) LeakedCode(string)                                     {}
func (silent) Judged(string, decisions.Outcome, decisions.Judgement) {}

// rage does so many things, by several at once.
func (s *judges) rage(ops int64) {
	var next atomic.Int64
	var group sync.WaitGroup
	for worker := range judgeWorkers {
		group.Go(func() {
			draw := rand.New(rand.NewPCG(s.seed, uint64(worker))) //nolint:gosec // a storm is repeated, not secret
			for next.Add(1) <= ops && !s.t.Failed() {
				if err := s.one(draw); err != nil && !foreseen(err) {
					s.t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// foreseen is what may come of doing two things at once.
func foreseen(err error) bool {
	switch domain.CodeOf(err) {
	case domain.CodeVerdictGiven, domain.CodeDecisionErased, domain.CodeCampaignChanged:
		return true
	}
	return errors.Is(err, domain.ErrConflict)
}

func (s *judges) one(draw *rand.Rand) error {
	ctx, service := s.t.Context(), s.service()
	switch n := draw.IntN(100); {
	case n < 35:
		stages := []decisions.Stage{decisions.StageIssue, decisions.StageCart, decisions.StageCheckout}
		_, err := service.Ask(ctx, decisions.Question{Code: fmt.Sprint("SUMMER-", draw.IntN(200)), Currency: "JPY",
			Stage: stages[draw.IntN(3)], Shown: person(draw)})
		return err
	case n < 75:
		return s.order(ctx, service, draw)
	case n < 88:
		page, _, err := service.List(ctx, decisions.Filter{Limit: 20})
		if err != nil || len(page) == 0 {
			return err
		}
		_, err = service.Judge(ctx, stormCaller, page[draw.IntN(len(page))].PublicID,
			[]decisions.Judgement{decisions.Abuse, decisions.NotAbuse}[draw.IntN(2)], "")
		return err
	case n < 95:
		return s.rules(ctx, draw)
	case n < 97:
		_, err := s.store.Identity.Erase(ctx, "", identity.Print{}, s.now()) // nobody: nothing may go
		return err
	default:
		return s.turn(ctx)
	}
}

// person is one of few, and shows some of what they have, or something that another one has.
func person(draw *rand.Rand) identity.Shown {
	n := draw.IntN(crowd)
	s := identity.Shown{Emails: []string{fmt.Sprintf("p%d@example.com", n)}}
	if draw.IntN(2) == 0 {
		s.CustomerID = fmt.Sprintf("gid://shopify/Customer/%d", n)
	}
	if draw.IntN(2) == 0 {
		s.Devices = []string{fmt.Sprint("device-", n/2)}
	}
	if draw.IntN(2) == 0 {
		s.IPs = []string{fmt.Sprintf("203.0.%d.1", n/5)}
	}
	if draw.IntN(2) == 0 {
		s.Addresses = []identity.PostalAddress{{Line1: fmt.Sprintf("銀座%d-2-3", n/3+1), City: "中央区", Province: "東京都",
			Zip: "1040061", Country: "JP"}}
	}
	return s
}

// order is one of few, so that most are heard of again: standing or void, of an older or a newer state.
func (s *judges) order(ctx context.Context, service decisions.Service, draw *rand.Rand) error {
	n := draw.IntN(120)
	seen := decisions.SeenOrder{Shown: person(draw), Use: decisions.Use{OrderID: fmt.Sprint("gid://shopify/Order/", n),
		Order: fmt.Sprint("#", n), Code: fmt.Sprint("SUMMER-", n), At: s.now().Add(-time.Duration(n) * time.Minute),
		Gross: 5000, Discount: 500, Currency: "JPY", Source: decisions.FromOrder}}
	if draw.IntN(4) == 0 {
		seen.Use.VoidReason = "cancelled"
	}
	if draw.IntN(3) == 0 {
		seen.Use.SeenAt = s.now().Add(-time.Minute)
	}
	_, err := service.SeeUse(ctx, seen)
	return err
}

// rules gives the campaign other ones.
func (s *judges) rules(ctx context.Context, draw *rand.Rand) error {
	c, err := s.store.Campaigns.ByKey(ctx, "summer")
	if err != nil {
		return err
	}
	p := decisions.NewPolicy(decisions.Presets()[draw.IntN(3)])
	p.Mode = []decisions.Mode{decisions.Shadow, decisions.Enforce}[draw.IntN(2)]
	p.UsesPerPerson, p.Weak.EmailsPerIP = draw.IntN(4), draw.IntN(3)
	_, err = campaigns.Service{Campaigns: s.store.Campaigns, Now: s.now}.Protect(ctx, stormCaller, "summer",
		c.Policy.Version, p)
	return err
}

// turn makes a new key, and brings a part of what there is under it.
func (s *judges) turn(ctx context.Context) error {
	s.turning.Lock()
	defer s.turning.Unlock()
	if s.keys.Load() < mostKeys {
		s.keys.Add(1)
	}
	_, err := s.wrap(ctx, 50)
	return err
}

func (s *judges) wrap(ctx context.Context, limit int) (int, error) {
	ring := s.ring()
	return s.store.Identity.Rewrap(ctx, ring.Version(), limit, func(d identity.Digest) (identity.Digest, error) {
		return ring.WrapTo(d, ring.Version())
	})
}

// whole looks at everything that is left.
func (s *judges) whole() {
	s.t.Helper()
	for {
		done, err := s.wrap(s.t.Context(), 500)
		if err != nil {
			s.t.Fatal(err)
		}
		if done == 0 {
			break
		}
	}
	service, again, flags := s.service(), 0, 0
	for filter := (decisions.Filter{Limit: 100}); ; {
		page, more, err := service.List(s.t.Context(), filter)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, d := range page {
			r, err := service.Replay(s.t.Context(), d.PublicID, 0)
			if err != nil || !r.Same {
				s.t.Errorf("%s at %s: %s %s is made again as %s %s, %v", d.PublicID, d.Request.Stage, d.Answer.Outcome,
					d.Answer.Reason, r.Answer.Outcome, r.Answer.Reason, err)
			}
			if again++; d.Answer.Outcome != decisions.Allow {
				flags++
			}
			filter.Before = d.ID
		}
		if !more {
			break
		}
	}
	if again < 50 || flags == 0 {
		s.t.Errorf("%d decisions, %d of them no plain allow: the storm was none", again, flags)
	}
	for query, want := range map[string]int{
		fmt.Sprintf(`SELECT count(*) FROM identity_digests WHERE key_version <> %d`, s.keys.Load()):                0,
		`SELECT count(*) FROM (SELECT order_id FROM identity_uses GROUP BY order_id HAVING count(*) > 1) AS twice`: 0,
		`SELECT count(*) FROM (SELECT order_id FROM decisions WHERE stage = 'order' GROUP BY order_id
			HAVING count(*) > 1) AS twice`: 0,
	} {
		var n int
		err := s.store.DB().QueryRowContext(s.t.Context(), query).Scan(&n)
		expect.MustEqual(s.t, "err", err, nil, query)
		expect.Equal(s.t, "n", n, want, query)
	}
}
