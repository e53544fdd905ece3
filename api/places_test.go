package api

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/listing"
)

func TestOrders(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for id := int64(1); id <= 5; id++ {
		c := coupon(domain.Active)
		c.ID, c.Code = id, fmt.Sprintf("70934-AB72CD-%d", id)
		c.ExpiresAt = c.ExpiresAt.Add(time.Duration(id*3%5) * time.Hour)
		s.coupons.list = append(s.coupons.list, c)
	}
	slices.SortFunc(s.coupons.list, func(a, b domain.Coupon) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
	path, cursor := "/v1/coupons?sort=end&limit=2", ""
	var seen []string
	for range 3 {
		got := s.call(domain.RoleStaff, http.MethodGet, path+cursor, "").want(t, 200, "")
		for _, item := range items(t, got) {
			seen = append(seen, fmt.Sprint(item["code"]))
		}
		next, more := got.body["next_cursor"].(string)
		if !more {
			break
		}
		cursor = "&cursor=" + next
	}
	if len(seen) != 5 || seen[0] != s.coupons.list[0].Code || seen[4] != s.coupons.list[4].Code {
		t.Errorf("seen %v", seen)
	}
	for _, text := range []string{"c7", "send:1", "send:1:0", "send:-1:5", "send:253402300800000000:5", "samount:1:5",
		"send:x:5", "send:1:2:3"} {
		bad := base64.RawURLEncoding.EncodeToString([]byte(text))
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?sort=end&cursor="+bad, "").want(t, 422,
			domain.CodeValidation)
	}
	for _, sort := range []listing.Sort{listing.SortFewest, listing.SortMostPoints} {
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?sort="+string(sort), "").want(t, 200, "")
		if f := s.coupons.lastFilter(); f.Sort != sort {
			t.Errorf("asked for %s, listed by %s", sort, f.Sort)
		}
	}
	s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?sort=name", "").want(t, 422, domain.CodeValidation)
	s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?"+cursor[1:], "").want(t, 422, domain.CodeValidation)
}

// covers: 004-11, 004-12
func TestTheBoxReachesTheSearch(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons?q=ab72&status=active", "").want(t, 200, "")
	if f := s.coupons.lastFilter(); f.Text != "ab72" || f.Status != domain.Active || f.Sort != listing.SortNewest {
		t.Errorf("searched for %+v", f)
	}
}
