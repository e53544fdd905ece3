package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
)

func (f *fakeRecorder) actions() (list []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.list {
		list = append(list, e.Action+" "+e.CustomerID)
	}
	return list
}

// TestReadsOfCustomersDataLeaveAnEntry asks for everything that shows customers' data.
func TestReadsOfCustomersDataLeaveAnEntry(t *testing.T) {
	t.Parallel()
	reads := map[string]string{
		"/v1/customers/" + yamada:                       domain.ActionCustomerRead + " " + yamada,
		"/v1/customers/" + yamada + "/points":           domain.ActionCustomerRead + " " + yamada,
		"/v1/customers/" + yamada + "/quote?points=500": domain.ActionCustomerRead + " " + yamada,
		"/v1/customers/" + yamada + "/coupons":          domain.ActionCouponsOfRead + " " + yamada,
		"/v1/coupons":                                   domain.ActionCouponsFound + " ",
		"/v1/coupons?customer_id=" + yamada:             domain.ActionCouponsFound + " " + yamada,
		"/v1/coupons/" + code:                           domain.ActionCouponRead + " " + yamada,
		"/v1/reviews":                                   domain.ActionReviewsFound + " ",
		"/v1/reviews/1":                                 domain.ActionReviewRead + " ",
		"/v1/reports/summary?format=csv":                domain.ActionReportExported + " ",
		"/v1/reports/summary?format=json":               "",
		"/v1/customers/" + yamada + "/points?wrong=1":   "",
	}
	for path, want := range reads {
		t.Run("a person's "+path, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.coupons.list = []domain.Coupon{coupon(domain.Active)}
			got := s.call(domain.RoleSystemAdmin, http.MethodGet, path, "")
			if want == "" {
				if len(s.record.list) != 0 {
					t.Errorf("%d leaves %v", got.status, s.record.actions())
				}
				return
			}
			if got.status != http.StatusOK || !slices.Equal(s.record.actions(), []string{want}) {
				t.Fatalf("%d leaves %q, want %q", got.status, s.record.actions(), want)
			}
			if e := s.record.list[0]; e.Actor != "key:system_admin" || e.ActorName != "the system_admin" ||
				e.Outcome != domain.OutcomeDone {
				t.Errorf("it is recorded as %s of %s", e.Outcome, e.Actor)
			}
		})
	}
	t.Run("how many were shown is told", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.coupons.list = []domain.Coupon{coupon(domain.Active), coupon(domain.Used)}
		got := s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "").want(t, 200, "")
		items, _ := got.body["items"].([]any)
		if s.record.list[0].Detail["found"] != len(items) {
			t.Errorf("%v of %d", s.record.list[0].Detail, len(items))
		}
	})
	t.Run("a customer's own look leaves none, and waits for none", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.record.fail = errors.New("the database is away")
		for _, path := range []string{"/v1/customers/me/points", "/v1/customers/me/coupons",
			"/v1/customers/me/quote?points=500"} {
			s.call(domain.RoleCustomer, http.MethodGet, path, "").want(t, 200, "")
		}
		if len(s.record.list)+len(s.record.counted) != 0 {
			t.Errorf("it leaves %v", s.record.actions())
		}
	})
	t.Run("the POS's reads are counted, and wait for nothing", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for _, path := range []string{"", "/points", "/coupons"} {
			s.call(domain.RolePOS, http.MethodGet, "/v1/customers/"+yamada+path, "").want(t, 200, "")
		}
		if len(s.record.list) != 0 || len(s.record.counted) != 3 || s.record.counted[0].CustomerID != yamada {
			t.Errorf("%d at once, %d counted", len(s.record.list), len(s.record.counted))
		}
	})
	t.Run("a conversion leaves none", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for _, role := range []domain.Role{domain.RoleCustomer, domain.RolePOS, domain.RoleStoreManager} {
			s.call(role, http.MethodPost, "/v1/customers/"+yamada+"/conversions", `{"points":500}`, keyed("k")).want(t,
				201, "")
		}
		if len(s.record.list)+len(s.record.counted) != 0 {
			t.Errorf("it leaves %v", s.record.actions())
		}
	})
	t.Run("what cannot be recorded is not shown", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.record.fail = errors.New("the database is away")
		got := s.call(domain.RoleStaff, http.MethodGet, "/v1/customers/"+yamada, "").want(t, 500, domain.CodeInternal)
		if strings.Contains(got.raw, yamada) {
			t.Errorf("it is shown: %s", got.raw)
		}
	})
}

func TestTheLogHoldsTheClientsAddressOnlyWhereItMay(t *testing.T) {
	t.Parallel()
	claimed := header("X-Forwarded-For", "203.0.113.1")
	for name, tc := range map[string]struct {
		change func(*Deps)
		want   any
	}{
		"where addresses may be kept":    {func(d *Deps) { d.KeepAddresses = true }, "192.0.2.1"},
		"where they may not":             {func(*Deps) {}, nil},
		"of a client of a trusted proxy": {func(d *Deps) { d.KeepAddresses, d.TrustedProxies = true, []string{"192.0.2.0/24"} }, "203.0.113.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, tc.change)
			s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "", claimed).want(t, 200, "")
			s.call("", http.MethodGet, "/v1/coupons", "", claimed).want(t, 401, domain.CodeUnauthenticated)
			seen := 0
			for _, line := range s.log.lines() {
				if line["msg"] != "request" {
					continue
				}
				if seen++; line["client"] != tc.want {
					t.Errorf("the line holds %v", line["client"])
				}
			}
			if seen != 2 {
				t.Errorf("%d lines", seen)
			}
		})
	}
}

// TestReadsNameTheCredential: what was looked at by a stolen token is told apart from what its owner looked at.
func TestReadsNameTheCredential(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.coupons.list = []domain.Coupon{coupon(domain.Active)}
	p, token := s.person(domain.RoleStoreManager)
	for i, credential := range []string{token, s.session(p)} {
		s.call("", http.MethodGet, "/v1/coupons", "", as(credential)).want(t, http.StatusOK, "")
		if kind := []string{"token:", "session:"}[i]; len(s.record.list) != i+1 ||
			!strings.HasPrefix(s.record.list[i].Credential, kind) {
			t.Errorf("what was read by a %s is recorded as %v", kind, s.record.list)
		}
	}
}
