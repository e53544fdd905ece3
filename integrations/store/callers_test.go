package store_test

import (
	"errors"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/bulk"
	"pointbridge/domain/coupons"
	"pointbridge/domain/requests"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestABulkJobGoesOnAsWhoAnswersForItIsNow: with the role of now, and for nobody who has gone meanwhile: the rows that
// are left are refused, mails too, and the job comes to its end.
func TestABulkJobGoesOnAsWhoAnswersForItIsNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		c := newCrew(t, s)
		codes := couponsOf(t, s, 2)
		ctx := t.Context()
		who := domain.Caller{ID: "staff:80", Name: "鈴木", Role: domain.RoleECAdmin, PersonID: 80}
		_, _, err := c.Make(ctx, forAll(who, "narrowed", codes))
		expect.MustEqual(t, "err", err, nil)
		c.roles.role = map[string]domain.Role{who.ID: domain.RoleStaff}
		expect.Equal(t, "err", c.Work(ctx), nil)
		expect.MustEqual(t, "calls", len(c.asked), 2)
		expect.Equal(t, "the saga is asked with the role of now", c.asked[0].Caller.Role, domain.RoleStaff)
		expect.MustEqual(t, "people behind who asked", len(c.asked[0].Askers), 1)
		expect.Equal(t, "who asked", c.asked[0].Askers[0], int64(80))

		c.roles.role = map[string]domain.Role{who.ID: ""}
		for _, kind := range bulk.Kinds() {
			a := forAll(who, "gone "+string(kind), codes)
			a.Kind, a.Reason = kind, domain.ReasonOther
			a.Note = "x"
			j, _, err := c.Make(ctx, a)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "err", c.Work(ctx), nil)
			j, _ = s.Bulk.Job(ctx, j.PublicID)
			expect.Equal(t, "the job ends", j.Status, bulk.Done, kind)
			expect.Equal(t, "rows refused", j.Refused, 2, kind)
		}
		expect.Equal(t, "nothing more is asked for", len(c.asked)+len(c.mails), 2)
	})
}

// TestAnApprovalIsCarriedOutAsWhoApprovedIsNow: where they have gone before it could be, somebody else decides.
func TestAnApprovalIsCarriedOutAsWhoApprovedIsNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		d := newDesk(t, s)
		ctx := t.Context()
		customer(t, s, "1")
		r := d.open(t, active(t, s, pending("1", 300)).Coupon.Code, "a")
		d.answer = &domain.Error{Code: domain.CodeRequestInProgress}
		r, err := d.Decide(ctx, requests.Decision{Caller: manager("staff:72"), ID: r.ID, Approve: true})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "it waits", r.State, requests.Approved)
		d.roles.role = map[string]domain.Role{"staff:72": ""}
		d.answer = domain.Refuse(domain.CodePermissionDenied)
		expect.Equal(t, "err", d.Work(ctx), nil)
		expect.Equal(t, "the saga is asked for nobody", d.asked[len(d.asked)-1].Caller.Role, domain.Role(""))
		r, _ = s.CancelRequests.Request(ctx, r.ID)
		expect.Equal(t, "somebody else decides", r.State, requests.Open)

		d.answer = &domain.Error{Code: domain.CodeRequestInProgress}
		_, err = d.Decide(ctx, requests.Decision{Caller: manager("staff:73"), ID: r.ID, Approve: true})
		expect.MustEqual(t, "err", err, nil)
		err = s.CancelRequests.Move(ctx, requests.Move{ID: r.ID, From: requests.Approved, Of: "staff:72", To: requests.Open,
			At: noon, Problem: domain.CodeCapExceeded})
		expect.That(t, "who is late with the first approval is refused", errors.Is(err, domain.ErrConflict), err)
		r, _ = s.CancelRequests.Request(ctx, r.ID)
		expect.Equal(t, "the second one stands", r.Decider.ID, "staff:73")
	})
}

// TestACallerOfSomeTimeAgo is what their credential makes of them now.
func TestACallerOfSomeTimeAgo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		ctx := t.Context()
		person, err := s.Staff.AddStaff(ctx, domain.Staff{Email: "a@example.com", Name: "人", Locale: "ja",
			Role: domain.RoleECAdmin, PasswordHash: "x", CreatedAt: noon}, domain.AuditEntry{At: noon,
			Action: domain.ActionStaffAdded, Outcome: domain.OutcomeDone})
		expect.MustEqual(t, "err", err, nil)
		end := noon.Add(time.Hour)
		key, err := s.Keys.CreateKey(ctx, person.Caller(), domain.APIKey{Prefix: "abc", Hash: []byte("h"),
			OwnerID: person.ID, ExpiresAt: &end, Caller: domain.Caller{Name: "p", Role: domain.RoleStoreManager}})
		expect.MustEqual(t, "err", err, nil)
		session := person.Caller()
		session.Credential = "session:1"
		token := person.Caller()
		token.Credential = "token:none"
		is := func(what string, who domain.Caller, at time.Time, want domain.Role) {
			t.Helper()
			got, err := s.Keys.Now(ctx, who, at)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, what, got.Role, want)
			expect.Equal(t, what+": who it is", got.ID, who.ID)
		}
		is("a sign-in", session, noon, domain.RoleECAdmin)
		is("a key", key.Caller, noon, domain.RoleStoreManager)
		is("a key at its end", key.Caller, end, "")
		is("a token that is not there", token, noon, "")
		is("a customer", domain.Caller{ID: "member:1", Role: domain.RoleCustomer, CustomerID: "1"}, noon, "")
		is("somebody under another's number", domain.Caller{ID: "staff:999", PersonID: person.ID,
			Role: domain.RoleSystemAdmin}, noon, "")
		changed(t, s, person.ID, func(p *domain.Staff) { p.Role = domain.RoleStaff })
		is("a narrowed role", session, noon, domain.RoleStaff)
		changed(t, s, person.ID, func(p *domain.Staff) { p.DisabledAt = &end })
		is("who has gone", session, noon, "")
		is("the key of who has gone", key.Caller, noon, "")
	})
}

func changed(t *testing.T, s *store.Store, id int64, change func(*domain.Staff)) {
	t.Helper()
	_, err := s.Staff.ChangeStaff(t.Context(), id, func(p domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
		change(&p)
		return p, []domain.AuditEntry{{At: noon, Action: domain.ActionStaffChanged, Outcome: domain.OutcomeDone}}, nil
	})
	expect.MustEqual(t, "err", err, nil)
}

// TestACouponOfWhoeverAskedIsTheirOwn, although somebody else decides.
func TestACouponOfWhoeverAskedIsTheirOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		ctx := t.Context()
		customer(t, s, "1")
		code := active(t, s, pending("1", 300)).Coupon.Code
		asker, err := s.Staff.AddStaff(ctx, domain.Staff{Email: "a@example.com", Name: "人", Locale: "ja", CustomerID: "1",
			Role: domain.RoleStoreManager, PasswordHash: "x", CreatedAt: noon}, domain.AuditEntry{At: noon,
			Action: domain.ActionStaffAdded, Outcome: domain.OutcomeDone})
		expect.MustEqual(t, "err", err, nil)
		for _, askers := range [][]int64{nil, {asker.ID}} {
			own := false
			_, err = s.Coupons.Decide(ctx, coupons.Question{Code: code, Actor: "staff:9", PersonID: 9, Askers: askers},
				func(k coupons.Locked) (coupons.Change, error) {
					own = k.Own
					return coupons.Change{}, nil
				})
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "it is one's own", own, len(askers) > 0)
		}
	})
}
