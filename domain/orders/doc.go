// Package orders is what an order of the shop means for coupons: which order uses one, and what becomes of a coupon
// whose order comes to nothing. docs/orders.md has the two tables.
//
// order.go says what of an order decides. claim.go weighs how it carries a code, and inquiry.go asks whether one was
// used: both have no effect, and the saga asks them too before it gives points back. see.go does what an order means;
// refresh.go and sweep.go are the two ways in which one is heard of. Whatever changes a coupon is the saga's: Saga has
// the few things that are asked of it.
package orders
