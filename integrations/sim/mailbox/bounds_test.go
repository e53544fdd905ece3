package mailbox

import (
	"strings"
	"testing"
)

func TestTheOldestMailsAreForgotten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mails int
		text  string
		want  int
	}{
		"above 10,000 mails": {10_005, "", 10_000},
		"above 64 MiB":       {70, strings.Repeat("x", 1<<20), 64},
	} {
		s := &Server{}
		for n := range c.mails {
			s.apply(Message{N: n + 1, Text: c.text})
		}
		list := s.Messages()
		if len(list) != c.want || list[0].N != c.mails {
			t.Errorf("%s: %d mails, the newest is number %d", name, len(list), list[0].N)
		}
		if _, ok := s.message(c.mails - c.want); ok || s.bytes > keptBytes {
			t.Errorf("%s: %d bytes, and an old mail can still be read", name, s.bytes)
		}
	}
}
