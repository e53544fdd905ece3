// Package coupons is the saga: the steps that turn points into a code, in their order, what is committed between them,
// and how each unknown outcome is settled.
package coupons
