// Package coupons is the saga: the steps that turn points into a code, in their order, what is committed between them,
// and how each unknown outcome is settled.
//
// run.go comes first: it has the table of all steps, and runs them. Each step stands beside what it commits:
// movement.go makes a movement of points and finds out its outcome, discount.go makes and deactivates a code,
// convert.go takes points and gives them back when no code could be made, giveback.go returns the points of a cancelled
// coupon, and remedy.go reissues, grants and takes back. What begins a flow is in open.go, cancel.go, refund.go and
// decision.go. note.go and use.go are what others ask of it: what an order means is worked out in domain/orders, and
// what is left to do about a coupon is done here. Beside the flows there are codes.go for codes in the shop, look.go
// for what a merchant does to one, and sweep.go for what nobody is working on.
package coupons
