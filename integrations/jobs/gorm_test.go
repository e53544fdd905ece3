package jobs

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/glebarez/sqlite"
	"github.com/riverqueue/river"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"pointbridge/domain"
)

// The store's transactions are gorm's: what gorm holds inside one is the *sql.Tx that the queue inserts through.
func TestEnqueue_ThroughGorm(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		dialector := gorm.Dialector(postgres.New(postgres.Config{Conn: db.DB}))
		if db.dialect == SQLite {
			dialector = &sqlite.Dialector{Conn: db.DB}
		}
		orm, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
		if err != nil {
			t.Fatal(err)
		}
		h := &hands{}
		c := newClient(t, db, h, nil)
		insert := func(id int64, outcome error) error {
			return orm.WithContext(t.Context()).Transaction(func(tx *gorm.DB) error {
				handle, ok := tx.Statement.ConnPool.(*sql.Tx)
				if !ok {
					t.Fatalf("the transaction's handle is a %T", tx.Statement.ConnPool)
				}
				return errors.Join(c.Enqueue(t.Context(), handle,
					[]domain.Job{{Kind: domain.JobAdvance, CouponID: id}}), outcome)
			})
		}
		undo := errors.New("undo")
		if err := insert(1, undo); !errors.Is(err, undo) {
			t.Fatal(err)
		}
		if err := insert(2, nil); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, "SELECT count(*) FROM river_job"); n != 1 {
			t.Errorf("%d jobs, want the committed one only", n)
		}
		await(t, start(t, c), river.EventKindJobCompleted, domain.JobAdvance)
		if one, two := h.times("advance 1"), h.times("advance 2"); one != 0 || two != 1 {
			t.Errorf("runs: rolled back %d, committed %d; want 0 and 1", one, two)
		}
	})
}
