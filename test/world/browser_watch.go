package world

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"pointbridge/templates"
)

// WordKeys finds what looks like the name of a sentence instead of the sentence.
var WordKeys = sync.OnceValues(func() (*regexp.Regexp, error) {
	var heads []string
	catalogue, err := templates.Texts()
	if err != nil {
		return nil, err
	}
	for _, key := range catalogue.Keys() {
		head, _, _ := strings.Cut(key, ".")
		heads = append(heads, regexp.QuoteMeta(head))
	}
	slices.Sort(heads)
	return regexp.MustCompile(`\b(` + strings.Join(slices.Compact(heads), "|") + `)\.[a-z_][a-z_.0-9]*\b`), nil
})
