package store_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notifications"
	"pointbridge/domain/requests"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// desk is the service of requests on a database, with a saga that answers what a test wants.
type desk struct {
	*requests.Service
	db     *store.Store
	at     time.Time
	mu     sync.Mutex
	answer error
	roles  nowAs
	asked  []coupons.Cancellation
}

func (d *desk) Now() time.Time                            { return d.at }
func (d *desk) After(wait time.Duration) <-chan time.Time { return time.After(wait) }
func (d *desk) Cancel(_ context.Context, c coupons.Cancellation) (coupons.Ending, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, c)
	return coupons.Ending{}, d.answer
}

func newDesk(t *testing.T, s *store.Store) *desk {
	t.Helper()
	d := &desk{db: s, at: noon}
	d.Service = &requests.Service{Store: s.CancelRequests, Saga: d, Coupons: s.Coupons, Members: s.Members, Callers: &d.roles, Clock: d,
		Logger: slog.New(slog.DiscardHandler)}
	return d
}

func clerk(id string) domain.Caller {
	return domain.Caller{ID: id, Name: "山田", Role: domain.RoleStaff, PersonID: 71}
}
func manager(id string) domain.Caller {
	return domain.Caller{ID: id, Name: "佐藤", Role: domain.RoleStoreManager, PersonID: 72}
}

func (d *desk) open(t *testing.T, code, key string) requests.Request {
	t.Helper()
	r, _, err := d.Ask(t.Context(), requests.Asked{Caller: clerk("staff:71"), Code: code,
		Reason: domain.ReasonIssuedInError, Note: "メモ", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func coded(t *testing.T, err error, want domain.Code) {
	t.Helper()
	if err == nil || domain.CodeOf(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestARequestMovesByItsTable walks every move of a request on both databases: by whom, once, and into the audit.
func TestARequestMovesByItsTable(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		d := newDesk(t, s)
		customer(t, s, "1")
		code := active(t, s, pending("1", 300)).Coupon.Code
		ctx := t.Context()
		r := d.open(t, code, "a")
		again := d.open(t, code, "a")
		expect.Equal(t, "the same key asks once", again.ID, r.ID)
		_, _, err := d.Ask(ctx, requests.Asked{Caller: manager("staff:72"), Code: code, Reason: "other", Note: "x", Key: "b"})
		coded(t, err, domain.CodeRequestOpen)
		_, _, err = d.Ask(ctx, requests.Asked{Caller: clerk("staff:71"), Code: code, Reason: "other", Note: "x", Key: "a"})
		coded(t, err, domain.CodeKeyReused)
		_, _, err = d.Ask(ctx, requests.Asked{Caller: clerk("staff:71"), Code: code, Reason: "other", Key: "c"})
		coded(t, err, domain.CodeValidation)

		_, err = d.Decide(ctx, requests.Decision{Caller: clerk("staff:71"), ID: r.ID, Approve: true})
		coded(t, err, domain.CodeOwnRequest)
		_, err = d.Decide(ctx, requests.Decision{Caller: domain.Caller{ID: "key:1", PersonID: 71}, ID: r.ID, Approve: true})
		coded(t, err, domain.CodeOwnRequest)
		_, err = d.Decide(ctx, requests.Decision{Caller: manager("staff:72"), ID: r.ID})
		coded(t, err, domain.CodeValidation)
		_, err = d.Withdraw(ctx, manager("staff:72"), r.ID)
		coded(t, err, domain.CodeRequestNotFound)

		d.answer = domain.Refuse(domain.CodeCapExceeded)
		_, err = d.Decide(ctx, requests.Decision{Caller: manager("staff:72"), ID: r.ID, Approve: true})
		coded(t, err, domain.CodeCapExceeded)
		r, _ = s.CancelRequests.Request(ctx, r.ID)
		expect.Equal(t, "a cap leaves it to somebody else", r.State, requests.Open)
		expect.Equal(t, "nobody has decided", r.Decider.ID, "")

		d.answer = nil
		r, err = d.Decide(ctx, requests.Decision{Caller: manager("staff:73"), ID: r.ID, Approve: true, Note: "はい"})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "state", r.State, requests.Done)
		last := d.asked[len(d.asked)-1]
		expect.Equal(t, "the saga is asked by whoever approved", last.Caller.ID, "staff:73")
		expect.Equal(t, "with whoever asked on record", last.AskedBy, "山田")
		expect.Equal(t, "reason", last.Reason, domain.ReasonIssuedInError)
		asked := len(d.asked)
		_, err = d.Decide(ctx, requests.Decision{Caller: manager("staff:73"), ID: r.ID, Approve: true})
		expect.Equal(t, "the same decision again", err, nil)
		expect.Equal(t, "has no second effect", len(d.asked), asked)
		_, err = d.Decide(ctx, requests.Decision{Caller: manager("staff:74"), ID: r.ID, Note: "no"})
		coded(t, err, domain.CodeRequestDecided)
		_, err = d.Withdraw(ctx, clerk("staff:71"), r.ID)
		coded(t, err, domain.CodeRequestDecided)
		_, answers, err := s.CancelRequests.Waiting(ctx, "staff:71")
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "the clerk is told", answers, int64(1))

		refused := d.open(t, code, "d")
		refused, err = d.Decide(ctx, requests.Decision{Caller: manager("staff:72"), ID: refused.ID, Note: "使用予定"})
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "refused", refused.State, requests.Refused)
		taken := d.open(t, code, "e")
		taken, err = d.Withdraw(ctx, clerk("staff:71"), taken.ID)
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "taken back", taken.State, requests.Withdrawn)
		history, err := s.Coupons.History(ctx, r.CouponID)
		expect.Equal(t, "err", err, nil)
		var actions []string
		for _, e := range history {
			actions = append(actions, e.Action)
		}
		for _, want := range []string{domain.ActionRequestOpened, domain.ActionRequestApproved,
			domain.ActionRequestRefused, domain.ActionRequestWithdrawn} {
			expect.That(t, "the audit has "+want, slices.Contains(actions, want), actions)
		}
	})
}

// TestARequestLapsesWhereItsCouponChanged: what became of the coupon meanwhile is said, and nothing moves.
func TestARequestLapsesWhereItsCouponChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		d := newDesk(t, s)
		ctx := t.Context()
		customer(t, s, "1")
		first := active(t, s, pending("1", 300)).Coupon
		r := d.open(t, first.Code, "a")
		d.at = first.ExpiresAt
		r, err := d.Decide(ctx, requests.Decision{Caller: manager("staff:72"), ID: r.ID, Approve: true})
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "expired meanwhile", r.State, requests.Lapsed)
		expect.Equal(t, "why", r.Problem, domain.CodeCouponExpired)
		expect.Equal(t, "the saga was not asked", len(d.asked), 0)

		d.at = noon
		r = d.open(t, first.Code, "b")
		d.answer = domain.Refuse(domain.CodeCouponUsed)
		r, err = d.Decide(ctx, requests.Decision{Caller: manager("staff:72"), ID: r.ID, Approve: true})
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "used in the same moment", r.State, requests.Lapsed)

		r = d.open(t, first.Code, "c")
		d.at = first.ExpiresAt
		expect.Equal(t, "err", d.Work(ctx), nil)
		r, _ = s.CancelRequests.Request(ctx, r.ID)
		expect.Equal(t, "the round finds it too", r.State, requests.Lapsed)
	})
}

// TestAnApprovalOutlivesItsProcess: what the saga could not answer is asked again by the round, under the same key.
func TestAnApprovalOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		d := newDesk(t, s)
		ctx := t.Context()
		customer(t, s, "1")
		r := d.open(t, active(t, s, pending("1", 300)).Coupon.Code, "a")
		d.answer = &domain.Error{Code: domain.CodeRequestInProgress}
		r, err := d.Decide(ctx, requests.Decision{Caller: manager("staff:72"), ID: r.ID, Approve: true})
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "it waits", r.State, requests.Approved)
		expect.Equal(t, "err", d.Work(ctx), nil)
		d.answer = nil
		expect.Equal(t, "err", d.Work(ctx), nil)
		r, _ = s.CancelRequests.Request(ctx, r.ID)
		expect.Equal(t, "it is done", r.State, requests.Done)
		for _, c := range d.asked {
			expect.Equal(t, "every try has one key", c.Key, d.asked[0].Key)
			expect.Equal(t, "and one caller", c.Caller.ID, "staff:72")
		}
	})
}

// TestOneOfManyDecides lets people decide the same request at once.
func TestOneOfManyDecides(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		s := database.Open(t, now, nil)
		d := newDesk(t, s)
		customer(t, s, "1")
		r := d.open(t, active(t, s, pending("1", 300)).Coupon.Code, "a")
		var wait sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wait.Go(func() {
				who := manager("staff:" + string(rune('1'+i)))
				_, errs[i] = d.Decide(t.Context(), requests.Decision{Caller: who, ID: r.ID, Approve: i%2 == 0, Note: "x"})
			})
		}
		wait.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, &domain.Error{Code: domain.CodeRequestDecided}) {
				t.Error(err)
			}
		}
		expect.Equal(t, "one wins", won, 1)
		expect.That(t, "the saga is asked once at most", len(d.asked) <= 1, len(d.asked))
	})
}

// TestTheDigestIsOneMailInATime gathers what happened into one mail to each person who may decide.
func TestTheDigestIsOneMailInATime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, database storetest.Database) {
		var refs []string
		s := database.Open(t, now, func(_ context.Context, _ *sql.Tx, jobs []domain.Job) error {
			for _, j := range jobs {
				if j.Kind == domain.JobNotice {
					refs = append(refs, j.Ref)
				}
			}
			return nil
		})
		ctx := t.Context()
		for i, role := range []domain.Role{domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin} {
			person := domain.Staff{Email: string(rune('a'+i)) + "@example.com", Name: "人", Role: role, Locale: "ja",
				PasswordHash: "x", CreatedAt: noon}
			if _, err := s.Staff.AddStaff(ctx, person, domain.AuditEntry{At: noon, Action: domain.ActionStaffAdded,
				Outcome: domain.OutcomeDone}); err != nil {
				t.Fatal(err)
			}
		}
		d := newDesk(t, s)
		customer(t, s, "1")
		d.open(t, active(t, s, pending("1", 300)).Coupon.Code, "a")
		mails := notifications.Desk{Facts: s.Notifications, Every: time.Hour, Clock: d,
			Roles: []domain.Role{domain.RoleStoreManager, domain.RoleECAdmin}}
		expect.Equal(t, "err", mails.Work(ctx), nil)
		expect.MustEqual(t, "a mail to each who may decide", len(refs), 2)
		n, err := s.Notices.Notice(ctx, 1)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "kind", n.Kind, staff.NoticeDigest)
		expect.Equal(t, "what", n.What, "request_opened=1")
		tell := func() {
			if err := s.Notifications.Tell(ctx, notifications.Fact{Kind: notifications.MailFailed, At: d.at}); err != nil {
				t.Fatal(err)
			}
		}
		tell()
		d.at = d.at.Add(30 * time.Minute)
		expect.Equal(t, "err", mails.Work(ctx), nil)
		expect.Equal(t, "none before its time", len(refs), 2)
		d.at = d.at.Add(31 * time.Minute)
		expect.Equal(t, "err", mails.Work(ctx), nil)
		expect.Equal(t, "one after it", len(refs), 4)
		d.at = d.at.Add(2 * time.Hour)
		expect.Equal(t, "err", mails.Work(ctx), nil)
		expect.Equal(t, "and none where nothing happened", len(refs), 4)
		mails.Keep = time.Hour
		kept := func() (n int) {
			err := s.DB().QueryRowContext(ctx, `SELECT count(*) FROM notifications`).Scan(&n)
			expect.MustEqual(t, "err", err, nil)
			return n
		}
		expect.Equal(t, "err", mails.Forget(ctx), nil)
		expect.Equal(t, "what no event was made of stays", kept(), 2)
		_, err = s.DB().ExecContext(ctx, `UPDATE notifications SET told = true`)
		expect.MustEqual(t, "err", err, nil)
		tell()
		mails.Keep = 24 * time.Hour
		expect.Equal(t, "err", mails.Forget(ctx), nil)
		expect.Equal(t, "what is younger stays", kept(), 3)
		mails.Keep = time.Hour
		expect.Equal(t, "err", mails.Forget(ctx), nil)
		expect.Equal(t, "what was told and kept for long enough is gone", kept(), 1)
	})
}
