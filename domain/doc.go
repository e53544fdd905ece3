// Package domain holds the words of the business and the rules that need nothing else to be told: points and money as
// integers, the life of a coupon, what a movement in the POS is, and the errors a caller can act on.
//
// A conversion turns points into a coupon: one Shopify discount code for one customer, good once. A movement is points
// taken or given back in the POS, known there and here by one unique reference. A step is one act on the outside, and
// every act has three outcomes: applied, refused, or unknown. Unknown is settled, never guessed.
//
// The package imports the standard library only.
package domain
