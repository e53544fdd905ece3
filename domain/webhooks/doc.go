// Package webhooks is what the shop tells by itself: which deliveries are worked on, and what each means. A delivery is
// a hint. It is stored without the personal data it came with, answered at once, and worked on from the queue, where
// the shop is asked how things really are.
package webhooks
