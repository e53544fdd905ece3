package shopify

import (
	"slices"
	"time"
)

// createDiscount makes a code, or says why not.
func (s *Server) createDiscount(in discountInput) (*Discount, []userError, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	errs := checkDiscount(in, true)
	errs = append(errs, s.checkUnique(in, 0)...)
	bound, err := s.checkCustomers(in)
	if err != nil {
		return nil, nil, err
	}
	errs = append(errs, bound...)
	d := s.fill(Discount{Currency: s.cfg.Currency, Tags: []string{}}, in)
	errs = append(errs, checkPeriod(d, in)...)
	if len(errs) > 0 {
		return nil, errs, nil
	}
	now := wholeSecond(s.cfg.Clock())
	d.ID, d.CodeID = s.state.nextID(), s.state.nextID()
	d.CreatedAt, d.UpdatedAt = now, now
	return &d, nil, s.commit(changeCreated, record{Discount: &d})
}

// updateDiscount changes what the input names and leaves the rest.
func (s *Server) updateDiscount(id string, in discountInput) (*Discount, []userError, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	old := s.discountByGID(id)
	if old == nil {
		return nil, []userError{refusal("INVALID", "Discount does not exist", "id")}, nil
	}
	errs := checkDiscount(in, false)
	errs = append(errs, s.checkUnique(in, old.ID)...)
	bound, err := s.checkCustomers(in)
	if err != nil {
		return nil, nil, err
	}
	errs = append(errs, bound...)
	d := s.fill(*old, in)
	errs = append(errs, checkPeriod(d, in)...)
	if len(errs) > 0 {
		return nil, errs, nil
	}
	d.UpdatedAt = wholeSecond(s.cfg.Clock())
	return &d, nil, s.commit(changeUpdated, record{Discount: &d})
}

// checkPeriod asks that the end lies after the start, when the input touches either.
func checkPeriod(d Discount, in discountInput) []userError {
	if d.EndsAt == nil || d.EndsAt.After(d.StartsAt) || !(in.StartsAt.set || in.EndsAt.set) {
		return nil
	}
	return []userError{refusal("INVALID", "Ends at needs to be after starts_at", basicField("endsAt")...)}
}

// fill lays the input over a discount.
func (s *Server) fill(d Discount, in discountInput) Discount {
	if in.Code.Value != nil {
		d.Code = *in.Code.Value
	}
	if in.Title.Value != nil {
		d.Title = *in.Title.Value
	}
	if !in.StartsAt.IsZero() {
		d.StartsAt = in.StartsAt.Time
	}
	if in.EndsAt.set {
		d.EndsAt = timeOrNil(in.EndsAt.Time)
	}
	if in.UsageLimit.Set {
		d.UsageLimit = in.UsageLimit.Value
	}
	if in.AppliesOncePerCustomer.Value != nil {
		d.AppliesOncePerCustomer = *in.AppliesOncePerCustomer.Value
	}
	if c := in.CombinesWith; c != nil {
		d.Combines = Combines{isTrue(c.OrderDiscounts), isTrue(c.ProductDiscounts), isTrue(c.ShippingDiscounts)}
	}
	if in.Tags != nil {
		d.Tags = slices.Clone(*in.Tags)
	}
	fillContext(&d, in.Context)
	fillValue(&d, in.CustomerGets)
	fillItems(&d, in.CustomerGets)
	fillMinimum(&d, in.MinimumRequirement)
	return d
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func fillContext(d *Discount, context *contextInput) {
	switch {
	case context == nil:
	case context.CustomerSegments != nil:
		d.CustomerIDs, d.Segments = nil, idTexts(context.CustomerSegments.Add)
	case context.Customers == nil:
		d.CustomerIDs, d.Segments = nil, nil
	default:
		d.Segments = nil
		kept := slices.Clone(d.CustomerIDs)
		for _, id := range idTexts(context.Customers.Add) {
			if !slices.Contains(kept, id) {
				kept = append(kept, id)
			}
		}
		removed := idTexts(context.Customers.Remove)
		d.CustomerIDs = slices.DeleteFunc(kept, func(id string) bool { return slices.Contains(removed, id) })
	}
}

func fillValue(d *Discount, gets *customerGetsInput) {
	if gets == nil || gets.Value == nil {
		return
	}
	if a := gets.Value.DiscountAmount; a != nil {
		d.Amount, d.Percentage, d.AppliesOnEachItem = string(a.Amount.value), 0, isTrue(a.AppliesOnEachItem)
	}
	if p := gets.Value.Percentage.Value; p != nil {
		d.Amount, d.Percentage, d.AppliesOnEachItem = "", *p, false
	}
}

func fillItems(d *Discount, gets *customerGetsInput) {
	if gets == nil || gets.Items == nil {
		return
	}
	d.Products, d.Collections = nil, nil
	if p := gets.Items.Products; p != nil {
		d.Products = idTexts(p.ProductsToAdd)
	}
	if c := gets.Items.Collections; c != nil {
		d.Collections = idTexts(c.Add)
	}
}

func fillMinimum(d *Discount, minimum *minimumInput) {
	if minimum == nil {
		return
	}
	d.MinimumSubtotal, d.MinimumQuantity = "", ""
	if minimum.Subtotal != nil {
		d.MinimumSubtotal = string(minimum.Subtotal.GreaterThanOrEqualToSubtotal.value)
	}
	if minimum.Quantity != nil {
		d.MinimumQuantity = minimum.Quantity.GreaterThanOrEqualToQuantity.text
	}
}

func codeGone() []userError {
	return []userError{refusal("INVALID", "Code discount does not exist.", "id")}
}

// deactivateDiscount deactivates a code now. One that is not active any more stays as it is; one that was deleted is
// refused.
func (s *Server) deactivateDiscount(id string) (*Discount, []userError, error) {
	if !isDiscountID(id) {
		return nil, nil, invalidID()
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	old := s.discountByGID(id)
	if old == nil {
		return nil, codeGone(), nil
	}
	now := s.cfg.Clock()
	if statusAt(old, now) == statusExpired {
		return old, nil, nil
	}
	d, at := *old, wholeSecond(now)
	if d.StartsAt.After(at) {
		d.StartsAt = at
	}
	d.EndsAt, d.UpdatedAt = &at, at
	return &d, nil, s.commit(changeDeactivated, record{Discount: &d})
}

// activateDiscount makes a code usable from now on. It takes the end away: whoever wants one sends it again.
func (s *Server) activateDiscount(id string) (*Discount, []userError, error) {
	if !isDiscountID(id) {
		return nil, nil, invalidID()
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	old := s.discountByGID(id)
	if old == nil {
		return nil, codeGone(), nil
	}
	now := s.cfg.Clock()
	if statusAt(old, now) == statusActive {
		return old, nil, nil
	}
	d, at := *old, wholeSecond(now)
	if d.StartsAt.After(at) {
		d.StartsAt = at
	}
	d.EndsAt, d.UpdatedAt = nil, at
	return &d, nil, s.commit(changeActivated, record{Discount: &d})
}

// deleteDiscount removes a code for good; its text is free again.
func (s *Server) deleteDiscount(id string) ([]userError, error) {
	if !isDiscountID(id) {
		return nil, invalidID()
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	old := s.discountByGID(id)
	if old == nil {
		return codeGone(), nil
	}
	return nil, s.commit(changeDeleted, record{Deleted: old.ID})
}

func isDiscountID(id string) bool {
	_, ok := parseGID("DiscountCodeNode", id)
	return ok
}

// discountByGID is nil when there is none. The caller holds the lock.
func (s *Server) discountByGID(id string) *Discount {
	n, _ := parseGID("DiscountCodeNode", id)
	return s.state.discounts[n]
}

const (
	statusActive    = "ACTIVE"
	statusExpired   = "EXPIRED"
	statusScheduled = "SCHEDULED"
)

// statusAt is what the clock makes of a discount; it knows nothing of use.
func statusAt(d *Discount, now time.Time) string {
	switch {
	case d.EndsAt != nil && !now.Before(*d.EndsAt):
		return statusExpired
	case now.Before(d.StartsAt):
		return statusScheduled
	default:
		return statusActive
	}
}

// usableAt reports whether a checkout could redeem the code.
func usableAt(d *Discount, now time.Time) bool {
	return statusAt(d, now) == statusActive && !usedUp(d)
}

func usedUp(d *Discount) bool { return d.UsageLimit != nil && len(d.Uses) >= int(*d.UsageLimit) }

// usesOf are the uses of one code of a discount: a limit of uses is each code's own. A further code is named in its
// uses; the first one may be called otherwise by now.
func (s *Server) usesOf(d *Discount, code string) (list []Use) {
	further := s.further(code)
	for _, u := range d.Uses {
		if u.Code == further {
			list = append(list, u)
		}
	}
	return list
}

func (s *Server) usesOfLocked(d *Discount, code string) int {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	return len(s.usesOf(d, code))
}

// further is a code as it was added to a discount; empty for one that a discount was made with.
func (s *Server) further(code string) string { return s.state.spelled[foldCode(code)] }

// spent reports whether a code of a discount is used up.
func (s *Server) spent(d *Discount, code string) bool {
	return d.UsageLimit != nil && len(s.usesOf(d, code)) >= int(*d.UsageLimit)
}
