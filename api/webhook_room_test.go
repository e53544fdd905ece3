package api

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
	"pointbridge/test/expect"
)

// untouched fails when anybody reads it.
type untouched struct{ read bool }

func (u *untouched) Read([]byte) (int, error) {
	u.read = true
	return 0, io.ErrUnexpectedEOF
}

// TestCheapChecksComeBeforeTheBody: of what cannot be a delivery not a byte is read.
func TestCheapChecksComeBeforeTheBody(t *testing.T) {
	t.Parallel()
	unsigned := domain.Refuse(domain.CodeUnauthenticated)
	for name, tc := range map[string]struct {
		change  request
		headers error
		status  int
		code    domain.Code
	}{
		"headers that are not the shop's": {func(*http.Request) {}, unsigned, 401, domain.CodeUnauthenticated},
		"another type": {header("Content-Type", "text/plain"), nil, 415,
			domain.CodeUnsupportedMedia},
		"no type": {func(r *http.Request) { r.Header.Del("Content-Type") }, nil, 415,
			domain.CodeUnsupportedMedia},
		"a packed body": {header("Content-Encoding", "gzip"), nil, 415, domain.CodeUnsupportedMedia},
		"a length beyond what it may have": {func(r *http.Request) { r.ContentLength = maxWebhook + 1 }, nil, 413,
			domain.CodeBodyTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, body := &fakeWebhooks{headers: tc.headers}, &untouched{}
			s := newShop(t, func(d *Deps) { d.Webhooks = f })
			got := deliver(s, "{}", tc.change, func(r *http.Request) { r.Body = io.NopCloser(body) })
			got.want(t, tc.status, tc.code)
			if body.read || len(f.seen) != 0 {
				t.Errorf("the body was read: %v, and handed on %d times", body.read, len(f.seen))
			}
		})
	}
}

func TestRoomIsBoundedAndGivenBack(t *testing.T) {
	t.Parallel()
	h := newHall()
	var leave []func()
	for range largeRoom / maxWebhook {
		back, err := h.enter(maxWebhook)
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, back)
	}
	if _, err := h.enter(smallBody + 1); domain.CodeOf(err) != domain.CodeBusy {
		t.Fatalf("there was room for more: %v", err)
	}
	small := 0
	for ; ; small++ {
		back, err := h.enter(1)
		if err != nil {
			break
		}
		leave = append(leave, back)
	}
	if small != smallRoom/smallBody {
		t.Errorf("%d small bodies beside the large ones", small)
	}
	for _, back := range leave {
		back()
	}
	if h.small.left.Load() != smallRoom || h.large.left.Load() != largeRoom {
		t.Errorf("%d and %d bytes are left", h.small.left.Load(), h.large.left.Load())
	}
}

// heldUp takes deliveries in one after the other, and holds each until it may go.
type heldUp struct {
	fakeWebhooks
	arrived, free chan struct{}
}

func (w *heldUp) Receive(ctx context.Context, in webhooks.Incoming) (webhooks.Receipt, error) {
	w.arrived <- struct{}{}
	<-w.free
	return w.fakeWebhooks.Receive(ctx, in)
}

// TestNoRoomIsSaidAndSmallDeliveriesGoOn fills the room with large bodies.
func TestNoRoomIsSaidAndSmallDeliveriesGoOn(t *testing.T) {
	t.Parallel()
	const many = largeRoom / maxWebhook
	f := &heldUp{arrived: make(chan struct{}, many+1), free: make(chan struct{}, many+2)}
	s := newShop(t, func(d *Deps) { d.Webhooks = f })
	large := strings.Repeat(" ", maxWebhook)
	answers := make(chan answer, many)
	for range many {
		go func() { answers <- deliver(s, large) }()
		<-f.arrived
	}
	refused := deliver(s, large)
	refused.want(t, http.StatusServiceUnavailable, domain.CodeBusy)
	if wait, err := strconv.Atoi(refused.header.Get("Retry-After")); err != nil || wait < 1 {
		t.Errorf("Retry-After is %q", refused.header.Get("Retry-After"))
	}
	for range many + 2 {
		f.free <- struct{}{}
	}
	if got := deliver(s, "{}"); got.status != http.StatusOK {
		t.Errorf("a small delivery is answered %d", got.status)
	}
	for range many {
		if got := <-answers; got.status != http.StatusOK {
			t.Errorf("a delivery that had room is answered %d", got.status)
		}
	}
	if got := deliver(s, large); got.status != http.StatusOK {
		t.Errorf("room was not given back: %d", got.status)
	}
}

// TestABodyOfUnknownLength comes in chunks and is bounded all the same.
func TestABodyOfUnknownLength(t *testing.T) {
	t.Parallel()
	for size, status := range map[int]int{maxWebhook: http.StatusOK, maxWebhook + 1: http.StatusRequestEntityTooLarge} {
		f := &fakeWebhooks{}
		s := newShop(t, func(d *Deps) { d.Webhooks = f })
		got := deliver(s, strings.Repeat(" ", size), func(r *http.Request) { r.ContentLength = -1 })
		if got.status != status {
			t.Errorf("%d bytes are answered %d", size, got.status)
		}
	}
}

// TestAConnectionGoesOnAfterADelivery: the time for a body ends with the body.
func TestAConnectionGoesOnAfterADelivery(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(d *Deps) { d.Webhooks = &fakeWebhooks{} })
	server := httptest.NewServer(s.api)
	t.Cleanup(server.Close)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	from := bufio.NewReader(conn)
	for range 3 {
		if _, err := io.WriteString(conn, "POST "+webhooksPath+
			" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(from, nil)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "res.StatusCode", res.StatusCode, http.StatusOK)
		_ = res.Body.Close()
	}
}

// onePipe is a listener with one connection, whose time is the bubble's.
type onePipe struct {
	conns chan net.Conn
	end   net.Conn
}

func (p onePipe) Accept() (net.Conn, error) {
	if conn, ok := <-p.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p onePipe) Close() error   { return nil }
func (p onePipe) Addr() net.Addr { return p.end.LocalAddr() }

// TestABodyThatNeverEndsIsRefusedInTime: whoever declares more than they send keeps neither a request nor a connection.
func TestABodyThatNeverEndsIsRefusedInTime(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{"declared": "Content-Length: 100\r\n\r\n{",
		"chunked": "Transfer-Encoding: chunked\r\n\r\n5\r\n{"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, end := net.Pipe()
				defer func() { _ = client.Close() }()
				conns := make(chan net.Conn, 1)
				conns <- end
				close(conns)
				server := &http.Server{ReadHeaderTimeout: time.Minute,
					Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if _, err := webhookBody(w, r, maxWebhook); err != nil {
							w.WriteHeader(http.StatusUnprocessableEntity)
						}
					})}
				go func() { _ = server.Serve(onePipe{conns, end}) }()
				go func() { _, _ = io.WriteString(client, "POST / HTTP/1.1\r\nHost: x\r\n"+head) }()
				begun := time.Now()
				_ = client.SetReadDeadline(begun.Add(time.Hour))
				from := bufio.NewReader(client)
				res, err := http.ReadResponse(from, nil)
				if err != nil {
					t.Fatalf("no answer: %v", err)
				}
				_ = res.Body.Close()
				if res.StatusCode != http.StatusUnprocessableEntity || time.Since(begun) > bodyTime {
					t.Errorf("%d after %v", res.StatusCode, time.Since(begun))
				}
				if _, err := from.ReadByte(); err != io.EOF {
					t.Errorf("the connection goes on: %v", err)
				}
			})
		})
	}
}
