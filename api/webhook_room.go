package api

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"pointbridge/domain"
)

const (
	// smallBody is what the bodies that the subscriptions ask for stay below: ids only.
	smallBody = 8 << 10
	// smallRoom and largeRoom bound, in bytes, the bodies in memory at once. They are apart, so that nobody keeps the
	// shop's own small deliveries out with large ones.
	smallRoom = 256 * smallBody
	largeRoom = 16 << 20

	// bodyTime is how long a body may take to arrive, within the five seconds that Shopify waits for an answer.
	bodyTime = 3 * time.Second
	// busyFor is what is asked for when there is no room; Shopify waits longer by itself.
	busyFor = 5 * time.Second
)

// room is how many bytes may still be taken up.
type room struct{ left atomic.Int64 }

func newRoom(bytes int64) *room {
	r := &room{}
	r.left.Store(bytes)
	return r
}

// take reserves bytes until the returned function is called; not ok when there are not so many left.
func (r *room) take(bytes int64) (leave func(), ok bool) {
	if r.left.Add(-bytes) < 0 {
		r.left.Add(bytes)
		return nil, false
	}
	return func() { r.left.Add(bytes) }, true
}

// hall is where deliveries are while they are not proved.
type hall struct{ small, large *room }

func newHall() hall { return hall{small: newRoom(smallRoom), large: newRoom(largeRoom)} }

// enter makes room for a body of this many bytes. Errors: busy.
func (h hall) enter(bytes int64) (leave func(), err error) {
	place := h.large
	if bytes <= smallBody {
		// What is smaller takes as much: a request costs memory beside its body.
		place, bytes = h.small, smallBody
	}
	leave, ok := place.take(bytes)
	if !ok {
		return nil, &domain.Error{Code: domain.CodeBusy, RetryAfter: busyFor}
	}
	return leave, nil
}

// declared is how many bytes a body says that it has; one that does not say is taken for the largest.
func declared(r *http.Request, most int64) (int64, error) {
	switch {
	case r.ContentLength > most:
		return 0, domain.Refuse(domain.CodeBodyTooLarge, "maximum_bytes", most)
	case r.ContentLength < 0:
		return most, nil
	default:
		return r.ContentLength, nil
	}
}

// webhookBody reads a body that arrives in time and is no longer than it may be.
func webhookBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	// The connection's own clock: where there is none, as in a recorder, there is nothing to wait for either.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(bodyTime))
	body, err := readUpTo(http.MaxBytesReader(w, r.Body, most), r.ContentLength)
	if err == nil {
		// What is read after the body tells that the client went away; that must not come from this deadline. Without
		// the whole body it stands: before a refusal is sent, the rest is waited for.
		_ = connection.SetReadDeadline(time.Time{})
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, domain.Refuse(domain.CodeBodyTooLarge, "maximum_bytes", most)
	case err != nil:
		return nil, wrong("body", "body")
	default:
		return body, nil
	}
}

// readUpTo takes no more memory than a body of a known length has.
func readUpTo(from io.Reader, length int64) ([]byte, error) {
	if length < 0 {
		return io.ReadAll(from)
	}
	body := make([]byte, length)
	_, err := io.ReadFull(from, body)
	return body, err
}
