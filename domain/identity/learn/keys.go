package learn

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// KeyGrace is for how long a new key is only known before digests are made with it: long enough for every process to be
// started again with it. A process without it finds everybody until then.
const KeyGrace = time.Hour

// keyDoubt is how much earlier a process without the key stops than the others begin: longer than what the database said
// of a key is believed, and than a decision takes that has begun.
const keyDoubt = time.Minute

// errKeys is a process whose keys would find only some of those who were here.
var errKeys = errors.New("digests are made with an identity key that this process does not have: restart it with the " +
	"settings of the others")

// KeyChecker holds keys against those that are in use; identity.Keyring does.
type KeyChecker interface {
	Version() int
	Verify(version int, check []byte) bool
}

// KeyBook gives the keys that are known to any process.
type KeyBook interface {
	KeyChecks(ctx context.Context) (map[int]decisions.KeyCheck, error)
}

// Keys says with which key digests are made now, and keeps a process that lacks one from taking somebody for a stranger.
// How long a key is known is told by the book alone: by clocks of their own, processes would begin and stop at moments of
// their own. Now is for how long an answer of the book is believed.
type Keys struct {
	Book KeyBook
	Ring KeyChecker
	Now  func() time.Time

	seen believed[map[int]decisions.KeyCheck]
}

// Current gives the version of the key with which digests are made now. Errors: temporarily_unavailable where a key is
// in use, or about to be, that this process does not have; whatever keeps it from being known.
func (k *Keys) Current(ctx context.Context) (version int, err error) {
	seen, err := k.seen.get(ctx, k.Now, k.Book.KeyChecks)
	if err != nil {
		return 0, err
	}
	version = min(k.Ring.Version(), 1)
	for n, known := range seen {
		switch {
		case n > k.Ring.Version() && known.Age >= KeyGrace-keyDoubt,
			n <= k.Ring.Version() && !k.Ring.Verify(n, known.Check):
			return 0, errors.Join(errKeys, domain.Refuse(domain.CodeUnavailable))
		case n <= k.Ring.Version() && known.Age >= KeyGrace:
			version = max(version, n)
		}
	}
	return version, nil
}
