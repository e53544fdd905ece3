package identity

import (
	"testing"

	windows "golang.org/x/text/encoding/japanese"
	"golang.org/x/text/unicode/norm"

	"pointbridge/test/expect"
)

// TestDoubledKanjiAreWhatUnicodeSays: each is folded to what Unicode has it be the same as, and none is left out that
// tills write, whose character set is the Shift JIS of Windows.
func TestDoubledKanjiAreWhatUnicodeSays(t *testing.T) {
	t.Parallel()
	for doubled, usual := range pairs(doubledKanji, usualKanji) {
		expect.Equal(t, string(doubled), norm.NFC.String(string(doubled)), string(usual))
	}
	till := windows.ShiftJIS.NewEncoder()
	for r := '\uf900'; r <= '\ufad9'; r++ {
		usual := norm.NFC.String(string(r))
		if _, err := till.String(string(r)); err != nil || usual == string(r) {
			continue
		}
		expect.Equal(t, "folded "+string(r), FoldLetters(string(r)), usual)
	}
	expect.Equal(t, "a name", FoldLetters("\uf9dc"), "隆")
}
