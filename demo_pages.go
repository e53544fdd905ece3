package main

import (
	"net/http"
)

// walletPath is where the demo's storefront has the customer's page.
const walletPath = "/apps/pointbridge/"

// demoPages is everything the demo serves on its address: the service, the simulators, the customer's page as the
// storefront shows it, and the page that leads through it all.
func demoPages(start *startPage, service http.Handler, o *outside, base string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", o.handler(service))
	mux.Handle(walletPath, o.shopify.Themed(o.shopify.AppProxy(base+"/proxy", o.shopify.SignedIn)))
	mux.Handle("GET /wallet", http.RedirectHandler(walletPath, http.StatusSeeOther))
	// The shop's own sign-in is the choice of who one is.
	mux.Handle("GET /account/login", http.RedirectHandler(storePath+"/", http.StatusSeeOther))
	mux.HandleFunc("GET /{$}", start.serve)
	mux.HandleFunc("GET "+startStyle, start.style)
	return mux
}
