package browser

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"pointbridge/demo"
	"pointbridge/test/world"
)

const (
	taro        = "8812370934"
	tarosMail   = "yamada.taro@example.com"
	signOutForm = `form[action="/admin/sign-out"]`
)

// Send presses something and gives the status of the page it leads to.
func (b *tab) Send(selector string) int64 {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, world.Patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
	if err != nil || res == nil {
		b.t.Fatalf("%s: press %s: %v", b.look, selector, err)
		return 0
	}
	return (*network.Response)(res).Status
}

// comes waits until a script says yes; the page may be replaced meanwhile.
func (b *tab) comes(what, script string) {
	b.t.Helper()
	defer func() {
		if b.t.Failed() {
			b.t.Logf("%s shows\n%s", js[string](b, `location.pathname`), b.Text())
		}
	}()
	world.Eventually(b.t, what, func() bool {
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		defer cancel()
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script))
		return err == nil && yes
	})
}

// shows waits for words on the page, whether it is loaded again meanwhile or not.
func (b *tab) shows(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		b.comes("the page says "+text, fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
	}
}

// in picks a sentence by the language of the look.
func (l look) in(ja, en string) string {
	if l.lang == "ja" {
		return ja
	}
	return en
}

// Convert turns points into a coupon on the customer's page and gives its code.
func (b *tab) Convert(points int) string {
	b.t.Helper()
	b.open(demo.WalletPath + "?locale=" + b.look.lang)
	choice := fmt.Sprintf(`[data-points="%d"]`, points)
	if b.look.noScript {
		b.press(choice)
	} else {
		b.Do(chromedp.Click(chromedp.CSS(choice)))
	}
	b.comes("the coupon is shown", fmt.Sprintf(`document.getElementById("pb-form").elements.seen.value === "%d"`,
		points))
	b.press("#pb-make")
	b.shows(b.look.in("クーポンを発行しました", "Your coupon is ready"))
	return ask(b, chromedp.Text(chromedp.CSS("#pb-made-code")))
}

// balance looks at the customer's page for the points that are left.
func (b *tab) balance(want string) {
	b.t.Helper()
	b.open(demo.WalletPath + "?locale=" + b.look.lang)
	if got := ask(b, chromedp.Text(chromedp.CSS(".pb-figure"))); !strings.HasPrefix(got, want) {
		b.t.Errorf("%s: the balance is %s, not %s", b.look, got, want)
	}
}

// listed looks for a coupon on the customer's page.
func (b *tab) listed(code, status string) {
	b.t.Helper()
	b.open(demo.WalletPath + "?locale=" + b.look.lang)
	b.comes(code+" is "+status, fmt.Sprintf(`[...document.querySelectorAll("[data-status]")].some(c => c.dataset.status === %q && c.textContent.includes(%q))`, status, code))
}

// mailed opens the mailbox and reads the newest mail that tells a code.
func (b *tab) mailed(file demo.File, code, name string) {
	b.t.Helper()
	var mail any
	world.Eventually(b.t, "the mail has come", func() bool {
		mails := world.MailsTo(b.t, file, tarosMail)
		if len(mails) == 0 || !strings.Contains(fmt.Sprint(mails[0]["text"]), code) {
			return false
		}
		mail = mails[0]["n"]
		return true
	})
	b.open(strings.TrimPrefix(file.Mailbox, file.API) + "/")
	b.inspect(name + "-mailbox")
	b.press(fmt.Sprintf(`main li a[href="mails/%.0f"]`, mail)) // above it others' may have come meanwhile
	b.shows(code, tarosMail)
	b.inspect(name + "-mail")
}

// pay follows the link of a coupon into the simulated storefront, and buys something with it.
func (b *tab) pay(code string) {
	b.t.Helper()
	b.press(".pb-usable a")
	b.shows(code)
	b.open("/store/")
	b.press(`form[action="/store/cart/add"] button`)
	b.open("/store/cart")
	b.inspect("story-cart")
	b.press(`form[action="/store/pay"] button`)
	b.shows(b.look.in("ご注文ありがとうございます", "Thank you for your order"), code)
}

// enter signs in to the console as a role, in the language of the look.
func (b *tab) enter(file demo.File, role string) {
	b.t.Helper()
	b.signIn(file, role)
	b.shows(b.look.in("ログアウト", "Sign out"))
}

// find searches the console's list for a coupon.
func (b *tab) find(code string) {
	b.t.Helper()
	b.open("/admin/coupons")
	b.Do(chromedp.SendKeys(chromedp.CSS("#q"), strings.ToLower(code)))
	b.press("form.search button")
	b.shows(code)
}

// cancelCoupon goes through both steps of the cancellation and waits for its end on the page where it is told.
func (b *tab) cancelCoupon(code string) {
	b.t.Helper()
	b.find(code)
	b.inspect("story-found")
	b.press(`a[href="/admin/coupons/` + code + `/cancel"]`)
	b.Do(chromedp.Click(chromedp.CSS(`input[value="customer_request"]`)), chromedp.SendKeys(chromedp.CSS("#note"),
		"買い間違い"))
	b.press(`main form button`)
	b.shows(code, "Yamada Taro", "買い間違い")
	b.inspect("story-confirm")
	b.press(`main form button.danger`)
	b.comes("the progress is shown",
		`document.querySelector('.progress [aria-current="step"]') !== null || document.querySelector("h1 .cancelled") !== null`)
	b.picture("story-progress")
	b.comes("the page tells the end by itself", `document.querySelector("h1 .cancelled") !== null`)
	b.inspect("story-cancelled")
}

// forge sends a cancellation from a page that has no button for it, with that page's own token.
// covers: 004-46
func (b *tab) forge(code string) {
	b.t.Helper()
	b.open("/admin/coupons/" + code)
	if js[bool](b, `document.querySelector('main a[href$="/cancel"], main a[href$="/suspend"]') !== null`) {
		b.t.Errorf("%s: general staff are offered a cancellation", b.look)
	}
	b.inspect("story-staff")
	js[bool](b, fmt.Sprintf(`(() => { const f = document.querySelector(%q); f.action = "/admin/coupons/%s/cancel"; f.id = "forged"; const menu = f.closest("details"); if (menu) menu.open = true;
		for (const [name, value] of [["reason", "other"], ["key", "forged"]]) { const i = document.createElement("input"); i.type = "hidden"; i.name = name; i.value = value; f.append(i); }
		return true; })()`, signOutForm, code))
	if got := b.Send("#forged button"); got != http.StatusForbidden {
		b.t.Errorf("%s: the forged cancellation got %d", b.look, got)
	}
	b.inspect("story-refused")
}

// cancelOrder undoes an order in the storefront, as the shop's staff would.
func (b *tab) cancelOrder() {
	b.t.Helper()
	b.open("/store/orders")
	b.Do(chromedp.Click(chromedp.CSS("article summary")))
	b.unfolded("story-orders")
	b.press(`article button[value="cancel"]`)
	b.shows(b.look.in("注文をキャンセルしました", "The order is cancelled"))
}

// reissue decides the open review of a coupon.
func (b *tab) reissue(code string) {
	b.t.Helper()
	b.open("/admin/reviews")
	b.shows(code)
	b.inspect("story-cases")
	b.press("table.cases tbody th a")
	b.inspect("story-case")
	b.Do(chromedp.Click(chromedp.CSS(`#decide input[value="reissue"]`)))
	b.press("#decide button.main")
	b.press("main button.danger") // a decision is asked once
	b.shows(b.look.in("決定済み", "Decided"))
	b.inspect("story-decided")
}

// TestBrowserStory is the whole story, as people see it, from the demo's first page to a reissued coupon.
// covers: 000-06, 001-37, 001-42, 004-15, 004-16, 004-46, 004-58
func TestBrowserStory(t *testing.T) {
	t.Parallel()
	chromium(t)
	for _, l := range looks {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			tellStory(t, l)
		})
	}
}

// covers: 004-15
func tellStory(t *testing.T, l look) {
	t.Helper()
	file, _ := world.StartDemo(t, t.TempDir())
	manager := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}
	status := func(code string) any { return world.CouponAt(t, manager, code)["status"] }
	b := openTab(t, file.API, l)

	b.shop()
	b.balance("1,250")
	used := b.Convert(500)
	b.inspect("story-made")
	b.balance("750")
	b.mailed(file, used, "story")
	b.open(demo.WalletPath + "?locale=" + l.lang)
	b.pay(used)
	world.Eventually(t, "the shop has told of the order", func() bool { return status(used) == "used" })
	b.listed(used, "used")

	cancelled := b.Convert(500)
	b.balance("250")
	b.enter(file, "store_manager")
	b.find(used)
	if js[bool](b, `document.querySelector('main a[href$="/cancel"]') !== null`) {
		t.Errorf("%s: a used coupon can be cancelled", l)
	}
	b.cancelCoupon(cancelled)
	b.balance("750")
	b.listed(cancelled, "cancelled")

	b.open("/admin/account")
	b.press(signOutForm + " button")
	b.enter(file, "staff")
	b.forge(world.MadeCoupon(t, file, "12345", 300))
	b.press(signOutForm + " button")

	b.cancelOrder()
	world.Eventually(t, "a review is open", func() bool {
		return strings.Contains(string(manager.Do("GET", "/v1/reviews?status=open", "", "").Raw), used)
	})
	b.enter(file, "store_manager")
	b.reissue(used)
	fresh := newest(t, file, used)
	b.mailed(file, fresh, "story-reissued")
	b.listed(fresh, "active")
	b.balance("750")
	b.inspect("story-end")
}

// newest is the code that came in the place of another.
func newest(t *testing.T, file demo.File, old string) (code string) {
	t.Helper()
	manager := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}
	world.Eventually(t, "there is a new code", func() bool {
		items, _ := manager.Do("GET", "/v1/customers/"+taro+"/coupons", "", "").Body["items"].([]any)
		for _, item := range items {
			coupon, _ := item.(map[string]any)
			if coupon["reissued_from"] == old && coupon["status"] == "active" {
				code, _ = coupon["code"].(string)
			}
		}
		return code != ""
	})
	return code
}
