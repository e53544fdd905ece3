package contract

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/generic"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// mock serves a document until the test ends, and returns its address.
func mock(t *testing.T, document string) string {
	t.Helper()
	prism := program(t, "PRISM")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(prism, "mock", "--host", "127.0.0.1", "--port", port, document)
	var said world.LockedBuffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the mock said: %.4000s", said.String())
		}
	})
	world.Eventually(t, "the mock listens", func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return "http://" + address
}

// TestAMockOfTheContractIsAPOS: what a vendor can begin with, and a second POS that nobody of ours wrote.
func TestAMockOfTheContractIsAPOS(t *testing.T) {
	t.Parallel()
	base := mock(t, posDocument)
	client, err := generic.New(generic.Config{URL: base, Token: "token", Timeout: world.Patience, Replay: true,
		Lookup: coupons.LookupExact}, &http.Client{})
	if err != nil {
		t.Fatal(err)
	}
	balance, err := client.Balance(t.Context(), "8812370934")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "balance", balance.Points, 1250)
	take := domain.Movement{Kind: domain.Take, CustomerID: "8812370934", Points: 500, Key: "k1",
		Reference: "COUPON-70934-AB12CD-500", Reason: domain.ReasonTake}
	taken, err := client.Deduct(t.Context(), take)
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "taken", taken.Points, -500)
	_, err = client.Find(t.Context(), take)
	expect.MustEqual(t, "kind of a look-up that was not filtered", domain.KindOf(err), domain.KindUnknown)
	given, err := client.Add(t.Context(), domain.Movement{Kind: domain.GiveBack, CustomerID: "8812370934", Points: 500,
		Key: "k2", Reference: "CANCEL-70934-AB12CD-500", RelatedReference: take.Reference, Reason: domain.ReasonGiveBack})
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "given", given.Points, 500)
	take.Points = 0
	_, err = client.Deduct(t.Context(), take)
	expect.MustEqual(t, "kind of what the document refuses", domain.KindOf(err), domain.KindRefused)
}

// TestAMockOfOurOwnAPIAnswersNumbersThatMakeSense asks every operation that only reads, as a front end's developer
// does.
func TestAMockOfOurOwnAPIAnswersNumbersThatMakeSense(t *testing.T) {
	t.Parallel()
	base := mock(t, ownDocument)
	asked, numbers := 0, 0
	for path, item := range load(t, ownDocument).Paths.Map() {
		if item.Get == nil || item.Get.Responses.Value("200").Value.Content["application/json"] == nil {
			continue
		}
		address := path
		for name, value := range map[string]string{"{id}": "12", "{code}": "70934-AB72CD-500", "{key}": "spring"} {
			address = strings.ReplaceAll(address, name, value)
		}
		body := get(t, base+address+"?signature=s")
		asked++
		var answer any
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Errorf("%s answers %.300s", path, body)
			continue
		}
		eachFigure(path, answer, func(where string, figure float64) {
			if numbers++; math.Abs(figure) > 1e11 {
				t.Errorf("%s is %.0f", where, figure)
			}
		})
	}
	if asked < 20 || numbers < 50 {
		t.Errorf("%d operations were asked, %d numbers answered", asked, numbers)
	}
}

func get(t *testing.T, address string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), world.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer token")
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return body
}

func eachFigure(where string, value any, see func(where string, figure float64)) {
	switch v := value.(type) {
	case float64:
		see(where, v)
	case map[string]any:
		for name, below := range v {
			eachFigure(where+" "+name, below, see)
		}
	case []any:
		for _, below := range v {
			eachFigure(where, below, see)
		}
	}
}
