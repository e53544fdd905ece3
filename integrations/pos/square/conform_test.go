package square_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/integrations/pos/postest"
	"pointbridge/integrations/pos/square"
	simsquare "pointbridge/integrations/sim/square"
)

// till opens a simulated Square and the client, for members whose ids have one of the three forms.
func till(member, other, nobody string) postest.Open {
	return func(t *testing.T, front postest.Front) postest.Till {
		server, err := simsquare.New(simsquare.Config{Token: accessToken, Clock: fixed})
		if err != nil {
			t.Fatal(err)
		}
		server.AddCustomer(member, "", 50)
		server.AddCustomer(other, "", 500)
		s := httptest.NewServer(front(server))
		t.Cleanup(s.Close)
		c, err := square.New(square.Config{URL: s.URL, Token: accessToken, Timeout: patience, Clock: fixed}, s.Client())
		if err != nil {
			t.Fatal(err)
		}
		points := func(member string) int64 {
			n, _ := server.Balance(member)
			return n
		}
		reads := "/accounts/search"
		if member == jiro {
			reads = "/accounts/" + jiro
		}
		return postest.Till{Ledger: c, Capabilities: c.Capabilities(), Member: member, Other: other, Nobody: nobody,
			Points: points, Now: fixed, Twists: twists(member),
			Moves: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/adjust") },
			Finds: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/events/search") },
			Reads: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, reads) }}
	}
}

func twist(old, by string) func([]byte) []byte {
	return func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(old), []byte(by)) }
}

func twists(member string) []postest.Twist {
	list := []postest.Twist{
		{Name: "another member's balance", Of: postest.Read, Change: twist(member, strings.Repeat("9", len(member)))},
		{Name: "a balance with a fraction", Of: postest.Read, Change: twist(`"balance":49`, `"balance":49.5`)},
		{Name: "a balance as text", Of: postest.Read, Change: twist(`"balance":49`, `"balance":"49"`)},
		{Name: "no balance", Of: postest.Read, Change: twist(`"balance":49`, `"balance":null`)},
	}
	for name, of := range map[string]postest.Of{"a movement": postest.Move, "a look-up": postest.Look} {
		list = append(list, []postest.Twist{
			{Name: "another member's event, in " + name, Of: of,
				Change: twist(`"loyalty_account_id":"`, `"loyalty_account_id":"x`)},
			{Name: "a fraction, in " + name, Of: of, Change: twist(`"points":-1`, `"points":-1.5`)},
			{Name: "points given, not taken, in " + name, Of: of, Change: twist(`"points":-1`, `"points":1`)},
			{Name: "more points, in " + name, Of: of, Change: twist(`"points":-1`, `"points":-10`)},
			{Name: "no points, in " + name, Of: of, Change: twist(`"points":-1`, `"points":0`)},
			{Name: "points as text, in " + name, Of: of, Change: twist(`"points":-1`, `"points":"-1"`)},
			{Name: "yesterday's date, in " + name, Of: of, Change: twist("2026-11-21T", "2026-11-20T")},
			{Name: "a date that is none, in " + name, Of: of, Change: twist(`"created_at":"20`, `"created_at":"XX`)},
			{Name: "a sale at the till, in " + name, Of: of, Change: twist("LOYALTY_API", "SQUARE")},
			{Name: "points that expired, in " + name, Of: of, Change: twist("ADJUST_POINTS", "EXPIRE_POINTS")},
		}...)
	}
	return append(list, postest.Twist{Name: "another reference, in a movement", Of: postest.Move,
		Change: twist("COUPON-70934-AB72CD-1", "COUPON-70934-ZZ22ZZ-1")})
}

func TestWhatSquarePromisesIsKept(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]postest.Open{
		"members by their account":  till(jiro, "6adcb100-07f1-4ee7-b8c6-6bb9ebc474bd", "7adcb100-07f1-4ee7-b8c6-6bb9ebc474bd"),
		"members by their customer": till(taro, "OTHER002FAM9V1EZ0ADB2T560", "NOBODY0FAM9V1EZ0ADB2T5609"),
		"members by their phone":    till(hanako, "819000000001", "819000000002"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			postest.Run(t, open)
		})
	}
}
