package pos_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/integrations/sim/pos"
)

// together makes n deductions at once and counts the answers by status.
func (p simulated) together(n int, key, ref func(int) string) map[int]int {
	var wait sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for i := range n {
		wait.Go(func() {
			r, err := p.send("POST", points+"/deduct", moving(500, "Coupon conversion", ref(i), ""), "Idempotency-Key",
				key(i))
			if err != nil {
				p.t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[r.status]++
		})
	}
	wait.Wait()
	return statuses
}

func TestTogether(t *testing.T) {
	t.Parallel()
	own := func(i int) string { return "A-B-C-" + strconv.Itoa(i) }
	same := func(int) string { return take }
	t.Run("100 deductions never go below zero", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		if got := p.together(100, own, own); got[201] != 2 || got[422] != 98 {
			t.Error(got)
		}
		p.rests(250, 2)
	})
	t.Run("100 times the same request applies once", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		if got := p.together(100, same, same); got[201] != 1 || got[200] != 99 {
			t.Error(got)
		}
		p.rests(750, 1)
	})
	t.Run("100 keys for one reference apply once", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		if got := p.together(100, own, same); got[201] != 1 || got[200] != 99 {
			t.Error(got)
		}
		p.rests(750, 1)
	})
}

// Whatever is asked in whatever order: the balance is what the entries say, each entry starts where the one before
// ended, and nothing is below zero.
func TestBookAlwaysAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, err := pos.New(pos.Config{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		s.AddCustomer(taro, "Yamada Taro", 1250)
		for range rapid.IntRange(1, 30).Draw(t, "acts") {
			path := points + rapid.SampledFrom([]string{"/deduct", "/add"}).Draw(t, "act")
			body := moving(rapid.IntRange(1, 900).Draw(t, "points"), "r",
				fmt.Sprint("A-B-C-", rapid.IntRange(0, 9).Draw(t, "ref")), "")
			req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("Idempotency-Key", strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "key")))
			s.ServeHTTP(httptest.NewRecorder(), req)
		}
		balance, seen := int64(1250), map[string]bool{}
		for _, e := range s.Entries(taro) {
			if e.PreviousBalance != balance || e.Balance != balance+e.Amount || e.NewBalance != e.Balance ||
				e.Balance < 0 || seen[e.Reference] {
				t.Fatalf("%+v after a balance of %d", e, balance)
			}
			balance, seen[e.Reference] = e.Balance, true
		}
		if got, _ := s.Balance(taro); got != balance {
			t.Fatalf("balance %d, the book says %d", got, balance)
		}
	})
}
