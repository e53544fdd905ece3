// Package scan looks back at a shop's orders and says what a protection of codes would have caught: who used the codes
// of one family more than once, what that cost, and what each preset would have refused. It reads, keeps nothing, and
// decides by the rules that decide about orders that come in.
package scan
