package staff

import (
	"strings"
	"unicode"
)

// maxAgent bounds what is kept of a program that is no browser, in characters.
const maxAgent = 40

// families are what a browser's description of itself holds, the more special before those that it imitates.
var (
	browsers = [][2]string{
		{"Edg/", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"CrOS", "ChromeOS"},
		{"Windows", "Windows"},
		{"Macintosh", "Mac"},
		{"Linux", "Linux"},
	}
)

// agentOf words a browser's description of itself, as its owner would: Chrome, Windows. Versions are left out, so that
// an update makes no new device. Of other programs the name before the version is kept.
func agentOf(text string) string {
	var words []string
	for _, list := range [][][2]string{browsers, systems} {
		for _, one := range list {
			if strings.Contains(text, one[0]) {
				words = append(words, one[1])
				break
			}
		}
	}
	if len(words) > 0 && strings.HasPrefix(text, "Mozilla/") {
		return strings.Join(words, ", ")
	}
	name, _, _ := strings.Cut(text, "/")
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r < unicode.MaxASCII {
			return r
		}
		return -1
	}, name)
	return strings.TrimSpace(name[:min(len(name), maxAgent)])
}
