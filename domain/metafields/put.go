package metafields

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Field is one metafield in the shop.
type Field struct {
	// Read gives value and digest; both are empty when there is none.
	Read func(ctx context.Context) (value []byte, digest string, err error)
	// Write replaces the value if its digest is still the given one. Errors: KindRefused with ReasonStale when it is not.
	Write func(ctx context.Context, value []byte, digest string) (newDigest string, err error)
}

// Put makes a metafield say what it should and gives the digest of that. Where somebody else may have written it is
// read first, and what says the same already is left alone.
func Put(ctx context.Context, f Field, value []byte, digest string) (string, error) {
	if digest == DigestUnknown {
		found, there, err := f.Read(ctx)
		if err != nil || Same(found, value) {
			return there, err
		}
		digest = there
	}
	return f.Write(ctx, value, digest)
}

// Refused is the digest to remember after a write that failed, and the error for the queue. When the metafield is not
// what we wrote last (edited by hand, or written in a call whose answer was lost) the next try looks what stands there,
// so that it replaces it knowingly.
func Refused(digest string, cause error) (string, error) {
	if domain.ReasonOf(cause) != domain.ReasonStale {
		return digest, cause
	}
	return DigestUnknown, &domain.UpstreamError{Kind: domain.KindThrottled, Upstream: "shopify", Act: "metafield",
		Reason: domain.ReasonStale, RetryAfter: time.Second, Err: cause}
}
