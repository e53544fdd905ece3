package wallet

import (
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestAnOfferIsTakenInTheShop: a member sees when it ends, as text and for a script that counts from the server's time;
// taking it leads to the code, once however often it is pressed; afterwards the code stands among the coupons, and the
// console shows it beside them.
// covers: 002-19, 002-15
func TestAnOfferIsTakenInTheShop(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v, home := world.InShop(t, file, "7001000001")
	for _, text := range []string{"Offers for you", "A thank-you", "10% off", "days left"} {
		expect.That(t, "the page says "+text, strings.Contains(home.Text(), text), home.Text())
	}
	for _, attribute := range []string{"data-ends", "data-server-now"} {
		nodes, _ := home.With(attribute)
		expect.That(t, "a script finds "+attribute, len(nodes) > 0, home.Raw)
	}
	take := world.WalletAction(home, world.Prefix+"/offers/thanks")
	made := v.Submit(home, take, nil)
	address := made.URL.Path // of the code, or of how far it is
	world.Eventually(t, "the code is shown", func() bool {
		if !strings.Contains(made.Text(), "THANKS-") {
			made = v.Get(address)
		}
		return strings.Contains(made.Text(), "THANKS-")
	})
	again := v.Submit(home, take, nil)
	expect.Equal(t, "pressed again", again.URL.Path, made.URL.Path)
	_, after, _ := strings.Cut(made.Text(), "THANKS-")
	code := "THANKS-" + after[:6]
	home = v.Get(home.URL.Path)
	expect.Equal(t, "how often it is listed", strings.Count(home.Text(), code), 1)
	second := v.Submit(home, world.WalletAction(home, world.Prefix+"/offers/thanks"), nil)
	expect.That(t, "a second one is refused", strings.Contains(second.Text(), "Too many unused coupons"), second.Text())
	desk := world.ConsoleVisitor(t, file, "staff")
	page := desk.Get("/admin/customers/8812370934")
	expect.That(t, "the console shows it", strings.Contains(page.Text(), code+" thanks"), page.Text())
}
