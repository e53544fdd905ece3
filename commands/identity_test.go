package commands

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/identity/scan"
	"pointbridge/test/expect"
)

// TestWhatAScanFoundIsSaidInWords: who is the same by what, and what each preset would have made of each order.
func TestWhatAScanFoundIsSaidInWords(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	yen := domain.Money{Minor: 500, Currency: "JPY"}
	use := func(order string, by ...decisions.Preset) scan.Use {
		return scan.Use{At: at, Order: order, Code: "SUMMER-1", Discount: yen, RefusedBy: by}
	}
	r := scan.Report{From: at.AddDate(0, 0, -60), To: at, Days: 60, Uses: 2, Orders: 2,
		Withheld: []identity.Kind{identity.Address, identity.Name},
		Clusters: []scan.Cluster{{Family: "SUMMER", Kinds: []identity.Kind{identity.Email, identity.Phone},
			Uses: []scan.Use{use("#1001"), use("#1002", decisions.Basic, decisions.Medium)}}}}
	var out bytes.Buffer
	expect.MustEqual(t, "err", scanText(&out, r), nil)
	for _, want := range []string{"does not show this app address, name,", "the same by email, phone\n",
		"#1001 SUMMER-1 let pass\n", "#1002 SUMMER-1 refused by basic, medium\n"} {
		expect.That(t, "it says "+want, strings.Contains(out.String(), want), out.String())
	}
	out.Reset()
	expect.MustEqual(t, "err", scanText(&out, scan.Report{From: r.From, To: at, Days: 60}), nil)
	expect.That(t, "nothing is said to be nothing", strings.Contains(out.String(), "There is nothing to compare") &&
		!strings.Contains(out.String(), "0.00"), out.String())
}

// TestAScanSaysAtOnceWhatItCannotDo: where to look without a shop, and that a table is there already.
func TestAScanSaysAtOnceWhatItCannotDo(t *testing.T) {
	t.Parallel()
	table := filepath.Join(t.TempDir(), "found.csv")
	expect.MustEqual(t, "err", os.WriteFile(table, nil, 0o600), nil)
	shop := []string{"SHOPIFY_SHOP=a.myshopify.com", "SHOPIFY_API_VERSION=2026-10", "SHOPIFY_ACCESS_TOKEN=shpat_x"}
	for want, tc := range map[string]struct{ args, environ []string }{
		"pointbridge demo --data FOLDER": {[]string{"identity", "scan"}, nil},
		"file already exists":            {[]string{"identity", "scan", "--csv", table}, shop},
	} {
		var out, told bytes.Buffer
		exit := Run(t.Context(), tc.args, tc.environ, &out, &told)
		expect.That(t, "it says "+want, exit != 0 && strings.Contains(told.String(), want), told.String())
	}
}
