package smaregi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/integrations/sim/smaregi"
	"pointbridge/test/expect"
)

// Smaregi has no keys: the same request a hundred times is a hundred changes, and none of them goes below zero.
func TestTogether(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.bearer = s.token(allScopes)
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			r := httptest.NewRequest(http.MethodPost, add, strings.NewReader(`{"point":"-500"}`))
			r.Header.Set("Authorization", "Bearer "+s.bearer)
			s.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	wait.Wait()
	s.rests(250, 2)
	expect.Equal(t, "refusals", s.Refused()[400], 98)
}

// Whatever is done in whatever order: the balance is what the transactions say, each starts where the one before ended,
// and nothing is below zero.
func TestBookAlwaysAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
		s, err := smaregi.New(smaregi.Config{Account: account, ClientID: "a", ClientSecret: "s",
			Clock: func() time.Time { return at }})
		if err != nil {
			rt.Fatal(err)
		}
		s.AddMember(smaregi.Member{ID: taro, Code: "C", Points: 1250})
		for range rapid.IntRange(1, 30).Draw(rt, "acts") {
			n := rapid.Int64Range(-900, 900).Draw(rt, "points")
			switch rapid.IntRange(0, 3).Draw(rt, "act") {
			case 0:
				s.ByHand(taro, n)
			case 1:
				s.SellAtPOS(taro, n)
			case 2:
				day := at.AddDate(0, 0, int(n)).Format(time.DateOnly)
				s.Change(taro, func(m *smaregi.Member) { m.ExpireOn = day })
			default:
				at = at.Add(time.Duration(max(n, -n)) * time.Hour)
			}
		}
		balance := int64(1250)
		for _, e := range s.Transactions() {
			if e.Before != balance || e.After != balance+e.New-e.Spent || e.After < 0 {
				rt.Fatal(fmt.Sprintf("%+v after a balance of %d", e, balance))
			}
			balance = e.After
		}
		if got, _ := s.Balance(taro); got != balance {
			rt.Fatalf("balance %d, the book says %d", got, balance)
		}
	})
}
