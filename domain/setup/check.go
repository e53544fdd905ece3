package setup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"pointbridge/domain"
)

const (
	// lookEvery is how long an answer of the shop is believed; lookAgain while something is different, or nobody knows.
	lookEvery = time.Hour
	lookAgain = time.Minute
	lookLimit = 15 * time.Second
)

// Reader asks the shop.
type Reader interface {
	// ReadSetup returns what the shop says of itself. Errors: a *domain.UpstreamError.
	ReadSetup(ctx context.Context) (Shop, error)
}

// Memory keeps what the shop said last, over a restart in an hour in which it does not answer.
type Memory interface {
	Settings(ctx context.Context, names ...string) (map[string]string, error)
	Remember(ctx context.Context, at time.Time, values map[string]string,
		compare func(map[string]string) []domain.AuditEntry) error
}

// Check holds the settings against the shop, hourly and whenever somebody needs to know.
type Check struct {
	Wanted Wanted
	Shop   Reader
	Memory Memory
	Clock  domain.Clock
	Logger *slog.Logger

	// asking is held by whoever asks the shop, so that the others wait for that answer instead of asking as well.
	asking sync.Mutex
	mu     sync.Mutex
	known  *Shop
	looked time.Time
	asked  time.Time // when the shop last answered this process
	behind bool      // a look in the background is under way
}

// MayIssue reports whether a code of this currency may be made. A shop that was never asked is asked now; one that does
// not answer is believed to be as it was. Errors: shop_settings_differ, upstream_unavailable.
func (c *Check) MayIssue(ctx context.Context, currency string) error {
	shop, err := c.latest(ctx)
	if err != nil {
		return err
	}
	wanted := c.Wanted
	wanted.Currency = currency
	return refusal(wanted.Differences(shop))
}

// Differences returns what is known to be different, without waiting for the shop.
func (c *Check) Differences(ctx context.Context) []Difference {
	c.mu.Lock()
	known := c.known
	c.mu.Unlock()
	c.lookBehind(ctx)
	if known == nil {
		return nil
	}
	return c.Wanted.Differences(*known)
}

// Asked is when the shop last answered this process; zero for never.
func (c *Check) Asked() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// latest returns what the shop said last. Only where nothing is known does it wait for an answer.
func (c *Check) latest(ctx context.Context) (Shop, error) {
	c.mu.Lock()
	known := c.known
	c.mu.Unlock()
	if known != nil {
		c.lookBehind(ctx)
		return *known, nil
	}
	return c.first(ctx)
}

func (c *Check) first(ctx context.Context) (Shop, error) {
	c.asking.Lock()
	defer c.asking.Unlock()
	c.mu.Lock()
	known := c.known
	c.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	if shop, err := c.ask(ctx); err == nil {
		return shop, nil
	}
	values, err := c.Memory.Settings(ctx, names()...)
	if err != nil {
		return Shop{}, err
	}
	shop, ok := remembered(values)
	if !ok {
		return Shop{}, &domain.Error{Code: domain.CodeUpstreamUnavailable, RetryAfter: lookAgain}
	}
	c.keep(shop, c.Clock.Now())
	return shop, nil
}

// Look asks the shop now. Errors: a *domain.UpstreamError.
func (c *Check) Look(ctx context.Context) error {
	c.asking.Lock()
	defer c.asking.Unlock()
	_, err := c.ask(ctx)
	return err
}

// ask reads the shop, and keeps and records what it says.
func (c *Check) ask(ctx context.Context) (Shop, error) {
	limited, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	shop, err := c.Shop.ReadSetup(limited)
	if err != nil && ctx.Err() != nil {
		return Shop{}, err // the process stops
	}
	if err != nil {
		c.Logger.WarnContext(ctx, "the shop was not asked for its settings", "error", err)
		return Shop{}, err
	}
	now := c.Clock.Now()
	c.keep(shop, now)
	c.mu.Lock()
	c.asked = now
	c.mu.Unlock()
	for _, d := range c.Wanted.Differences(shop) {
		c.Logger.ErrorContext(ctx, "the shop is not as the settings say", "what", d.What, "wanted", d.Wanted, "found",
			d.Found, "stops_conversions", d.Stops)
	}
	values := shop.known()
	err = c.Memory.Remember(ctx, now, values, func(before map[string]string) []domain.AuditEntry {
		detail := changes(before, values)
		if detail == nil {
			return nil
		}
		system := domain.System()
		return []domain.AuditEntry{{At: now, Actor: system.ID, ActorName: system.Name, Action: domain.ActionShopChanged,
			Outcome: domain.OutcomeDone, Detail: detail}}
	})
	if err != nil {
		c.Logger.WarnContext(ctx, "what the shop says of itself was not kept", "error", err)
	}
	return shop, nil
}

func (c *Check) keep(shop Shop, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.looked = &shop, at
}

// lookBehind asks the shop in the background when its last answer is too old; nobody waits for it. It outlives the
// request that found the answer old.
func (c *Check) lookBehind(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.behind || c.Clock.Now().Sub(c.looked) < c.patience() {
		return
	}
	c.behind, c.looked = true, c.Clock.Now()
	go func() {
		_ = c.Look(context.WithoutCancel(ctx)) // said in the log
		c.mu.Lock()
		defer c.mu.Unlock()
		c.behind = false
	}()
}

func (c *Check) patience() time.Duration {
	if c.known == nil || len(c.Wanted.Differences(*c.known)) > 0 {
		return lookAgain
	}
	return lookEvery
}
