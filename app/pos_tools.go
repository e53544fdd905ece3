package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/poscheck"
	"pointbridge/integrations/store"
)

// LoadPOSConfig reads the environment for what asks the POS: of the settings those about the POS have to be there, and
// with the books the database's.
func LoadPOSConfig(environ []string, books bool) (Config, error) {
	cfg, faults := readEnvironment(environ)
	cfg.checkPOS(&faults)
	if cfg.POSTimeout <= 0 {
		faults.add("POS_TIMEOUT must be positive")
	}
	if books {
		cfg.checkDatabase(&faults)
	}
	return cfg, faults.err()
}

// AskedPOS is the POS without its breaker, for a command that asks it a few times.
func (c Config) AskedPOS() (poscheck.POS, error) { return c.posThrough(HTTPClient()) }

// posThrough is AskedPOS through an HTTP client of the caller's.
func (c Config) posThrough(through *http.Client) (poscheck.POS, error) {
	clock := domain.SystemClock{}
	client, err := c.OpenPOS(clock.Now, through)
	if err != nil {
		return poscheck.POS{}, err
	}
	changes, _ := client.(coupons.History)
	return poscheck.POS{Ledger: client, History: changes, Promised: client.Capabilities(), Clock: clock}, nil
}

// trying promises everything that can be chosen: a client asks for nothing that its POS does not promise.
func (c Config) trying() Config {
	c.POSReplay, c.POSLookup = "", ""
	return c
}

// nobodies are ids that no member has, in the form of each kind.
var nobodies = map[string]string{"generic": "pointbridge-nobody", "square": "00000000-0000-0000-0000-000000000000",
	"smaregi": "9999999999"}

// CheckPOS tries out what the POS keeps, by a member if one is given.
func (c Config) CheckPOS(ctx context.Context, member string, begin func(name string)) (poscheck.Report, error) {
	return c.checkPOSThrough(ctx, HTTPClient(), member, begin)
}

func (c Config) checkPOSThrough(ctx context.Context, client *http.Client, member string,
	begin func(name string)) (poscheck.Report, error) {
	pos, err := c.trying().posThrough(client)
	if err != nil {
		return poscheck.Report{}, err
	}
	return poscheck.Suite{Ledger: pos.Ledger, History: pos.History, Promised: pos.Promised, Member: member,
		Nobody: nobodies[c.POSKind], Clock: pos.Clock, Begin: begin}.Run(ctx), nil
}

// ErrUnderWay says that a member's points are moving, or may be.
var ErrUnderWay = errors.New("this member has coupons under way, and a check would move their points meanwhile: " +
	"choose a member of your own for it, or wait")

// couponPage is how many coupons are read at once.
const couponPage = 200

// AtRest refuses a member who has a coupon on its way, or one whose points nobody has settled.
func AtRest(ctx context.Context, db *store.Store, member string) error {
	for after := int64(0); ; {
		page, err := db.Books.CouponsOf(ctx, member, after, couponPage)
		if err != nil {
			return fmt.Errorf("read the member's coupons: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		for _, st := range page {
			if after = st.Coupon.ID; st.Coupon.OnTheWay() {
				return ErrUnderWay
			}
			for _, m := range st.Movements {
				if m.State == domain.MovementOpen || m.State == domain.MovementParked {
					return ErrUnderWay
				}
			}
		}
	}
}
