package api

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
)

const unknownCode = "70934-AAAAAA-500"

// alerts lists the alerts in the log.
func (s *shop) alerts() (list []map[string]any) {
	for _, line := range s.log.lines() {
		if line["msg"] == "alert" {
			list = append(list, line)
		}
	}
	return list
}

// guess asks n times for a code that nobody has.
func (s *shop) guess(role domain.Role, n int) {
	s.t.Helper()
	for range n {
		s.call(role, http.MethodGet, "/v1/coupons/"+unknownCode, "").want(s.t, 404, domain.CodeCouponNotFound)
	}
}

// covers: H-22
func TestUnknownCodes(t *testing.T) {
	t.Parallel()
	watched := func(d *Deps) { d.UnknownCodes = 20 }
	t.Run("a burst of unknown codes from one caller raises one alert", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, watched)
		s.guess(domain.RoleStaff, 19)
		s.guess(domain.RoleECAdmin, 19)
		if len(s.alerts()) != 0 || len(s.metrics.alerts) != 0 {
			t.Fatalf("too early: %v", s.alerts())
		}
		s.guess(domain.RoleStaff, 81)
		alerts := s.alerts()
		if len(alerts) != 1 || alerts[0]["level"] != "ERROR" || alerts[0]["kind"] != "unknown_codes" ||
			alerts[0]["caller"] != "key:staff" {
			t.Fatalf("got %v", alerts)
		}
		if len(s.metrics.alerts) != 1 || s.metrics.alerts[0] != "unknown_codes" {
			t.Errorf("counted %v", s.metrics.alerts)
		}
		if list := s.record.list; len(list) != 1 || list[0].Action != "alert.unknown_codes" ||
			list[0].Actor != "key:staff" || list[0].Code != "" ||
			list[0].Detail["answers"] != 20 || list[0].Detail["within_seconds"] != int64(60) {
			t.Errorf("recorded %+v", list)
		}
		for _, line := range s.log.lines() {
			for _, value := range line {
				if text, ok := value.(string); ok && strings.Contains(text, "AAAAAA") {
					t.Errorf("a code stands in the log: %v", line)
				}
			}
		}
	})
	t.Run("who goes on raises the next one in the next window", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, watched)
		for range 3 {
			s.guess(domain.RoleStaff, 30)
			s.clock.Advance(time.Minute)
		}
		if len(s.record.list) != 3 {
			t.Fatalf("%d alerts in three minutes", len(s.record.list))
		}
	})
	t.Run("unknown codes now and then raise none", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, watched)
		for range 60 {
			s.guess(domain.RoleStaff, 1)
			s.clock.Advance(4 * time.Second)
		}
		if len(s.alerts()) != 0 {
			t.Fatalf("got %v", s.alerts())
		}
	})
	t.Run("a limit of one, and of none", func(t *testing.T) {
		t.Parallel()
		one, none := newShop(t, func(d *Deps) { d.UnknownCodes = 1 }), newShop(t)
		one.guess(domain.RoleStaff, 5)
		none.guess(domain.RoleStaff, 100)
		if len(one.alerts()) != 1 || len(none.alerts()) != 0 {
			t.Fatalf("%d and %d alerts", len(one.alerts()), len(none.alerts()))
		}
	})
	t.Run("an alert that cannot be recorded is still logged, and the answer stays what it is", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.UnknownCodes = 2 })
		s.record.fail = errors.New("the database is away")
		s.guess(domain.RoleStaff, 2)
		if len(s.alerts()) != 1 {
			t.Fatalf("got %v", s.alerts())
		}
	})
}

// covers: H-22
func TestOneBurstIsToldOnce(t *testing.T) {
	t.Parallel()
	b, at := newBurst(20, time.Minute), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	told := 0
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if b.reached("key:1", at) {
				mu.Lock()
				told++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if told != 1 {
		t.Errorf("200 at once raise %d alerts", told)
	}
}
