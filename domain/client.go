package domain

import "context"

type (
	clientKey struct{}
	originKey struct{}
)

// WithClient remembers, for the audit of what is refused, from which network address a request came. The function is
// asked when something is recorded, because by then it is known who asks; it gives nothing where no address may be
// kept.
func WithClient(ctx context.Context, address func() string) context.Context {
	return context.WithValue(ctx, clientKey{}, address)
}

// ClientOf returns that address; empty where there is none.
func ClientOf(ctx context.Context) string {
	address, ok := ctx.Value(clientKey{}).(func() string)
	if !ok {
		return ""
	}
	return address()
}

// WithOrigin remembers from which network address a request came, whoever sent it and whatever may be kept of it. It is
// asked for by what makes a keyed digest of it and nothing else.
func WithOrigin(ctx context.Context, address func() string) context.Context {
	return context.WithValue(ctx, originKey{}, address)
}

// OriginOf returns that address; empty where there is none.
func OriginOf(ctx context.Context) string {
	address, ok := ctx.Value(originKey{}).(func() string)
	if !ok {
		return ""
	}
	return address()
}
