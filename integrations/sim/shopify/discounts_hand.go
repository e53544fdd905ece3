package shopify

import "errors"

// What people of the store do to discounts in its admin. A code that is called otherwise is the same discount.

// ErrUnknownDiscount is given for a discount that the store does not have.
var ErrUnknownDiscount = errors.New("there is no such discount")

// AddCode makes a code that takes an amount off, for everybody, as often as they like, beside any other one. Error:
// ErrCodeTaken.
func (s *Server) AddCode(code, amount string) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if _, taken := s.state.byCode[foldCode(code)]; taken {
		return ErrCodeTaken
	}
	now := wholeSecond(s.cfg.Clock())
	return s.commit(changeCreated, record{Discount: &Discount{ID: s.state.nextID(), CodeID: s.state.nextID(), Code: code,
		Title: code, StartsAt: now, Amount: amount, Currency: s.cfg.Currency, Tags: []string{},
		Combines: Combines{Order: true, Product: true, Shipping: true}, CreatedAt: now, UpdatedAt: now}})
}

// EditDiscount changes a discount by its gid, as somebody does by hand; nothing of it is checked but that its code is
// no other one's. Errors: ErrUnknownDiscount, ErrCodeTaken.
func (s *Server) EditDiscount(id string, change func(*Discount)) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	old := s.discountByGID(id)
	if old == nil {
		return ErrUnknownDiscount
	}
	d := *old
	change(&d)
	if owner, taken := s.state.byCode[foldCode(d.Code)]; taken && owner != d.ID {
		return ErrCodeTaken
	}
	d.UpdatedAt = wholeSecond(s.cfg.Clock())
	return s.commit(changeUpdated, record{Discount: &d})
}

// ErrCodeTaken is given for a text that another discount has.
var ErrCodeTaken = errors.New("another discount has the code")

// RenameCode gives a discount another code.
func (s *Server) RenameCode(id, to string) error {
	return s.EditDiscount(id, func(d *Discount) { d.Code = to })
}

// ActivateByHand switches a discount on, which takes its end away; DeactivateByHand ends it, DeleteByHand removes it.
// Error: ErrUnknownDiscount.
func (s *Server) ActivateByHand(id string) error {
	_, refused, err := s.activateDiscount(id)
	return byHand(refused, err)
}

// DeactivateByHand ends a discount now.
func (s *Server) DeactivateByHand(id string) error {
	_, refused, err := s.deactivateDiscount(id)
	return byHand(refused, err)
}

// DeleteByHand removes a discount for good.
func (s *Server) DeleteByHand(id string) error { return byHand(s.deleteDiscount(id)) }

func byHand(refused []userError, err error) error {
	if err == nil && len(refused) > 0 {
		return ErrUnknownDiscount
	}
	return err
}

// Discount is the discount with a gid as it is now; false when there is none.
func (s *Server) Discount(id string) (Discount, bool) {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	d := s.discountByGID(id)
	if d == nil {
		return Discount{}, false
	}
	got := *d
	got.Status = statusAt(d, s.cfg.Clock())
	return got, true
}

// handAct does what the control surface asks for with a discount; known is false for anything else.
func (s *Server) handAct(b actBody) (known bool, err error) {
	switch b.Act {
	case "rename_code":
		return true, s.RenameCode(b.Discount, b.Code)
	case "activate_code":
		return true, s.ActivateByHand(b.Discount)
	case "deactivate_code":
		return true, s.DeactivateByHand(b.Discount)
	case "delete_code":
		return true, s.DeleteByHand(b.Discount)
	case "revalue_code":
		if _, ok := parseDecimal(b.Amount); !ok {
			return true, ErrBadSubtotal
		}
		return true, s.EditDiscount(b.Discount, func(d *Discount) { d.Amount = b.Amount })
	default:
		return false, nil
	}
}
