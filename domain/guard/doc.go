// Package guard says what the Function of the checkout is told: which families of codes there are, who has used one up,
// and who is blocked. It is told of customers in a metafield of theirs, exactly, and of everybody else in one metafield
// of the shop's, by marks of 32 bits.
//
// mark.go makes marks, shop.go and customer.go the two metafields, project.go brings them to the shop, round.go finds
// which are behind, and setup.go switches the guard on and off there.
//
// The Function itself, extensions/pointbridge-guard, is outside: it rejects a code only by what it is told, so whatever
// is missing here lets a code pass, which the rules of the discount and the look at the order still judge.
package guard
