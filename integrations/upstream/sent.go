package upstream

import (
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"pointbridge/domain"
)

// Outcome says what an error of Do means for the act that the request asked for: KindUnavailable where it has certainly
// not begun, because no byte of the request left this machine, and KindUnknown in every other case.
func Outcome(err error) domain.Kind {
	var kept *notSent
	if errors.As(err, &kept) {
		return domain.KindUnavailable
	}
	return domain.KindUnknown
}

// notSent is the failure of a request of which nothing was sent.
type notSent struct{ error }

func (n *notSent) Unwrap() error { return n.error }

// attempt watches one request on its way to a connection.
type attempt struct {
	request          *http.Request
	asked, connected atomic.Bool
}

// watched makes an attempt of a request. The only proof that nothing was sent is that the transport asked for a
// connection and never had one. Whatever comes later is none: what net/http tells of the writing itself it tells of its
// own buffer, whose beginning may be on the wire before the end is written. Nor is the silence of a transport that
// tells nothing.
//
// net/http would send a request that has an Idempotency-Key a second time by itself, after the first may have arrived,
// which only the flow may decide; it cannot without the body's copy. Others it repeats only where nothing was written.
func watched(req *http.Request) *attempt {
	a := &attempt{}
	a.request = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { a.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { a.connected.Store(true) },
	}))
	if len(a.request.Header["Idempotency-Key"]) > 0 {
		a.request.GetBody = nil
	}
	return a
}

func (a *attempt) failed(err error) error {
	if a.asked.Load() && !a.connected.Load() {
		return &notSent{err}
	}
	return err
}
