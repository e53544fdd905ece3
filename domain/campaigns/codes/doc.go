// Package codes makes the codes of campaigns that are made together, keeps the shop's discounts in step with their
// campaign, and takes them out of the shop when their time is long over. advance.go has the table of steps.
package codes
