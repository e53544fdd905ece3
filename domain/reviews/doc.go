// Package reviews is what a person looks at and decides: the kinds of review, what can be decided in each as it stands,
// what is known of the person behind one (risk.go), which the service may decide alone (auto.go), and the tags by which
// the shop's own people find them (tags.go). To carry a decision out is the saga's: it is one commit with the coupon.
package reviews
