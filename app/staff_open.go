package app

import (
	"crypto/rand"
	"log/slog"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/passwords"
	"pointbridge/integrations/store"
)

// ConnectQueue lets a command ask for the mails that tell people what it changed; the running service sends them.
func ConnectQueue(db *store.Store) error {
	queue, err := jobs.New(jobs.Config{DB: db.DB(), Own: db.QueueDB(), Dialect: db.Dialect(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	db.SetEnqueue(queue.Enqueue)
	return nil
}

func NewStaff(db staff.Store, limits staff.Limits) *staff.Service {
	return staff.New(db, passwords.Argon2id{}, domain.SystemClock{}.Now, rand.Reader, limits)
}
