package reviews

// Filter chooses reviews for a list, newest first.
type Filter struct {
	Status string // "open", "closed" or "" for both
	// Kind and CustomerID choose reviews of one kind and of one customer, PersonOf those of everybody who is one
	// person with a customer; empty for all.
	Kind       Kind
	CustomerID string
	PersonOf   string
	// CouponID chooses those of one coupon; zero for all.
	CouponID int64
	// Before continues a list: only reviews with a smaller id.
	Before int64
	Limit  int
}
