package commands

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"pointbridge/domain/books"
	"pointbridge/test/expect"
)

// TestWhoBreaksACommandOffIsToldThatItWasNotDone, and not what it was asking just then.
func TestWhoBreaksACommandOffIsToldThatItWasNotDone(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, told bytes.Buffer
	code := Run(ctx, []string{"identity", "scan"}, []string{"SHOPIFY_SHOP=example.myshopify.com",
		"SHOPIFY_API_URL=http://127.0.0.1:1", "SHOPIFY_API_VERSION=2026-10", "SHOPIFY_ACCESS_TOKEN=shpat_example"}, &out,
		&told)
	expect.That(t, "it ends with 1 and says so", code == 1 && out.Len() == 0 &&
		strings.Contains(told.String(), "broken off before the end") && !strings.Contains(told.String(), "canceled"),
		told.String())
	out.Reset()
	(&booksText{w: &out}).end(books.Summary{Broken: true})
	expect.That(t, "a comparison has no number of things for it", strings.Contains(out.String(), "did not come to its end") &&
		!strings.Contains(out.String(), "0 things"), out.String())
}
