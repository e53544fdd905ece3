package process

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

const loadPassword = "a password for the load"

// signInLoad sends sign-ins to a process as a proxy in front of it does, each in the name of an address.
type signInLoad struct {
	base   string
	client *http.Client
}

// Send returns the status of one sign-in; 0 when there was no answer.
func (l signInLoad) Send(ctx context.Context, address, email, password string) int {
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.base+"/v1/session", strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", address)
	res, err := l.client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

// crowd keeps so many connections busy with wrong sign-ins until stop is closed, and each for at most so many attempts.
func (l signInLoad) crowd(ctx context.Context, connections, each int, address string,
	stop <-chan struct{}) (wait func(), looked *atomic.Int64) {
	var all sync.WaitGroup
	looked = &atomic.Int64{}
	for i := range connections {
		all.Go(func() {
			for n := range each {
				select {
				case <-stop:
					return
				default:
				}
				if l.Send(ctx, address, fmt.Sprintf("nobody-%d-%d@example.com", i, n),
					"wrong") == http.StatusUnauthorized {
					looked.Add(1)
				}
			}
		})
	}
	return all.Wait, looked
}

// What the crowd of the test below is made of. It is always larger than the line before the hashing, known devices'
// places included, so that it would fill the line if one address could.
const (
	crowdConnections = staff.Places + staff.PlacesKnown + staff.PlacesEach
	crowdAttempts    = 200
	rightPeople      = 8
	crowdAddress     = "203.0.113.9"
)

// TestACrowdAtOneAddressKeepsNobodyElseFromSigningIn: more connections than the line holds, all of one address that is
// over its limit, send wrong sign-ins while people at other addresses send right ones, one each. Only who is let in is
// looked at, never how fast: a busy machine may take minutes, so failures count for a day, and the server waits as
// long as it takes.
func TestACrowdAtOneAddressKeepsNobodyElseFromSigningIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := world.NewProcesses(t, db, "TRUSTED_PROXIES=127.0.0.1", "SIGN_IN_WINDOW=24h", "CONVERT_WAIT=1h")
		team := app.NewStaff(b.Store, staff.Limits{})
		person, _, err := team.Add(t.Context(), domain.System(), staff.Person{Email: "p@example.com", Name: "P",
			Role: domain.RoleStaff, Password: loadPassword})
		if err != nil {
			t.Fatal(err)
		}
		load := signInLoad{b.Start().Base, &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: crowdConnections + rightPeople}}}
		for i := range staff.DefaultPerAddress {
			if got := load.Send(t.Context(), crowdAddress, fmt.Sprintf("before-%d@example.com", i),
				"wrong"); got != http.StatusUnauthorized {
				t.Fatalf("a wrong sign-in was answered with %d", got)
			}
		}
		stop := make(chan struct{})
		wait, looked := load.crowd(t.Context(), crowdConnections, crowdAttempts, crowdAddress, stop)
		refused := map[int]int{}
		for i := range rightPeople {
			if got := load.Send(t.Context(), fmt.Sprintf("198.51.100.%d", i+1), person.Email,
				loadPassword); got != http.StatusCreated {
				refused[got]++
			}
		}
		close(stop)
		wait()
		if len(refused) > 0 {
			t.Errorf("of %d right sign-ins these were not let in, by status: %v", rightPeople, refused)
		}
		if looked.Load() > 0 { // the first wait is over half an hour long
			t.Errorf("%d wrong passwords of an address over its limit were looked at", looked.Load())
		}
	})
}
