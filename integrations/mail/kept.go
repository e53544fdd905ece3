package mail

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"pointbridge/domain"
)

const (
	// keptAtMost is how many connections wait for another mail, and keptFor how long: a burst needs no new ones, and
	// servers are not held.
	keptAtMost = 4
	keptFor    = 5 * time.Second
	// mailsEach is how many mails a connection takes; many servers take no more than a hundred.
	mailsEach = 50
)

// session is a connection to the mail server that has greeted and knows who we are.
type session struct {
	client *gomail.Client
	line   wire
	mails  int
}

// open connects.
func (m *Mailer) open(ctx context.Context) (*session, error) {
	s := &session{}
	var err error
	if s.client, err = m.client(&s.line); err != nil {
		return nil, failed(domain.KindUnavailable, "not_configured", nil)
	}
	if err = s.client.DialWithContext(ctx); err != nil {
		s.line.cut()
		return nil, undialled(err)
	}
	return s, nil
}

// send sends one mail, and tells whether the connection can take another one: nothing went wrong on it.
func (s *session) send(ctx context.Context, msg *gomail.Msg) (good bool, err error) {
	stop := context.AfterFunc(ctx, s.line.cut)
	err = s.client.Send(msg)
	s.mails++
	return stop() && err == nil, err
}

// end says good-bye.
func (s *session) end() {
	_ = s.client.Close()
	s.line.cut()
}

// unbegun tells of a mail on a connection that was kept that nothing of it was sent: the server had hung up meanwhile, or
// says that it does so now. It can be sent on another connection, once.
func unbegun(err error) bool {
	var sent *gomail.SendError
	if !errors.As(err, &sent) {
		return false
	}
	const closing = 421
	code := sent.ErrorCode()
	return (sent.Reason == gomail.ErrSMTPMailFrom || sent.Reason == gomail.ErrConnCheck) && (code == 0 || code == closing)
}

// keeper has connections that wait for another mail.
type keeper struct {
	mu   sync.Mutex
	idle []*session
}

// take gives the connection that waited least; nil for none.
func (k *keeper) take() *session {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.idle) == 0 {
		return nil
	}
	s := k.idle[len(k.idle)-1]
	k.idle = k.idle[:len(k.idle)-1]
	return s
}

// put keeps a connection for a while, if there are few enough.
func (k *keeper) put(s *session) {
	k.mu.Lock()
	mails := s.mails // from here on it can be somebody else's
	full := len(k.idle) >= keptAtMost || mails >= mailsEach
	if !full {
		k.idle = append(k.idle, s)
	}
	k.mu.Unlock()
	if full {
		s.end()
		return
	}
	time.AfterFunc(keptFor, func() {
		if k.takeOut(s, mails) {
			s.end()
		}
	})
}

// takeOut takes a connection out that no mail was sent on since, and tells whether it was there.
func (k *keeper) takeOut(s *session, mails int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.Index(k.idle, s)
	if i < 0 || s.mails != mails {
		return false
	}
	k.idle = slices.Delete(k.idle, i, i+1)
	return true
}
