// Package decisions decides whether a person may take an offer, and says why.
package decisions
