package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const (
	// keyTTL is how long a key that was read is believed: a revoked one works that long at most. A person's credential
	// is not believed.
	keyTTL  = 5 * time.Second
	keysMax = 1024
	// doubtfulAtOnce is how many look-ups there are at once for addresses that have failed too often.
	doubtfulAtOnce = 4
)

// credential is what a token proved: who is calling, the person behind it if there is one, and the session if it is
// one.
type credential struct {
	caller  domain.Caller
	staffID int64
	session *domain.Session
	key     *domain.APIKey
	// stage is what a session still has to show before it lets in.
	stage staff.Stage
}

// Sessions finds the sign-in that a token belongs to.
type Sessions interface {
	AnySession(ctx context.Context, token string) (domain.Session, domain.Staff, staff.Stage, error)
}

// signIn finds out who is calling.
type signIn struct {
	keys   Keys
	people Sessions
	now    func() time.Time
	failed *limiter
	// doubtful is full while so many are looked up for addresses that have failed too often.
	doubtful chan struct{}
	logger   *slog.Logger

	mu    sync.Mutex
	cache map[string]cachedKey
}

type cachedKey struct {
	key   domain.APIKey
	until time.Time
}

func newSignIn(keys Keys, people Sessions, now func() time.Time, failed *limiter, logger *slog.Logger) *signIn {
	return &signIn{keys: keys, people: people, now: now, failed: failed, logger: logger, doubtful: make(chan struct{},
		doubtfulAtOnce), cache: map[string]cachedKey{}}
}

// caller proves the Authorization header. Whatever is wrong with a credential, the answer is the same. A right one is
// never refused for the failures of others at its address, of which there can be many behind a proxy: it has 256
// random bits, so nobody finds one by trying, and it is looked up by its public part. Wrong ones are counted per
// address, whether anything is known of them or not; where there are too many, they are told to wait, and are looked
// up a few at a time.
func (s *signIn) caller(ctx context.Context, header, address string) (credential, error) {
	token := bearer(header)
	if token == "" {
		return credential{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	now, address := s.now(), network(address)
	public := publicPart(token)
	key, known := s.cached(public, now)
	if !known && public != "" && s.failed.full(address, now) > 0 {
		select {
		case s.doubtful <- struct{}{}:
			defer func() { <-s.doubtful }()
		case <-ctx.Done():
			return credential{}, ctx.Err()
		}
	}
	c, proved, err := s.prove(ctx, token, public, key, known)
	if err == nil && proved && c.key != nil {
		s.used(ctx, *c.key, now)
	}
	if err != nil || proved {
		return c, err
	}
	if wait, ok := s.failed.take(address, now); !ok {
		return credential{}, &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
	}
	return credential{}, domain.Refuse(domain.CodeUnauthenticated)
}

// session proves a session token of Shopify's. It needs no look-up, so a right one is never refused for the failures of
// others at the same address; wrong ones are counted there.
func (s *signIn) session(token, address string, proof Storefront) (customerGID string, err error) {
	gid, err := proof.SessionCustomer(token)
	if err == nil {
		return gid, nil
	}
	if wait, ok := s.failed.take(network(address), s.now()); !ok {
		return "", &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
	}
	return "", err
}

// publicPart finds what is kept of a token: the prefix of a key, the hash of a session. It is empty for what is
// neither.
func publicPart(token string) string {
	if domain.IsSessionToken(token) {
		return "session " + string(domain.HashAPIKey(token))
	}
	prefix, _ := domain.APIKeyPrefix(token)
	return prefix
}

// prove compares a token with what is stored. What belongs to a person is read anew each time: whoever is disabled, or
// has another role, is so at once.
func (s *signIn) prove(ctx context.Context, token, public string, key domain.APIKey,
	known bool) (credential, bool, error) {
	if domain.IsSessionToken(token) {
		return s.proveSession(ctx, token, public)
	}
	if public != "" && (!known || (key.StaffID != 0 && proves(token, key))) {
		var err error
		if key, err = s.find(ctx, public, s.now()); err != nil {
			return credential{}, false, err
		}
	}
	return credential{caller: key.Caller, staffID: key.StaffID, key: &key}, proves(token, key) && key.Alive(s.now()),
		nil
}

func (s *signIn) proveSession(ctx context.Context, token, public string) (credential, bool, error) {
	session, person, stage, err := s.people.AnySession(ctx, token)
	if errors.Is(err, &domain.Error{Code: domain.CodeUnauthenticated}) {
		return credential{}, false, nil
	}
	if err != nil {
		return credential{}, false, err
	}
	s.remember(public, cachedKey{until: s.now().Add(keyTTL)})
	return credential{caller: session.Caller(person), staffID: person.ID, session: &session, stage: stage}, true, nil
}

// proves compares in constant time; a key that does not exist is compared like one that does.
func proves(token string, key domain.APIKey) bool {
	hash, exists := key.Hash, len(key.Hash) == sha256.Size
	if !exists {
		hash = make([]byte, sha256.Size)
	}
	same := subtle.ConstantTimeCompare(domain.HashAPIKey(token), hash) == 1
	return same && exists
}

// find reads a key; one that does not exist is an empty one. A store that cannot answer is a fault, not a wrong key.
func (s *signIn) find(ctx context.Context, prefix string, now time.Time) (domain.APIKey, error) {
	key, err := s.keys.FindKey(ctx, prefix)
	if errors.Is(err, &domain.Error{Code: domain.CodeUnauthenticated}) {
		return domain.APIKey{}, nil
	}
	if err != nil {
		return domain.APIKey{}, err
	}
	s.remember(prefix, cachedKey{key: key, until: now.Add(keyTTL)})
	return key, nil
}

// used has it written down, now and then, that a key is in use; that it cannot be is no reason to keep anybody out.
func (s *signIn) used(ctx context.Context, key domain.APIKey, now time.Time) {
	if key.LastUsedAt != nil && now.Sub(*key.LastUsedAt) < domain.LastUseEvery {
		return
	}
	if err := s.keys.KeyUsed(context.WithoutCancel(ctx), key.Prefix, now); err != nil {
		s.logger.WarnContext(ctx, "the use of a key was not written down", "error", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if entry, ok := s.cache[key.Prefix]; ok {
		entry.key.LastUsedAt = &now
		s.cache[key.Prefix] = entry
	}
}

func (s *signIn) cached(prefix string, now time.Time) (domain.APIKey, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, ok := s.cache[prefix]
	return entry.key, ok && now.Before(entry.until)
}

// remember keeps a key for a moment. A full cache starts over: it is refilled by one read per key.
func (s *signIn) remember(prefix string, entry cachedKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.cache) >= keysMax {
		clear(s.cache)
	}
	s.cache[prefix] = entry
}

func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// network is what counts as one address: with IPv6 a single machine has a whole /64 to choose from.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	block, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return block.String()
}
