package shopify

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	graphql "github.com/graph-gophers/graphql-go"

	"pointbridge/integrations/shopify/schema"
)

// Server is a simulated store. It is an http.Handler and safe for concurrent use.
type Server struct {
	cfg     Config
	state   *state
	journal *journal
	schema  *graphql.Schema
	plans   plans
	bucket  *bucket
	history history
	courier *courier
	guard   guardFunction

	// Guarded by state.mu.
	checkouts     map[int64]openCheckout
	heldStaysGood bool
	usageLag      time.Duration
	searchLag     time.Duration

	counting  sync.Mutex
	calls     map[string]int
	restCalls int

	zone        *time.Location
	uninstalled atomic.Bool
	shut        atomic.Int64 // the status of CloseShop
	plus        atomic.Bool  // see ChangePlan
	// groups is guarded by the state's lock.
	groups          groups
	readsAll        atomic.Bool // the app has the scope read_all_orders
	granted         atomic.Pointer[string]
	sellsIn         atomic.Pointer[string]
	protected       atomic.Pointer[protection]
	tokenGeneration atomic.Int64
	requests        atomic.Int64
	ahead           *atomic.Int64 // see PutAhead
}

// New makes a store; with Config.Path it goes on where the journal ended. It fails when something required is missing
// or the journal cannot be read.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("simulated Shopify: %w", err)
	}
	ahead, clock := new(atomic.Int64), cfg.Clock
	cfg.Clock = func() time.Time { return clock().Add(time.Duration(ahead.Load())) }
	s := &Server{
		cfg:       cfg,
		ahead:     ahead,
		state:     newState(),
		bucket:    newBucket(cfg.Bucket, cfg.Clock),
		history:   history{values: map[string]map[metafieldName][]Metafield{}},
		checkouts: map[int64]openCheckout{},
		calls:     map[string]int{},
		zone:      zoneOf(cfg.Timezone),
	}
	s.readsAll.Store(strings.Contains(cfg.Scopes, allOrders))
	s.plus.Store(cfg.Plus)
	s.courier = newCourier(s)
	s.schema, err = graphql.ParseSchema(schema.SDL, rootResolver{s},
		graphql.UseFieldResolvers(), graphql.DisableFieldSelections(), graphql.MaxDepth(20))
	if err != nil {
		return nil, fmt.Errorf("simulated Shopify: the schema and its resolvers differ: %w", err)
	}
	s.plans = plans{schema: s.schema, known: map[string]*plan{}}
	if cfg.Path != "" {
		if s.journal, err = openJournal(cfg.Path, s.state); err != nil {
			return nil, fmt.Errorf("simulated Shopify: %w", err)
		}
	}
	s.courier.begin()
	return s, nil
}

// rootResolver hands the engine the two kinds of root fields.
type rootResolver struct{ s *Server }

// Query is the reading side.
func (r rootResolver) Query() *queries { return &queries{r.s} }

// Mutation is the writing side.
func (r rootResolver) Mutation() *mutations { return &mutations{r.s} }

// Close ends the deliveries and the journal; what is owed stays owed. The server must not be used any more.
func (s *Server) Close() error {
	s.courier.close()
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	return errors.Join(s.journal.close(), s.guard.close())
}

// PutAhead moves the store's clock on, against Config.Clock: the vendor tells times by the second, so that of two changes
// within one nobody can say which came last.
func (s *Server) PutAhead(by time.Duration) { s.ahead.Add(int64(by)) }

// restDiscounts are the routes of the old REST API that dealt with codes.
var restDiscounts = regexp.MustCompile(`^/admin/(api/[^/]+/)?(price_rules|discount_codes)([/.]|$)`)

// ServeHTTP serves the vendor's two routes and /_sim/; everything else does not exist.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Request-Id", s.requestID())
	switch {
	case strings.HasPrefix(r.URL.Path, adminPrefix):
		s.admin(w, r)
	case r.URL.Path == "/admin/oauth/access_token" && r.Method == http.MethodPost:
		s.grantToken(w, r)
	case r.URL.Path == "/admin/api/"+s.cfg.APIVersion+"/graphql.json" && r.Method == http.MethodPost:
		s.graphQL(w, r)
	default:
		if restDiscounts.MatchString(r.URL.Path) {
			s.counting.Lock()
			s.restCalls++
			s.counting.Unlock()
		}
		writeJSON(w, http.StatusNotFound, map[string]string{"errors": "Not Found"})
	}
}

func (s *Server) requestID() string {
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", s.requests.Add(1))
}
