package app

import (
	"context"
	"errors"
	"fmt"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/poscheck"
	"pointbridge/integrations/pos/generic"
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

// AskedPOS is the POS without its breaker, for a command that asks it a few times. Everything is promised in trying: a
// client asks for nothing that its POS does not promise.
func (c Config) AskedPOS(trying bool) (poscheck.POS, error) {
	clock, promised := domain.SystemClock{}, c.PromisedByPOS()
	if trying {
		promised = coupons.Capabilities{Replay: true, Lookup: coupons.LookupExact}
	}
	cfg := generic.Config{URL: c.POSURL, Token: string(c.POSToken), Timeout: c.POSTimeout, Clock: clock.Now,
		Replay: promised.Replay, Lookup: promised.Lookup}
	client, err := generic.New(cfg, HTTPClient())
	if err != nil {
		return poscheck.POS{}, err
	}
	return poscheck.POS{Ledger: client, Promised: client.Capabilities(), Clock: clock}, nil
}

// PromisedByPOS is what the settings say of the POS.
func (c Config) PromisedByPOS() coupons.Capabilities {
	return coupons.Capabilities{Replay: c.POSReplay == "key", Lookup: coupons.Lookup(c.POSLookup)}
}

// nobody is an id that no member has.
const nobody = "pointbridge-nobody"

// CheckPOS tries out what the POS keeps, by a member if one is given.
func (c Config) CheckPOS(ctx context.Context, member string, begin func(name string)) (poscheck.Report, error) {
	pos, err := c.AskedPOS(true)
	if err != nil {
		return poscheck.Report{}, err
	}
	return poscheck.Suite{Ledger: pos.Ledger, History: pos.History, Promised: pos.Promised, Member: member,
		Nobody: nobody, Clock: pos.Clock, Begin: begin}.Run(ctx), nil
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
