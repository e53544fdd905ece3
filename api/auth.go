package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"time"

	"pointbridge/domain"
)

const (
	// keyTTL is how long a key that was read is believed: a revoked one works that long at most.
	keyTTL  = 5 * time.Second
	keysMax = 1024
)

// signIn finds out who is calling.
type signIn struct {
	keys   Keys
	now    func() time.Time
	failed *limiter

	mu    sync.Mutex
	cache map[string]cachedKey
}

type cachedKey struct {
	key   domain.APIKey
	until time.Time
}

func newSignIn(keys Keys, now func() time.Time, failed *limiter) *signIn {
	return &signIn{keys: keys, now: now, failed: failed, cache: map[string]cachedKey{}}
}

// caller proves the Authorization header. Whatever is wrong with a credential, the answer is the same. An address with too
// many failures is not looked up for any more; keys that were proved a moment ago go on working there, because many
// people can share one address.
func (s *signIn) caller(ctx context.Context, header, address string) (domain.Caller, error) {
	token := bearer(header)
	if token == "" {
		return domain.Caller{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	now, address := s.now(), network(address)
	prefix, formed := domain.APIKeyPrefix(token)
	key, known := s.cached(prefix, now)
	if !known {
		if wait := s.failed.full(address, now); wait > 0 {
			return domain.Caller{}, &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
		}
		if formed {
			var err error
			if key, err = s.find(ctx, prefix, now); err != nil {
				return domain.Caller{}, err
			}
		}
	}
	if !proves(token, key) {
		if wait, ok := s.failed.take(address, now); !ok {
			return domain.Caller{}, &domain.Error{Code: domain.CodeRateLimited, RetryAfter: wait}
		}
		return domain.Caller{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	return key.Caller, nil
}

// proves compares in constant time; a key that does not exist is compared like one that does.
func proves(token string, key domain.APIKey) bool {
	hash, exists := key.Hash, len(key.Hash) == sha256.Size
	if !exists {
		hash = make([]byte, sha256.Size)
	}
	same := subtle.ConstantTimeCompare(domain.HashAPIKey(token), hash) == 1
	return same && exists && key.RevokedAt == nil
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
