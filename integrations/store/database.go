package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/audit"
)

// database is what the repositories share: the connections, the queue's way in, and transactions. Its methods are
// unexported, so that a repository offers its own and no others.
type database struct {
	db      *gorm.DB
	sql     *sql.DB
	relaxed *sql.DB
	dialect string
	// direct is how connections of one's own are made.
	direct  direct
	prober  *prober
	now     func() time.Time
	enqueue EnqueueFunc
	// once is enqueue for work that is looked for again and again.
	once   EnqueueFunc
	inline InlineFunc
	wake   WakeFunc
	// keys seal the audit; without them seals are plain. shipHeads asks the queue to ship each head.
	keys      *audit.Keys
	shipHeads bool
	// replaces is the key that sealed before this process was started, which may be lost.
	replaces string
	bounds   listBounds
	// auditPart is how many rows of the audit one statement looks at, where all of them are looked at.
	auditPart int64
	// commits are the saga's, begun and ended what is noted of mails: the first need not be on the disk at once.
	commits, begun, ended *together[*entry]
	making                *atomic.Int64
	// lent says that a pooler lends connections for one transaction each; local is what a message that is one asks for
	// first then.
	lent  bool
	local string
	// within says that db is somebody's transaction.
	within bool
}

// storeOn gives each repository the database.
func storeOn(d *database) *Store {
	return &Store{database: d, Coupons: Coupons{d}, Backlog: Backlog{d}, Reviews: Reviews{d}, Listing: Listing{d},
		Books: Books{d}, Members: Members{d}, Metafields: Metafields{d}, Privacy: Privacy{d}, Webhooks: Webhooks{d},
		Audit: Audit{d}, Reports: Reports{d}, Sales: Sales{d}, Settings: Settings{d}, Mails: Mails{d},
		Staff: Staff{d}, SignIns: SignIns{d}, Sessions: Sessions{d}, Notices: Notices{d}, Keys: Keys{d},
		Campaigns: Campaigns{d}, Batches: Batches{d}, Identity: Identity{d}, Guard: Guard{d}, Events: Events{d},
		CancelRequests: CancelRequests{d}, Notifications: Notifications{d}, Bulk: Bulk{d}}
}

// inTx runs fn in one transaction and rolls back on error and on panic. Nothing on the network can be reached from
// inside: fn gets the transaction, and the queue's insert is part of it. The queue is told of jobs after the commit,
// which for a transaction within another one is the outer one's.
func (s *database) inTx(ctx context.Context, fn func(tx *gorm.DB) error) error {
	var jobs []domain.Job
	ctx = context.WithValue(ctx, insertedKey{}, &jobs)
	if err := s.db.WithContext(ctx).Transaction(fn); err != nil {
		return translate(err)
	}
	s.waken(jobs)
	return nil
}

// locked ends a question whose rows nobody else changes until the transaction is over; SQLite has one writer.
func (s *database) locked() string {
	if s.dialect == "postgres" {
		return ` FOR UPDATE`
	}
	return ""
}

// insertedKey is where a transaction's context keeps the jobs that were inserted through it.
type insertedKey struct{}

// inserted remembers jobs until the transaction is committed.
func inserted(tx *gorm.DB, jobs []domain.Job) {
	if list, ok := tx.Statement.Context.Value(insertedKey{}).(*[]domain.Job); ok {
		*list = append(*list, jobs...)
	}
}

// waken tells the queue of jobs that are committed. Within somebody's transaction nothing is yet: whoever commits it
// tells of them.
func (s *database) waken(jobs []domain.Job) {
	switch {
	case s.within:
		inserted(s.db, jobs)
	case len(jobs) > 0 && s.wake != nil:
		s.wake(jobs)
	}
}

// addJobs inserts the jobs with the state.
func (s *database) addJobs(ctx context.Context, tx *gorm.DB, jobs []domain.Job) error {
	return insertJobs(ctx, tx, jobs, s.enqueue)
}

func insertJobs(ctx context.Context, tx *gorm.DB, jobs []domain.Job, enqueue EnqueueFunc) error {
	if len(jobs) == 0 {
		return nil
	}
	handle, ok := tx.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return fmt.Errorf("the transaction's handle is a %T", tx.Statement.ConnPool)
	}
	if err := enqueue(ctx, handle, jobs); err != nil {
		return err
	}
	inserted(tx, jobs)
	return nil
}

// snapshot reads everything as of one instant.
func (s *database) snapshot(ctx context.Context, read func(tx *gorm.DB) error) error {
	// On SQLite one that only reads does not wait for the one writer, nor does he for it.
	options := sql.TxOptions{ReadOnly: true}
	if s.dialect == "postgres" {
		options.Isolation = sql.LevelRepeatableRead
	}
	return translate(s.db.WithContext(ctx).Transaction(read, &options))
}

func (s *database) onceOrNot() EnqueueFunc {
	if s.once == nil {
		return s.enqueue
	}
	return s.once
}
