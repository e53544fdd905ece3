package web

import "pointbridge/domain/coupons"

// earlierCase is a case that a case is matched with. Address leads to its order in the store's admin; empty where nothing is
// known of one.
type earlierCase struct {
	coupons.Match
	Address string
}

// riskOf adds what is known of the person behind the case.
func (w *Web) riskOf(v *visit, page *reviewPage) error {
	facts, err := w.deps.Reviews.Circumstances(v.ctx(), page.Review)
	if err != nil {
		return err
	}
	page.Risk = page.Review.Risk(facts)
	for _, m := range page.Risk.Matches {
		page.Earlier = append(page.Earlier, earlierCase{m, w.adminAddress("orders", m.OrderID)})
	}
	return nil
}
