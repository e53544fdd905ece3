package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// countAuditEntries counts the audit rows of one action.
func countAuditEntries(t *testing.T, s *store.Store, action string) (n int) {
	t.Helper()
	query := fmt.Sprintf(`SELECT count(*) FROM audit WHERE action = '%s'`, action)
	if err := s.DB().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func entryOf(action, customerID string) domain.AuditEntry {
	return domain.AuditEntry{At: noon, Actor: "key:1", Action: action, CustomerID: customerID,
		Outcome: domain.OutcomeDone}
}

// lockAt counts a refusal, and locks at the nth.
func lockAt(n int, until time.Time) func(members.RefusalCount, bool) (members.RefusalCount, []domain.AuditEntry) {
	return func(counted members.RefusalCount, known bool) (members.RefusalCount, []domain.AuditEntry) {
		record := []domain.AuditEntry{entryOf("conversion.refused", "1")}
		if !known || counted.LockedUntil != nil {
			return counted, record
		}
		if counted.Refusals++; counted.Since == nil {
			since := noon
			counted.Since = &since
		}
		if counted.Refusals == n {
			return members.RefusalCount{LockedUntil: &until}, append(record, entryOf("customer.locked", "1"))
		}
		return counted, record
	}
}

// refusalsOf reads a count without changing it.
func refusalsOf(t *testing.T, s *store.Store, id string) (counted members.RefusalCount, known bool) {
	t.Helper()
	err := s.Members.NoteRefusal(t.Context(), id, func(have members.RefusalCount, there bool) (members.RefusalCount,
		[]domain.AuditEntry) {
		counted, known = have, there
		return have, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return counted, known
}

// covers: H-21
func TestRefusalsLock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		other := db.Open(t, now, nil)
		customer(t, s, "1")
		until := noon.Add(15 * time.Minute)
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if err := []*store.Store{s, other}[i%2].Members.NoteRefusal(t.Context(), "1",
					lockAt(20, until)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		t.Run("40 refusals in two replicas at once lock once", func(t *testing.T) {
			c, err := s.Members.Customer(t.Context(), "1")
			expect.MustEqual(t, "err", err, nil)
			expect.MustThat(t, "c.LockedUntil != nil", c.LockedUntil != nil)
			expect.MustThat(t, "c.LockedUntil to equal until", c.LockedUntil.Equal(until), until, c.LockedUntil)
			expect.MustThat(t, "c.UpdatedAt to equal noon", c.UpdatedAt.Equal(noon), noon, c.UpdatedAt)
			if refused, locked := countAuditEntries(t, s, "conversion.refused"), countAuditEntries(t, s,
				"customer.locked"); refused != 40 || locked != 1 {
				t.Fatalf("%d refusals and %d locks are recorded", refused, locked)
			}
		})
		t.Run("what is told of a member does not lift the lock", func(t *testing.T) {
			customer(t, s, "1")
			c, err := s.Members.Customer(t.Context(), "1")
			expect.MustEqual(t, "err", err, nil)
			expect.MustThat(t, "c.LockedUntil != nil", c.LockedUntil != nil)
		})
		t.Run("the lock is lifted once, and the count with it", func(t *testing.T) {
			for range 3 {
				if err := s.Members.Unlock(t.Context(), "1", entryOf("customer.unlocked", "1")); err != nil {
					t.Fatal(err)
				}
			}
			if counted, known := refusalsOf(t, s, "1"); !known || counted != (members.RefusalCount{}) ||
				countAuditEntries(t, s, "customer.unlocked") != 1 {
				t.Fatalf("%+v, %d lifts", counted, countAuditEntries(t, s, "customer.unlocked"))
			}
		})
		t.Run("a count without a lock, and a lock that has ended, are not lifted", func(t *testing.T) {
			if err := s.Members.NoteRefusal(t.Context(), "1", lockAt(20, until)); err != nil {
				t.Fatal(err)
			}
			if err := s.Members.Unlock(t.Context(), "1", entryOf("customer.unlocked", "1")); err != nil {
				t.Fatal(err)
			}
			counted, _ := refusalsOf(t, s, "1")
			expect.MustEqual(t, "counted.Refusals", counted.Refusals, 1)
			expect.MustThat(t, "counted.Since != nil", counted.Since != nil)
			expect.MustThat(t, "counted.Since to equal noon", counted.Since.Equal(noon), noon, counted.Since)
			if err := s.Members.NoteRefusal(t.Context(), "1", lockAt(2, noon)); err != nil {
				t.Fatal(err)
			}
			if err := s.Members.Unlock(t.Context(), "1", entryOf("customer.unlocked", "1")); err != nil ||
				countAuditEntries(t, s, "customer.unlocked") != 1 {
				t.Fatalf("%v, %d lifts", err, countAuditEntries(t, s, "customer.unlocked"))
			}
		})
	})
}

// covers: H-21
func TestRefusalsOfNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		if err := s.Members.NoteRefusal(t.Context(), "nobody", lockAt(1, noon)); err != nil {
			t.Fatal(err)
		}
		if _, known := refusalsOf(t, s, "nobody"); known || countAuditEntries(t, s, "conversion.refused") != 1 ||
			countAuditEntries(t, s, "customer.locked") != 0 {
			t.Error("something was made of an id that nobody has")
		}
		if err := s.Members.Unlock(t.Context(), "nobody", entryOf("customer.unlocked",
			"nobody")); domain.CodeOf(err) != domain.CodeCustomerNotFound {
			t.Errorf("a lock of nobody is lifted: %v", err)
		}
	})
}

// covers: H-21, H-22
func TestCountAndRecordAreOneCommit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		err := s.Members.NoteRefusal(t.Context(), "1", func(members.RefusalCount, bool) (members.RefusalCount,
			[]domain.AuditEntry) {
			unwritable := entryOf("conversion.refused", "1")
			unwritable.Detail = map[string]any{"x": make(chan int)}
			return members.RefusalCount{Refusals: 5}, []domain.AuditEntry{unwritable}
		})
		if counted, _ := refusalsOf(t, s, "1"); err == nil || counted.Refusals != 0 {
			t.Fatalf("counted without a record: %+v, %v", counted, err)
		}
		if err := s.Audit.Record(t.Context(), entryOf("alert.unknown_codes", "")); err != nil ||
			countAuditEntries(t, s, "alert.unknown_codes") != 1 {
			t.Fatalf("an alert is not recorded: %v", err)
		}
	})
}

// covers: H-23
func TestSettings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		replicas := []*store.Store{db.Open(t, now, nil), db.Open(t, now, nil)}
		start := func(rules map[string]string) {
			t.Helper()
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					if err := coupons.RecordRules(t.Context(), replicas[i%2].Settings, noon, rules); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		start(map[string]string{"rate": "1", "unit": "100"})
		if n := countAuditEntries(t, replicas[0], "policy.recorded"); n != 1 {
			t.Fatalf("replicas that start together recorded the rules %d times", n)
		}
		start(map[string]string{"rate": "1.5", "unit": "100"})
		if n := countAuditEntries(t, replicas[0], "policy.changed"); n != 1 || countAuditEntries(t, replicas[0],
			"policy.recorded") != 1 {
			t.Fatalf("replicas that start together recorded one change %d times", n)
		}
		var detail string
		err := replicas[1].DB().QueryRowContext(t.Context(),
			`SELECT detail FROM audit WHERE action = 'policy.changed'`).Scan(&detail)
		if err != nil || detail != `{"rate":{"from":"1","to":"1.5"}}` {
			t.Fatalf("recorded %s, %v", detail, err)
		}
		err = replicas[0].Settings.Remember(t.Context(), noon, map[string]string{"rate": "9"},
			func(map[string]string) []domain.AuditEntry {
				return []domain.AuditEntry{{Detail: map[string]any{"x": make(chan int)}}}
			})
		if err == nil {
			t.Fatal("a change was kept without a record")
		}
		err = replicas[0].Settings.Remember(t.Context(), noon, map[string]string{"rate": "1.5"},
			func(have map[string]string) []domain.AuditEntry {
				if have["rate"] != "1.5" || len(have) != 1 {
					t.Errorf("remembered %v", have)
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
	})
}
