package couponstest

import (
	"context"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/notices"
)

// MailLog is a notices.Log in memory.
type MailLog struct {
	mu      sync.Mutex
	Entries []notices.Entry
	// Broken is how the log answers; nil while it works.
	Broken error
	Jobs   []domain.Job
	Audit  []domain.AuditEntry
}

// Note implements notices.Log.
func (l *MailLog) Note(_ context.Context, e notices.Entry) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Broken != nil {
		return false, l.Broken
	}
	for i, have := range l.Entries {
		if have.Event == e.Event {
			if have.State != notices.Sent {
				l.Entries[i] = e
			}
			return have.State == notices.Sent, nil
		}
	}
	l.Entries = append(l.Entries, e)
	return false, nil
}

// Ask implements notices.Log.
func (l *MailLog) Ask(_ context.Context, e notices.Entry, _ time.Time, _ int, job domain.Job, audit domain.AuditEntry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Entries, l.Jobs, l.Audit = append(l.Entries, e), append(l.Jobs, job), append(l.Audit, audit)
	return l.Broken
}

// Forget implements notices.Log.
func (l *MailLog) Forget(context.Context, time.Time) (int64, error) { return 0, l.Broken }
