package store_test

import (
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestALongAuditIsLookedAtInParts: what is asked of all rows is asked part by part, so that no statement is about ten million of
// them, and the answers are those about all at once: also where parts end at a row, where rows of one moment are in two parts,
// and where later numbers have earlier dates.
// covers: 004-37
func TestALongAuditIsLookedAtInParts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		minutes := []int{0, 5, 5, 5, 2, 9, 9, 1}
		write := func() {
			for _, m := range minutes {
				at := noon.Add(time.Duration(m) * time.Minute)
				if err := s.Audit.Record(t.Context(), domain.AuditEntry{At: at, Actor: "system", Action: domain.ActionSearched,
					Outcome: domain.OutcomeDone}); err != nil {
					t.Fatal(err)
				}
			}
		}
		write()
		seal(t, s)
		told := func(a store.Audit) string {
			text := ""
			for row, err := range a.WaitingRows(t.Context()) {
				expect.MustEqual(t, "err", err, nil)
				text += fmt.Sprintf("waits %d; ", row.ID)
			}
			left, err := a.ArchivedLeft(t.Context())
			expect.MustEqual(t, "err", err, nil)
			text += fmt.Sprintf("%d left", left)
			for from := -1; from <= 10; from++ {
				for to := -1; to <= 10; to++ {
					begin, end := moment(from), moment(to)
					first, last, err := a.SealedBetween(t.Context(), begin, end)
					expect.MustEqual(t, "err", err, nil)
					wantFirst, wantLast := int64(0), int64(0)
					for i, m := range minutes {
						if (from < 0 || m >= from) && (to < 0 || m < to) {
							if wantFirst == 0 {
								wantFirst = int64(i + 1)
							}
							wantLast = int64(i + 1)
						}
					}
					if first != wantFirst || last != wantLast {
						t.Errorf("from minute %d to %d: %d to %d instead of %d to %d", from, to, first, last, wantFirst, wantLast)
					}
				}
			}
			return text
		}
		for _, step := range []struct {
			state string
			then  func()
			want  string
		}{
			{"all are sealed", func() {}, "0 left"},
			{"as many wait", write, "waits 9; waits 10; waits 11; waits 12; waits 13; waits 14; waits 15; waits 16; 0 left"},
			{"some are archived", func() { archived(t, s, 3) },
				"waits 9; waits 10; waits 11; waits 12; waits 13; waits 14; waits 15; waits 16; waits 17; 3 left"},
		} {
			step.then()
			for _, rows := range []int64{1, 2, 3, 8, 16, 50_000} {
				expect.Equal(t, fmt.Sprintf("%s, %d at once", step.state, rows), told(s.Audit.InParts(rows)), step.want)
			}
		}
	})
	t.Run("of nothing", func(t *testing.T) {
		t.Parallel()
		storetest.Each(t, func(t *testing.T, db storetest.Database) {
			s := db.Open(t, now, nil)
			first, last, err := s.Audit.SealedBetween(t.Context(), time.Time{}, time.Time{})
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "first", first, 0)
			expect.Equal(t, "last", last, 0)
		})
	})
}

// archived records an archive that ends with a number.
func archived(t *testing.T, s *store.Store, seq int64) {
	t.Helper()
	if err := s.Audit.RecordArchive(t.Context(), audit.Recorded{Seq: seq, Text: "an archive", MAC: []byte{1}}, 1, domain.AuditEntry{At: noon,
		Actor: "system", Action: domain.ActionAuditArchived, Outcome: domain.OutcomeDone}); err != nil {
		t.Fatal(err)
	}
}

// moment is so many minutes after noon, or none.
func moment(minute int) time.Time {
	if minute < 0 {
		return time.Time{}
	}
	return noon.Add(time.Duration(minute) * time.Minute)
}
