package listing_test

import (
	"testing"

	"pointbridge/domain/listing"
)

func TestIsCode(t *testing.T) {
	t.Parallel()
	const code = "70934-AB72CD-500"
	for text, want := range map[string]bool{
		code: true, " 70934-ab72cd-500 ": true, "70934AB72CD500": true, "７０９３４ー\u200bａｂ７２ｃｄ－５００": true,
		"70934-AB72CD": false, "70934-AB72CD-50": false, "70934-AB72CD-5000": false, "70934-AB72CD500": false, "AB72CD": false,
		"70934": false, "": false,
	} {
		if got := listing.IsCode(text, code); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// covers: 004-11, 004-12
func TestSearchText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]listing.Search{
		" 70934-ab72cd-500 ": {Code: "70934-AB72CD-500"},
		"７０９３４ー\u200bａｂ７２ｃｄ－５００": {Code: "70934-AB72CD-500"},
		"１２３７０９３４　": {CodePrefix: "12370934", CustomerPrefix: "12370934",
			CustomerSuffix: "12370934", TailPrefix: "70934-"},
		"70934ab72cd500": {Joined: "70934AB72CD500", CodePrefix: "70934AB72CD500", CustomerPrefix: "70934ab72cd500",
			CustomerSuffix: "70934ab72cd500", TailPrefix: "CD500-"},
		"ab72cd": {Joined: "AB72CD", CodePrefix: "AB72CD", DrawnPrefix: "AB72CD", CustomerPrefix: "ab72cd", CustomerSuffix: "ab72cd",
			TailPrefix: "B72CD-"},
		"AB72CD-5": {CodePrefix: "AB72CD-5", DrawnPrefix: "AB72CD", AfterDrawn: "-5", CustomerPrefix: "AB72CD-5",
			CustomerSuffix: "AB72CD-5", TailPrefix: "72CD5-"},
		"a":  {CodePrefix: "A", CustomerPrefix: "a"},
		"a7": {CodePrefix: "A7", DrawnPrefix: "A7", CustomerPrefix: "a7"},
		"10": {CodePrefix: "10", CustomerPrefix: "10"},
		"12370934": {CodePrefix: "12370934", CustomerPrefix: "12370934", CustomerSuffix: "12370934",
			TailPrefix: "70934-"},
		"a-_-_-": {CodePrefix: "A-_-_-", CustomerPrefix: "a-_-_-"},
		"%":      {},
		"":       {},
		"山田":     {},
	} {
		if got := listing.SearchText(text); got != want {
			t.Errorf("%q means %+v, want %+v", text, got, want)
		}
	}
	if got := listing.SearchCode("a"); got != (listing.Search{CodePrefix: "A", DrawnPrefix: "A"}) {
		t.Errorf("a part of a code means %+v", got)
	}
}
