package store_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/notices"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func TestTheLogOfMailsIsWrittenReadAndForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		var jobs []domain.Job
		s.SetEnqueue(func(_ context.Context, _ *sql.Tx, list []domain.Job) error {
			jobs = append(jobs, list...)
			return nil
		})
		linkedTo(t, s, "1", gidA)
		k := active(t, s, pending("1", 100)).Coupon
		jobs = nil
		e := notices.Entry{Event: "issued-1-0", CouponID: k.ID, Kind: domain.MailIssued, Address: "taro@example.com",
			State: notices.Sending, ChangedAt: noon}
		for _, state := range []notices.State{notices.Sending, notices.Unavailable, notices.Sending, notices.Sent} {
			e.State, e.Reply = state, 250
			sent, err := s.Mails.Note(t.Context(), e)
			expect.MustEqual(t, "err", err, nil, state)
			expect.Equal(t, "sent before", sent, false, state)
		}
		e.State = notices.Sending
		sent, err := s.Mails.Note(t.Context(), e)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "sent before", sent, true)
		list, err := s.Mails.OfCustomer(t.Context(), "1")
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(list)", len(list), 1)
		expect.Equal(t, "list[0].State", list[0].State, notices.Sent)
		expect.Equal(t, "list[0].Attempts", list[0].Attempts, 2)
		expect.Equal(t, "list[0].Code", list[0].Code, k.Code)

		audit := domain.EntryOf(k, domain.System(), domain.ActionMailAgain, k.Status, noon)
		ask := func(key string, at time.Time) error {
			again := notices.Entry{Event: "issued-1-0-" + key, CouponID: k.ID, Kind: domain.MailIssued, Again: key,
				AskedBy: "Sato", State: notices.Waiting, ChangedAt: at}
			return s.Mails.Ask(t.Context(), again, at.Add(-time.Hour), 2, domain.Job{Kind: domain.JobMail}, audit)
		}
		for _, key := range []string{"a", "a", "b"} { // the same form twice
			expect.MustEqual(t, "err", ask(key, noon), nil, key)
		}
		expect.Equal(t, "len(jobs)", len(jobs), 2)
		if err := ask("c", noon.Add(time.Minute)); domain.CodeOf(err) != domain.CodeRateLimited {
			t.Errorf("a third one: %v", err)
		}
		expect.MustEqual(t, "an hour later", ask("c", noon.Add(61*time.Minute)), nil)
		expect.Equal(t, "entries of the audit", entries(t, s, domain.ActionMailAgain), 3)
		if list, err = s.Mails.OfCoupon(t.Context(), k.ID); err != nil || len(list) != 4 || list[3].AskedBy != "Sato" {
			t.Errorf("%+v, %v", list, err)
		}
		// More than one statement takes: a shop that writes more mails an hour than that would keep them for ever.
		const more = 5100
		_, err = s.DB().ExecContext(t.Context(), `INSERT INTO mails (event, coupon_id, kind, state, created_at, changed_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5100)
			SELECT 'old-' || n.i, m.coupon_id, m.kind, 'sent', m.created_at, m.changed_at FROM n, mails m
			WHERE m.event = 'issued-1-0'`)
		expect.MustEqual(t, "err", err, nil)
		n, err := s.Mails.Forget(t.Context(), noon.Add(time.Second))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "forgotten", n, int64(3+more))
	})
}

func TestMailsWithSampleDataAreCountedForEachPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		ask := func(actor string, at time.Time) error {
			e := domain.AuditEntry{At: at, Actor: actor, Action: domain.ActionMailTried, Outcome: domain.OutcomeDone}
			return s.Mails.AskProof(t.Context(), e, at.Add(-10*time.Minute), 2)
		}
		for _, actor := range []string{"staff:1", "staff:1", "staff:2"} {
			expect.MustEqual(t, "err", ask(actor, noon), nil, actor)
		}
		err := ask("staff:1", noon.Add(time.Minute))
		expect.Equal(t, "a third one", domain.CodeOf(err), domain.CodeRateLimited)
		expect.Equal(t, "entries", entries(t, s, domain.ActionMailTried), 3)
		expect.Equal(t, "when they have passed", ask("staff:1", noon.Add(11*time.Minute)), nil)
		var together sync.WaitGroup
		for range 6 {
			together.Go(func() { _ = ask("staff:3", noon) })
		}
		together.Wait()
		expect.Equal(t, "six at once are two", entries(t, s, domain.ActionMailTried), 6)
	})
}
