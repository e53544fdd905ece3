package domain_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain"
)

// legal is the picture of the design, written down a second time.
var legal = map[domain.Status][]domain.Status{
	domain.Pending:    {domain.Active, domain.Failed},
	domain.Active:     {domain.Used, domain.Expired, domain.Cancelling, domain.Suspended},
	domain.Expired:    {domain.Used},
	domain.Cancelling: {domain.Cancelled, domain.Used},
	domain.Suspended:  {domain.Cancelling, domain.Forfeited},
}

func TestStatusTable(t *testing.T) {
	t.Parallel()
	for _, from := range domain.Statuses() {
		for _, to := range domain.Statuses() {
			if got, want := from.CanBecome(to), slices.Contains(legal[from], to); got != want {
				t.Errorf("%s to %s: %v, want %v", from, to, got, want)
			}
		}
	}
}

func TestStatusWalks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := domain.Pending
		seen := map[domain.Status]bool{}
		for range 20 {
			var next []domain.Status
			for _, s := range domain.Statuses() {
				if at.CanBecome(s) {
					next = append(next, s)
				}
			}
			if at.OnTheWay() && len(next) == 0 {
				t.Fatalf("%s is on the way and cannot leave", at)
			}
			if len(next) == 0 {
				return
			}
			if seen[at] {
				t.Fatalf("%s was reached twice: a life has no loops", at)
			}
			seen[at] = true
			at = rapid.SampledFrom(next).Draw(t, "next")
			if at == domain.Pending {
				t.Fatal("a coupon became pending again")
			}
		}
	})
}

// covers: 004-14
func TestStatusAt(t *testing.T) {
	t.Parallel()
	end := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	c := domain.Coupon{Status: domain.Active, ExpiresAt: end}
	t.Run("expired from the second of the end with no job having run", func(t *testing.T) {
		t.Parallel()
		if got := c.StatusAt(end.Add(-time.Nanosecond)); got != domain.Active {
			t.Errorf("just before the end it reads %s", got)
		}
		if got := c.StatusAt(end); got != domain.Expired {
			t.Errorf("at the end it reads %s", got)
		}
		if got := c.StatusAt(end.Add(time.Second)); got != domain.Expired {
			t.Errorf("a second later it reads %s", got)
		}
	})
	t.Run("other statuses do not expire", func(t *testing.T) {
		t.Parallel()
		for _, s := range []domain.Status{domain.Used, domain.Cancelled, domain.Failed, domain.Pending} {
			if got := (domain.Coupon{Status: s, ExpiresAt: end}).StatusAt(end.Add(time.Hour)); got != s {
				t.Errorf("%s became %s", s, got)
			}
		}
	})
}

func TestPublicStatus(t *testing.T) {
	t.Parallel()
	want := map[domain.Status]domain.Status{
		domain.Pending: "", domain.Failed: "", domain.Active: domain.Active, domain.Used: domain.Used,
		domain.Expired: domain.Expired, domain.Cancelled: domain.Cancelled, domain.Cancelling: domain.Cancelled,
		domain.Suspended: domain.Cancelled, domain.Forfeited: domain.Cancelled,
	}
	for _, s := range domain.Statuses() {
		if got := s.Public(); got != want[s] {
			t.Errorf("customers see %s as %q, want %q", s, got, want[s])
		}
	}
}
