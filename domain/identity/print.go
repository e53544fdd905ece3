package identity

import (
	"crypto/hmac"
	"slices"
)

// Equal compares in constant time: how far a digest agrees with another is not to be measured.
func (d Digest) Equal(other Digest) bool {
	return d.Key == other.Key && hmac.Equal(d.Sum[:], other.Sum[:])
}

// Shared lists the kinds in which two prints have a digest in common, a kind once however many, in the order of their
// names.
func (p Print) Shared(other Print) []Kind {
	var shared []Kind
	for kind, digests := range p {
		if slices.ContainsFunc(digests, func(d Digest) bool { return slices.ContainsFunc(other[kind], d.Equal) }) {
			shared = append(shared, kind)
		}
	}
	slices.Sort(shared)
	return shared
}
