package browser

import (
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// pictures is the setting that has pictures of all pages taken; without it, a test takes them from its first fault on.
const pictures = "POINTBRIDGE_PICTURES"

// tallestPicture is how many pixels of a page the browser puts into one picture; of a taller one its window is kept.
const tallestPicture = 16_000

// picture keeps a screenshot of the whole page as an artefact, where somebody will look at it.
func (b *tab) picture(name string) {
	b.t.Helper()
	if os.Getenv(pictures) == "" && !b.t.Failed() {
		return
	}
	whole, quick := js[float64](b, `document.documentElement.scrollHeight`) <= tallestPicture, true
	taken, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &whole, OptimizeForSpeed: &quick})
	if err != nil {
		b.t.Fatalf("%s %s: no picture: %v", name, b.look, err)
	}
	dir := filepath.Join("artifacts", "pages")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+"-"+b.look.String()+".png"), taken.Data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
