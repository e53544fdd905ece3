package console

import (
	"pointbridge/domain/reviews"
)

// earlierCase is a case that a case is matched with. Address leads to its order in the store's admin; empty where
// nothing is known of one.
type earlierCase struct {
	reviews.Match
	Address string
}

// riskOf adds what is known of the person behind the case.
func (con reviewHandlers) riskOf(req *request, page *reviewPage) error {
	facts, err := con.deps.Reviews.Circumstances(req.Ctx(), page.Review)
	if err != nil {
		return err
	}
	page.Risk = page.Review.Risk(facts)
	for _, m := range page.Risk.Matches {
		page.Earlier = append(page.Earlier, earlierCase{m, con.adminAddress("orders", m.OrderID)})
	}
	return nil
}
