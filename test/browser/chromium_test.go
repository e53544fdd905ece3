package browser

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/test/world"
)

// chromium finds the browser, or leaves the test out loudly where it may.
func chromium(t *testing.T) string {
	t.Helper()
	if path := chromiumPath(); path != "" {
		return path
	}
	if os.Getenv("POINTBRIDGE_TEST_ALL") != "" {
		t.Fatal("no browser: scripts/with-browser finds or installs one")
	}
	t.Skip("no browser here: run make test, or scripts/with-browser go test")
	return ""
}

func chromiumPath() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return ""
}

// browsers are those of the package's tests, by the language that they were started in: it is that of the browser's own
// words, such as those in a field for dates. A start costs more than a page, so that each person gets a profile of their
// own within the one that runs.
var browsers = map[string]*running{"ja": newRunning("ja"), "en": newRunning("en")}

// running is a browser that many people use.
type running struct {
	begin func() (context.Context, error)
	end   context.CancelFunc
}

func newRunning(lang string) *running {
	r := &running{end: func() {}}
	r.begin = sync.OnceValues(func() (context.Context, error) {
		ctx, end, err := launch(context.Background(), chromiumPath(), lang)
		r.end = end
		return ctx, err
	})
	return r
}

// launch starts a browser.
func launch(ctx context.Context, path, lang string, more ...chromedp.ExecAllocatorOption) (context.Context,
	context.CancelFunc, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", lang),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.WSURLReadTimeout(world.Patience))
	allocator, wait := chromedp.NewExecAllocator(ctx, append(options, more...)...)
	ctx, cancel := chromedp.NewContext(allocator)
	return ctx, func() { cancel(); wait() }, chromedp.Do(ctx)
}

// endBrowsers ends those that run, and takes their profiles away.
func endBrowsers() {
	for _, r := range browsers {
		r.end()
	}
}

// profile is a person's own part of a browser: nothing in it is anybody else's. One with options is alone in a browser.
func profile(t *testing.T, lang string, alone ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path := chromium(t)
	begin := browsers[lang].begin
	if len(alone) > 0 {
		begin = func() (context.Context, error) {
			ctx, end, err := launch(t.Context(), path, lang, alone...)
			t.Cleanup(end)
			return ctx, err
		}
	}
	browser, err := begin()
	if err != nil {
		t.Fatal(errors.Join(errors.New("the browser did not start"), err))
	}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return ctx
}
