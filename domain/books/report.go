package books

import (
	"cmp"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/orders"
)

// Difference is one thing on which the books differ. Code, Reference and Detail are for an operator's eyes: an active
// code is as good as money, so a log takes CouponID instead.
type Difference struct {
	Kind       Kind   `json:"kind"`
	CustomerID string `json:"customer_id"`
	CouponID   int64  `json:"coupon_id,omitempty"`
	Code       string `json:"code,omitempty"`
	Reference  string `json:"reference,omitempty"`
	// Detail gives the figures on both sides.
	Detail string `json:"detail,omitempty"`
	// Repaired says that the repair was made, or had been asked for already. Fault is why it could not be made.
	Repaired bool  `json:"repaired"`
	Fault    error `json:"-"`

	discountID string
	sighting   orders.Sighting
	foreign    bool
	since      time.Time
}

// Safe reports whether the repair can be made without a person.
func (d Difference) Safe() bool { return d.Kind.Safe() && !d.foreign }

// Repair proposes in one line what to do.
func (d Difference) Repair() string {
	if d.foreign {
		return "None by itself: the code in Shopify is another discount's; look at it there."
	}
	return d.Kind.Repair()
}

// key reports whether two differences are the same one.
type key struct {
	kind      Kind
	customer  string
	coupon    int64
	reference string
}

func (d Difference) key() key { return key{d.Kind, d.CustomerID, d.CouponID, d.Reference} }

// Gap is something that could not be compared.
type Gap struct {
	CustomerID string `json:"customer_id"`
	CouponID   int64  `json:"coupon_id,omitempty"`
	Upstream   string `json:"upstream"`
	// Cause is made of machine words.
	Cause string `json:"cause"`
}

func gapOf(customerID string, couponID int64, upstream string, err error) Gap {
	cause := string(domain.KindOf(err))
	if reason := domain.ReasonOf(err); reason != "" {
		cause += " (" + reason + ")"
	}
	return Gap{CustomerID: customerID, CouponID: couponID, Upstream: upstream, Cause: cause}
}

// Sink is told what a comparison finds, as it finds it. Nil functions are not called.
type Sink struct {
	Difference func(Difference)
	Gap        func(Gap)
	// Progress is told after each customer.
	Progress func(Summary)
}

// Summary is the figures of one comparison.
type Summary struct {
	Began     time.Time `json:"began"`
	Ended     time.Time `json:"ended"`
	Customers int       `json:"customers"`
	Coupons   int       `json:"coupons"`
	// Moving counts what was left out because somebody is at it.
	Moving int `json:"moving"`
	// Gaps counts what could not be compared; Broken tells that the comparison did not come to its end.
	Gaps     int          `json:"gaps"`
	Broken   bool         `json:"broken"`
	Repaired int          `json:"repaired"`
	Found    map[Kind]int `json:"found"`
}

// Differences is how many were found.
func (s Summary) Differences() (n int) {
	for _, of := range s.Found {
		n += of
	}
	return n
}

// Incomplete says that something was not compared: such books cannot be called clean.
func (s Summary) Incomplete() bool { return s.Gaps > 0 || s.Broken }

func byKey(a, b Difference) int {
	return cmp.Or(cmp.Compare(a.CouponID, b.CouponID), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Reference,
		b.Reference))
}
