// Package events tells the merchant's own systems what happened to coupons and reviews. An event follows from the record
// of what happened, which is committed with it; so nothing is written where points move, an event exists exactly when
// what it tells of does, and the past can be told again. It is delivered at least once, under one id, in no order.
package events
