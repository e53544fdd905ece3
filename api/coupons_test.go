package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
)

// covers: 004-10, 004-11, 004-12, 004-59
func TestCouponList(t *testing.T) {
	t.Parallel()
	t.Run("the list has code, customer, amount and status", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.coupons.list = []domain.Coupon{coupon(domain.Active)}
		got := s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "").want(t, 200, "")
		item := items(t, got)[0]
		if item["code"] != code || item["customer_id"] != yamada || item["amount"] != 500.0 ||
			item["status"] != "active" {
			t.Errorf("got %v", item)
		}
	})
	t.Run("a customer id is searched for exactly as it is", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		other := coupon(domain.Active)
		other.CustomerID = "123456"
		mine := coupon(domain.Active)
		mine.CustomerID = suzuki
		s.coupons.list = []domain.Coupon{other, mine}
		got := items(t, s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?customer_id=12345", "").want(t, 200, ""))
		if len(got) != 1 || got[0]["customer_id"] != suzuki {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a whole code, a part of one and lower case reach the search", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for _, text := range []string{code, "AB72CD", "ab72cd"} {
			s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?code="+text, "").want(t, 200, "")
			if got := s.coupons.lastFilter().Code; got != text {
				t.Errorf("%s was searched as %s", text, got)
			}
		}
	})
	t.Run("expired coupons are a filter, and one whose end has passed is among them with no job having run",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			ended := coupon(domain.Active)
			ended.ExpiresAt = s.clock.Now().Add(time.Second)
			s.coupons.list = []domain.Coupon{ended, coupon(domain.Active)}
			if got := items(t, s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?status=expired",
				"")); len(got) != 0 {
				t.Errorf("too early: %v", got)
			}
			s.clock.Advance(time.Second)
			got := items(t, s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?status=expired", "").want(t, 200, ""))
			if len(got) != 1 || got[0]["status"] != "expired" || got[0]["apply_url"] != nil {
				t.Errorf("got %v", got)
			}
		})
	t.Run("an end can be searched for in any zone", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?expires_before=2026-04-01T00:00:00%2B09:00", "").want(t,
			200, "")
		if got := s.coupons.lastFilter().ExpiresBefore; !got.Equal(time.Date(2026, 3, 31, 15, 0, 0, 0, time.UTC)) {
			t.Errorf("searched before %v", got)
		}
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for id := int64(7); id >= 1; id-- {
		c := coupon(domain.Active)
		c.ID, c.Code = id, fmt.Sprintf("70934-AB72CD-%d", id)
		s.coupons.list = append(s.coupons.list, c)
	}
	var seen []string
	path, pages := "/v1/coupons?limit=3", 0
	for next := ""; ; pages++ {
		got := s.call(domain.RoleStaff, http.MethodGet, path+next, "").want(t, 200, "")
		for _, item := range items(t, got) {
			seen = append(seen, fmt.Sprint(item["code"]))
		}
		cursor, more := got.body["next_cursor"].(string)
		if !more {
			break
		}
		next = "&cursor=" + cursor
	}
	if len(seen) != 7 || pages != 2 || seen[0] != "70934-AB72CD-7" || seen[6] != "70934-AB72CD-1" {
		t.Errorf("after %d pages: %v", pages, seen)
	}
	for _, bad := range []string{"x", "7", "YzA", "Yy0x", "Y", "YzFlMw", strings.Repeat("A", 65)} {
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?cursor="+bad, "").want(t, 422, domain.CodeValidation)
	}
	for _, bad := range []string{"0", "-1", "201", "x", "1.5"} {
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?limit="+bad, "").want(t, 422, domain.CodeValidation)
	}
}

func TestCustomersSeeThePublicStatus(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, status := range domain.Statuses() {
		c := coupon(status)
		c.Code = "70934-" + strings.ToUpper(string(status)) + "-500"
		c.Reason, c.Note, c.CancelledBy = "other", "looks odd", "key:12"
		s.coupons.list = append(s.coupons.list, c)
	}
	t.Run("customers", func(t *testing.T) {
		got := s.call(domain.RoleCustomer, http.MethodGet, "/v1/customers/me/coupons", "").want(t, 200, "")
		want := []string{"active", "used", "expired", "cancelled", "cancelled", "cancelled", "cancelled"}
		list := items(t, got)
		if len(list) != len(want) || !s.coupons.lastFilter().Visible {
			t.Fatalf("got %s", got.raw)
		}
		for i, item := range list {
			if item["status"] != want[i] || item["note"] != nil || item["reason"] != nil ||
				item["cancelled_by"] != nil ||
				item["shopify_discount_id"] != nil || (item["apply_url"] != nil) != (want[i] == "active") {
				t.Errorf("a customer sees %v", item)
			}
		}
	})
	t.Run("the POS sees the true status, and no code that cannot be used", func(t *testing.T) {
		for i, item := range items(t, s.call(domain.RolePOS, http.MethodGet, "/v1/customers/"+yamada+"/coupons",
			"").want(t, 200, "")) {
			status := domain.Statuses()[i]
			hidden := status == domain.Pending || status == domain.Failed
			if item["status"] != string(status) || (item["code"] == nil) != hidden {
				t.Errorf("the POS sees %v of a coupon that is %s", item, status)
			}
		}
	})
	t.Run("staff see everything", func(t *testing.T) {
		for i, item := range items(t, s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "").want(t, 200, "")) {
			status := domain.Statuses()[i]
			noted := slices.Contains([]domain.Status{domain.Cancelling, domain.Cancelled, domain.Suspended,
				domain.Forfeited}, status)
			if item["status"] != string(status) || item["code"] == nil || (item["note"] == "looks odd") != noted {
				t.Errorf("staff see %v", item)
			}
		}
	})
}

func TestCustomerWithoutCoupons(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call(domain.RolePOS, http.MethodGet, "/v1/customers/"+suzuki+"/coupons", "").want(t, 200, "")
	if len(items(t, got)) != 0 || got.body["next_cursor"] != nil {
		t.Errorf("got %s", got.raw)
	}
	s.coupons.unknown = true
	s.call(domain.RolePOS, http.MethodGet, "/v1/customers/"+suzuki+"/coupons", "").want(t, 404,
		domain.CodeCustomerNotFound)
}

// covers: 002-19, H-09
func TestCoupon(t *testing.T) {
	t.Parallel()
	t.Run("the POS's figures stand with the coupon", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.coupons.list = []domain.Coupon{coupon(domain.Active)}
		got := s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons/"+strings.ToLower(code), "").want(t, 200, "")
		movements, _ := got.body["movements"].([]any)
		movement, _ := movements[0].(map[string]any)
		if movement["balance_before"] != 1250.0 || movement["balance_after"] != 750.0 ||
			movement["reference"] != "COUPON-"+code ||
			movement["points"] != 500.0 || movement["kind"] != "take" || movement["state"] != "applied" {
			t.Errorf("got %v", movement)
		}
		history, _ := got.body["history"].([]any)
		begun, _ := history[0].(map[string]any)
		if len(history) != 2 || begun["action"] != "conversion.started" || begun["to"] != "pending" ||
			begun["from"] != nil {
			t.Errorf("got %v", history)
		}
	})
	t.Run("end and server's time make a countdown that needs no clock of its own", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.coupons.list = []domain.Coupon{coupon(domain.Active)}
		s.clock.Advance(time.Hour)
		for _, path := range []string{"/v1/coupons/" + code, "/v1/coupons"} {
			got := s.call(domain.RoleStaff, http.MethodGet, path, "").want(t, 200, "")
			if got.body["server_now"] != "2026-03-01T13:00:00Z" {
				t.Errorf("%s: the server's time is %v", path, got.body["server_now"])
			}
		}
	})
	t.Run("a code nobody knows, and what is no code", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for _, text := range []string{"70934-AAAAAA-500", "x", "%00", "..%2F..", "日本"} {
			s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons/"+text, "").want(t, 404, domain.CodeCouponNotFound)
		}
	})
}

func items(t *testing.T, a answer) []map[string]any {
	t.Helper()
	list, ok := a.body["items"].([]any)
	if !ok {
		t.Fatalf("no items in %s", a.raw)
	}
	found := make([]map[string]any, 0, len(list))
	for _, entry := range list {
		item, _ := entry.(map[string]any)
		found = append(found, item)
	}
	return found
}
