package browser

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/test/world"
)

// TestBrowserMailbox reads a mail of the demo on a phone: its frame, too, has something in it that can be read.
func TestBrowserMailbox(t *testing.T) {
	t.Parallel()
	chromium(t)
	file, _ := world.StartDemo(t, t.TempDir())
	world.MadeCoupon(t, file, taro, 500)
	world.Eventually(t, "the mail has come", func() bool { return len(world.MailsTo(t, file, tarosMail)) > 0 })
	for _, l := range []look{{lang: "ja", width: 360}, {lang: "en", width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, file.API, l)
			for _, path := range []string{"/", "/mails/1"} {
				b.open(strings.TrimPrefix(file.Mailbox, file.API) + path)
				b.inspect("mailbox" + strings.ReplaceAll(path, "/", "-"))
				if lang := js[string](b, "document.documentElement.lang"); lang != l.lang {
					t.Errorf("%s is in %s", path, lang)
				}
			}
			world.Eventually(t, "the frame can be read", func() bool { return b.readable("iframe") > 500 })
		})
	}
}

// readable counts the pixels of an element that stand out from its ground as text has to (4.5 to 1).
func (b *tab) readable(selector string) (n int) {
	b.t.Helper()
	at := func(side string) int {
		return int(js[float64](b, `document.querySelector("`+selector+`").getBoundingClientRect().`+side+
			` + (["top", "bottom"].includes("`+side+`") ? scrollY : scrollX)`))
	}
	shot, err := png.Decode(bytes.NewReader(ask(b, chromedp.FullScreenshot(100))))
	if err != nil {
		b.t.Fatal(err)
	}
	box := image.Rect(at("left"), at("top"), at("right"), at("bottom")).Inset(12)
	counts := map[color.Color]int{}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			counts[shot.At(x, y)]++
		}
	}
	var ground color.Color
	for c, times := range counts {
		if ground == nil || times > counts[ground] {
			ground = c
		}
	}
	for c, times := range counts {
		if contrast(ground, c) >= 4.5 {
			n += times
		}
	}
	return n
}

// contrast of two colours: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func contrast(a, b color.Color) float64 {
	light, dark := luminance(a), luminance(b)
	return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
}

func luminance(c color.Color) float64 {
	channel := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*channel(r) + 0.7152*channel(g) + 0.0722*channel(b)
}
