package domain

import "context"

type asBatch struct{}

// AsBatch marks what is done as one of very many: it takes what all others leave of what is short.
func AsBatch(ctx context.Context) context.Context { return context.WithValue(ctx, asBatch{}, true) }

// IsBatch tells whether it is so marked.
func IsBatch(ctx context.Context) bool { return ctx.Value(asBatch{}) != nil }
