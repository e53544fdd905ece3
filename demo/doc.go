// Package demo runs the whole product in one process: the service on SQLite beside a simulated POS, shop and mailbox,
// with people, coupons and a page that leads through them. Nothing that serves a merchant imports it.
package demo
