package world

import (
	"net/http"
	"sync"
	"time"

	"pointbridge/integrations/upstream"
)

// Patience bounds every wait for something right to happen, and what the services of tests wait for unless a time-out
// is what the test is about. It only ends a run that would never end: nothing here depends on how fast a machine is.
const Patience = 10 * time.Minute

// Client is the product's own but for its limits of time: an answer that comes late on a busy machine is an answer.
func Client() *http.Client { return &http.Client{Transport: transport()} }

// OneOff is Client for single requests, each on a connection of its own that nothing is left of: a transport made for one
// request would keep its connection, and two goroutines, for as long as the service does.
var OneOff = sync.OnceValue(func() *http.Client {
	alone := transport()
	alone.DisableKeepAlives = true
	return &http.Client{Transport: alone}
})

func transport() *http.Transport {
	t := upstream.Transport()
	t.TLSHandshakeTimeout, t.ResponseHeaderTimeout = Patience, Patience
	return t
}

// Unhurried are settings of a service that gives nothing up because its machine is busy.
func Unhurried() []string {
	patience := Patience.String()
	longer := (2 * Patience).String()
	return []string{"POS_TIMEOUT=" + patience, "SHOPIFY_TIMEOUT=" + patience, "STEP_LEASE=" + longer,
		"SETTLE_AFTER=" + longer, "CONVERT_WAIT=" + patience, "DECISION_WAIT=" + patience,
		"SHUTDOWN_TIMEOUT=" + patience}
}
