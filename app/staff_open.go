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
	queue, err := jobs.New(jobs.Config{DB: db.DB(), Own: db.QueueDB(), Dialect: db.Dialect(),
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	db.SetQueue(queue)
	return nil
}

// NewStaff is everything that concerns people, for a program that has the database.
func NewStaff(db *store.Store, limits staff.Limits) *staff.Service {
	return newStaff(staffStore(db, db.Audit), limits)
}

// staffStore is where people are kept; record gets the entries of what changes nothing.
func staffStore(db *store.Store, record staff.Recorder) staff.Store {
	return staff.Store{People: db.Staff, SecondFactors: db.Staff, Attempts: db.SignIns, Sessions: db.Sessions,
		Tokens: db.Keys, Notices: db.Notices, Recorder: record}
}

func newStaff(keeps staff.Store, limits staff.Limits) *staff.Service {
	return staff.New(keeps, passwords.Argon2id{}, domain.SystemClock{}.Now, rand.Reader, limits)
}
