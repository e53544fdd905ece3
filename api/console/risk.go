package console

import (
	"pointbridge/domain/reviews"
)

// earlierReview is a review that a review is matched with. Address leads to its order in the store's admin; empty where
// nothing is known of one.
type earlierReview struct {
	reviews.Match
	Address string
}

// riskOf adds what is known of the person behind the review.
func (con reviewHandlers) riskOf(req *request, page *reviewPage) error {
	facts, err := con.deps.Reviews.Circumstances(req.Ctx(), page.Review)
	if err != nil {
		return err
	}
	page.Risk = page.Review.Risk(facts)
	for _, m := range page.Risk.Matches {
		page.Earlier = append(page.Earlier, earlierReview{m, con.adminAddress("orders", m.OrderID)})
	}
	return nil
}
