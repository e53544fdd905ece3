package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/bulk"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notices"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// crew is the service of bulk jobs on a database, with a saga that keeps what it was asked for and can fail.
type crew struct {
	*bulk.Service
	at    time.Time
	asked []coupons.Cancellation
	// fails are the codes that the saga refuses, dies the number of calls after which the process is gone.
	fails map[string]error
	dies  int
	stop  context.CancelFunc
	roles nowAs
	// mails are the mails that were let go once more, by the key of their request.
	mails []string
}

// nowAs are callers as they are now, where that is not what they were.
type nowAs struct{ role map[string]domain.Role }

func (n *nowAs) Now(_ context.Context, who domain.Caller, _ time.Time) (domain.Caller, error) {
	if role, changed := n.role[who.ID]; changed {
		who.Role = role
	}
	return who, nil
}

func (c *crew) SendAgain(_ context.Context, a notices.Again) error {
	c.mails = append(c.mails, a.Key)
	return c.fails[a.State.Coupon.Code]
}

func (c *crew) Now() time.Time                            { return c.at }
func (c *crew) After(wait time.Duration) <-chan time.Time { return time.After(wait) }
func (c *crew) Cancel(_ context.Context, k coupons.Cancellation) (coupons.Ending, error) {
	c.asked = append(c.asked, k)
	if c.dies > 0 && len(c.asked) == c.dies {
		c.stop()
	}
	return coupons.Ending{}, c.fails[k.Code]
}
func (c *crew) Suspend(ctx context.Context, k coupons.Suspension) (coupons.Ending, error) {
	return c.Cancel(ctx, coupons.Cancellation(k))
}

func newCrew(t *testing.T, s *store.Store) *crew {
	t.Helper()
	c := &crew{at: noon, fails: map[string]error{}}
	acts := domain.ActRules{}
	for _, role := range []domain.Role{domain.RoleStoreManager, domain.RoleECAdmin} {
		for _, act := range []domain.Act{domain.ActCancel, domain.ActSuspend} {
			acts[domain.ActKey{Act: act, Role: role}] = domain.ActRule{Capped: true}
		}
	}
	c.Service = &bulk.Service{Store: s.Bulk, Desk: s.Bulk, Saga: c, Coupons: s.Coupons, Mails: c, Callers: &c.roles, Clock: c, Lease: time.Minute,
		Logger: slog.New(slog.DiscardHandler), Policy: coupons.Policy{Location: time.UTC, Acts: acts,
			Caps: map[domain.Role]coupons.Cap{domain.RoleStoreManager: {PerAction: 500}}}}
	return c
}

func couponsOf(t *testing.T, s *store.Store, n int) (codes []string) {
	t.Helper()
	for i := range n {
		id := fmt.Sprint(i + 1)
		customer(t, s, id)
		codes = append(codes, active(t, s, pending(id, 100)).Coupon.Code)
	}
	return codes
}

func forAll(who domain.Caller, key string, codes []string) bulk.Asked {
	return bulk.Asked{Caller: who, Kind: bulk.Cancel, Codes: codes, Reason: domain.ReasonIssuedInError, Key: key}
}

// TestABulkJobDoesEachCouponOnce: one key for each row, a result for each, and a kill in the middle repeats nothing but
// the row it fell on, under the same key.
func TestABulkJobDoesEachCouponOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		c := newCrew(t, s)
		codes := couponsOf(t, s, 4)
		c.fails[codes[1]] = domain.Refuse(domain.CodeCouponUsed)
		_, _, err := c.Make(t.Context(), forAll(manager("staff:72"), "odd", append(codes, "NO-SUCHCODE-1")))
		coded(t, err, domain.CodeValidation)
		j, again, err := c.Make(t.Context(), forAll(manager("staff:72"), "k", append(codes, codes[0])))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "first", again, false)
		expect.Equal(t, "coupons, each once", j.Wanted, 4)
		expect.Equal(t, "sum", j.Points, int64(400))
		expect.Equal(t, "status", j.Status, bulk.Running)
		same, again, err := c.Make(t.Context(), forAll(manager("staff:72"), "k", append(codes, codes[0])))
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "the same key makes one job", same.PublicID, j.PublicID)
		expect.Equal(t, "replayed", again, true)

		ctx, stop := context.WithCancel(t.Context())
		c.dies, c.stop = 3, stop
		_ = c.Work(ctx) // the process dies after the saga's third commit, before the row's
		rows, err := s.Bulk.Rows(t.Context(), j.ID)
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "the third row waits", rows[2].State, bulk.RowWaiting)
		c.at = c.at.Add(2 * time.Minute) // its lease is over
		expect.Equal(t, "err", c.Work(t.Context()), nil)
		j, err = s.Bulk.Job(t.Context(), j.PublicID)
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "done", j.Status, bulk.Done)
		expect.Equal(t, "rows done", j.Done, 3)
		expect.Equal(t, "rows refused", j.Refused, 1)
		expect.MustEqual(t, "calls", len(c.asked), 5)
		expect.Equal(t, "the row it fell on is asked for under its key", c.asked[3].Key, c.asked[2].Key)
		rows, _ = s.Bulk.Rows(t.Context(), j.ID)
		expect.Equal(t, "why", rows[1].Reason, string(domain.CodeCouponUsed))
	})
}

// TestCouponsThatCannotBeDoneNowHoldUpNoOthers: as many as are done in a turn wait for a POS that does not know yet, and
// those behind them are done; in the end all are.
func TestCouponsThatCannotBeDoneNowHoldUpNoOthers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		c := newCrew(t, s)
		codes := couponsOf(t, s, 52)
		for _, code := range codes[:50] {
			c.fails[code] = &domain.Error{Code: domain.CodeUpstreamUnavailable}
		}
		admin := domain.Caller{ID: "staff:80", Name: "鈴木", Role: domain.RoleECAdmin, PersonID: 80}
		j, _, err := c.Make(t.Context(), forAll(admin, "k", codes))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "err", c.Work(t.Context()), nil)
		j, _ = s.Bulk.Job(t.Context(), j.PublicID)
		expect.Equal(t, "done behind those that wait", j.Done, 2)
		expect.Equal(t, "status", j.Status, bulk.Running)
		c.fails, c.at = nil, c.at.Add(time.Minute)
		var later *domain.Later
		for err = c.Work(t.Context()); errors.As(err, &later); err = c.Work(t.Context()) {
			expect.MustEqual(t, "calls", len(c.asked) <= 102, true)
		}
		expect.Equal(t, "err", err, nil)
		j, _ = s.Bulk.Job(t.Context(), j.PublicID)
		expect.Equal(t, "done in the end", j.Done, 52)
		expect.Equal(t, "status in the end", j.Status, bulk.Done)
	})
}

// TestABulkSumTakesASecondPerson: a sum above the maker's cap waits for somebody else within whose cap it is.
func TestABulkSumTakesASecondPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		c := newCrew(t, s)
		codes := couponsOf(t, s, 6)
		ctx := t.Context()
		admin := domain.Caller{ID: "staff:80", Name: "鈴木", Role: domain.RoleECAdmin, PersonID: 80}
		_, _, err := c.Make(ctx, forAll(clerk("staff:71"), "x", codes))
		coded(t, err, domain.CodePermissionDenied)
		j, _, err := c.Make(ctx, forAll(manager("staff:72"), "k", codes))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "it waits", j.Status, bulk.Waiting)
		expect.Equal(t, "err", c.Work(ctx), nil)
		expect.Equal(t, "nothing begins", len(c.asked), 0)
		_, err = c.Approve(ctx, manager("staff:72"), j.PublicID)
		coded(t, err, domain.CodeOwnRequest)
		_, err = c.Approve(ctx, domain.Caller{ID: "key:1", Role: domain.RoleECAdmin, PersonID: 72}, j.PublicID)
		coded(t, err, domain.CodeOwnRequest)
		other := manager("staff:73")
		other.PersonID = 73
		_, err = c.Approve(ctx, other, j.PublicID)
		coded(t, err, domain.CodeCapExceeded)
		_, err = c.SetStatus(ctx, manager("staff:72"), j.PublicID, bulk.Running)
		coded(t, err, domain.CodeBulkStatus)
		j, err = c.Approve(ctx, admin, j.PublicID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "err", c.Work(ctx), nil)
		expect.MustEqual(t, "all were asked for", len(c.asked), 6)
		expect.Equal(t, "by whoever approved", c.asked[0].Caller.ID, "staff:80")
		expect.Equal(t, "with the maker on record", c.asked[0].AskedBy, "佐藤")
	})
}

// TestABulkJobIsPausedAndStopped: what is done stays done, and nothing more happens.
func TestABulkJobIsPausedAndStopped(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		c := newCrew(t, s)
		codes := couponsOf(t, s, 2)
		ctx := t.Context()
		c.fails[codes[0]] = &domain.Error{Code: domain.CodeUpstreamUnavailable}
		j, _, err := c.Make(ctx, forAll(manager("staff:72"), "k", codes))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "err", c.Work(ctx), nil)
		j, _ = s.Bulk.Job(ctx, j.PublicID)
		expect.Equal(t, "what could not be reached waits", j.Left(), 1)
		_, err = c.SetStatus(ctx, manager("staff:72"), j.PublicID, bulk.Paused)
		expect.Equal(t, "err", err, nil)
		c.at, c.fails = c.at.Add(time.Hour), nil
		expect.Equal(t, "err", c.Work(ctx), nil)
		expect.Equal(t, "a paused job rests", len(c.asked), 2)
		_, err = c.SetStatus(ctx, manager("staff:72"), j.PublicID, bulk.Running)
		expect.Equal(t, "err", err, nil)
		_, err = c.SetStatus(ctx, manager("staff:72"), j.PublicID, bulk.Stopped)
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "err", c.Work(ctx), nil)
		expect.Equal(t, "a stopped one too", len(c.asked), 2)
		_, err = c.SetStatus(ctx, manager("staff:72"), j.PublicID, bulk.Running)
		coded(t, err, domain.CodeBulkStatus)
	})
}

// TestABulkJobOfAKeyIsApprovedByWhoDoesNotStandBehindIt: not by whoever answers for the key or made it, not by somebody
// who ever made what one of them signs in with, and by no other key. Where nobody stands behind it there is no job.
func TestABulkJobOfAKeyIsApprovedByWhoDoesNotStandBehindIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		c := newCrew(t, s)
		codes := couponsOf(t, s, 6)
		ctx := t.Context()
		var people []domain.Caller
		for i := range 4 {
			by := "command"
			if i == 3 { // the first one made the last one's account
				by = people[0].ID
			}
			p, err := s.Staff.AddStaff(ctx, domain.Staff{Email: fmt.Sprint(i, "@example.com"), Name: "人", Locale: "ja",
				Role: domain.RoleECAdmin, PasswordHash: "x", CreatedAt: noon}, domain.AuditEntry{At: noon, Actor: by,
				Action: domain.ActionStaffAdded, Outcome: domain.OutcomeDone})
			expect.MustEqual(t, "err", err, nil)
			people = append(people, p.Caller())
		}
		key := domain.Caller{ID: "key:1", Name: "program", Role: domain.RoleStoreManager, Machine: true}
		_, _, err := c.Make(ctx, forAll(key, "nobody", codes))
		coded(t, err, domain.CodeSecondPerson)
		key.PersonID, key.MakerID = people[0].PersonID, people[1].PersonID
		j, _, err := c.Make(ctx, forAll(key, "k", codes))
		expect.MustEqual(t, "err", err, nil)
		for _, own := range []domain.Caller{people[0], people[1], key, {ID: "key:2", Role: domain.RoleECAdmin,
			Machine: true, PersonID: people[2].PersonID}} {
			_, err = c.Approve(ctx, own, j.PublicID)
			coded(t, err, domain.CodeOwnRequest)
		}
		_, err = c.Approve(ctx, people[3], j.PublicID)
		coded(t, err, domain.CodeSecondPerson)
		j, err = c.Approve(ctx, people[2], j.PublicID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "it begins", j.Status, bulk.Running)
	})
}

// TestABulkJobSendsMailsAgain: each under a name of its own, so that a row that is done twice is one mail; a customer
// who had it too often is left out, and holds nothing up.
func TestABulkJobSendsMailsAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		c := newCrew(t, s)
		codes := couponsOf(t, s, 2)
		c.fails[codes[0]] = domain.Refuse(domain.CodeRateLimited)
		j, _, err := c.Make(t.Context(), bulk.Asked{Caller: manager("staff:72"), Kind: bulk.Resend, Codes: codes, Key: "m"})
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "err", c.Work(t.Context()), nil)
		expect.Equal(t, "requests for mails", c.mails, []string{fmt.Sprintf("bulk-%d-1", j.ID), fmt.Sprintf("bulk-%d-2", j.ID)})
		j, err = s.Bulk.Job(t.Context(), j.PublicID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "status", j.Status, bulk.Done)
		expect.Equal(t, "refused", j.Refused, 1)
	})
}

// TestAJobOfAKeyIsToldAgainWhateverItsCapsLeave: what was moved meanwhile, by this very job for one, can make of a
// repetition a sum that takes a second person, whom nobody could tell from whoever holds the key.
func TestAJobOfAKeyIsToldAgainWhateverItsCapsLeave(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		c := newCrew(t, s)
		codes := couponsOf(t, s, 1)
		key := domain.Caller{ID: "key:1", Name: "program", Role: domain.RoleStoreManager, Machine: true}
		j, replayed, err := c.Make(t.Context(), forAll(key, "k", codes))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "replayed", replayed, false)
		c.Policy.Caps = map[domain.Role]coupons.Cap{domain.RoleStoreManager: {PerAction: 1}}
		again, replayed, err := c.Make(t.Context(), forAll(key, "k", codes))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "replayed", replayed, true)
		expect.Equal(t, "again.PublicID", again.PublicID, j.PublicID)
		_, _, err = c.Make(t.Context(), forAll(key, "another", codes))
		coded(t, err, domain.CodeSecondPerson)
	})
}
