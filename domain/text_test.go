package domain

import (
	"testing"

	"pointbridge/test/expect"
)

func TestPlainText(t *testing.T) {
	t.Parallel()
	for text, plain := range map[string]bool{"": true, "山田 太郎\r\n\t": true, "\uFFFD": true, "a\x00": false,
		"\xff": false, "a\xc3": false} {
		expect.Equal(t, "PlainText(text)", PlainText(text), plain, text)
	}
}
