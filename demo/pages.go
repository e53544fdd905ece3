package demo

import (
	"net/http"
)

// WalletPath is where the demo's storefront has the customer's page.
const WalletPath = "/apps/pointbridge/"

// demoPages is everything the demo serves on its address: the service, the simulators, the customer's page as the
// storefront shows it, and the page that leads through it all.
func demoPages(start *startPage, service http.Handler, o *Simulators, base string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", o.Handler(service))
	mux.Handle(WalletPath, o.Shopify.Themed(o.Shopify.AppProxy(base+"/proxy", o.Shopify.SignedIn)))
	mux.Handle("GET /wallet", http.RedirectHandler(WalletPath, http.StatusSeeOther))
	// The shop's own sign-in is the choice of who one is.
	mux.Handle("GET /account/login", http.RedirectHandler(StorePath+"/", http.StatusSeeOther))
	mux.HandleFunc("GET /{$}", start.Serve)
	mux.HandleFunc("GET "+startStyle, start.style)
	return mux
}
