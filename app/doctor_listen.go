package app

import (
	"net/http"
	"sync"
	"time"
)

// listener notes what answers say beside their bodies: the clock of whoever answers, and the version that they served.
type listener struct {
	next http.RoundTripper
	now  func() time.Time

	mu     sync.Mutex
	header http.Header
	off    time.Duration
	dated  bool
}

// listening is a client whose answers are noted.
func listening(now func() time.Time) (*http.Client, *listener) {
	client := HTTPClient()
	l := &listener{next: client.Transport, now: now}
	client.Transport = l
	return client, l
}

// RoundTrip implements http.RoundTripper.
func (l *listener) RoundTrip(req *http.Request) (*http.Response, error) {
	began := l.now()
	res, err := l.next.RoundTrip(req)
	if err != nil {
		return res, err
	}
	l.note(res.Header, began, l.now())
	return res, nil
}

// note compares a Date header, which leaves out parts of a second, with the middle of the exchange.
func (l *listener) note(header http.Header, began, ended time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.header, l.dated = header, false
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		l.off, l.dated = date.Add(time.Second/2).Sub(began.Add(ended.Sub(began)/2)), true
	}
}

// skew is how far the clock of the newest answer was off.
func (l *listener) skew() (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.off, l.dated
}

// said is a header of the newest answer.
func (l *listener) said(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.header.Get(name)
}
