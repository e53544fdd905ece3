package story

import (
	"context"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/commands"
	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestTheMainJobWithEachVendorsTill: in a demo with a vendor's till points become a coupon, and come back when it is
// cancelled; the start page says which till it is, and a folder keeps the one that it began with.
// covers: H-09, T-01
func TestTheMainJobWithEachVendorsTill(t *testing.T) {
	t.Parallel()
	for kind, name := range map[string]string{"square": "Square Loyalty", "smaregi": "Smaregi"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file, stop := world.StartFreshDemo(t, folder, "POS_KIND="+kind)
			expect.Equal(t, "the kind in demo.json", file.POS.Kind, kind)
			start := world.NewVisitor(t, file.API).Get("/?lang=en")
			expect.That(t, "the start page says which till it is", strings.Contains(start.Text(), name), start.Text())
			pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
			manager, _ := world.SignIn(t, file, "store_manager")
			balance := func() any {
				return pos.Do("GET", "/v1/customers/8812370934/points", "", "").Body["balance"]
			}
			expect.MustEqual[any](t, "the points at first", balance(), 1250.0)
			made := pos.Do("POST", "/v1/customers/8812370934/conversions", "k1", `{"points": 500}`)
			expect.MustEqual(t, "the conversion", made.Status, http.StatusCreated, made.Raw)
			expect.Equal[any](t, "the points then", balance(), 750.0)
			code, _ := made.Body["code"].(string)
			told := manager.Do("POST", "/v1/coupons/"+code+"/cancellation", "c1", `{"reason":"customer_request","note":"x"}`)
			expect.MustEqual(t, "the cancellation", told.Status, http.StatusAccepted, told.Raw)
			world.Eventually(t, "the coupon is cancelled", func() bool {
				return world.CouponAt(t, manager, code)["status"] == "cancelled"
			})
			expect.Equal[any](t, "the points in the end", balance(), 1250.0)
			stop()
			var out world.LockedBuffer
			err := demo.Run(t.Context(), "127.0.0.1:0", folder, &out, "POS_KIND=generic")
			expect.MustThat(t, "another till in the same folder is refused", err != nil)
			expect.That(t, "the folder's own is named", strings.Contains(err.Error(), kind), err)
		})
	}
}

// TestAShellCanSourceWhatSimulateTells: with the service's own settings that is all that serve needs, for each till.
func TestAShellCanSourceWhatSimulateTells(t *testing.T) {
	t.Parallel()
	for _, kind := range append(demo.Tills(), "") {
		t.Run("--pos "+kind, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			var out world.LockedBuffer
			ended := make(chan error, 1)
			go func() {
				ended <- commands.Simulate(ctx, commands.Simulation{Addr: "127.0.0.1:0", POS: kind}, &out)
			}()
			world.Eventually(t, "the simulators are up", func() bool { return strings.Contains(out.String(), "# ready") })
			cancel()
			expect.MustEqual(t, "the end", <-ended, nil)
			shell := exec.CommandContext(t.Context(), "sh", "-c", "set -a; . /dev/stdin; env")
			shell.Env = []string{"PATH=/usr/bin:/bin"}
			shell.Stdin = strings.NewReader(out.String())
			sourced, err := shell.Output()
			expect.MustEqual(t, "the shell's end", err, nil)
			environ := append(strings.Split(strings.TrimSpace(string(sourced)), "\n"), "DATABASE_URL=sqlite:x.db",
				"PUBLIC_URL=http://127.0.0.1:1", "SECRET_KEY="+demo.Draw()+demo.Draw())
			got, err := app.LoadConfig(environ)
			expect.MustEqual(t, "err", err, nil)
			want := kind
			if want == "" {
				want = "generic"
			}
			expect.Equal(t, "the kind", got.POSKind, want)
			expect.Equal(t, "a value with a blank", got.ShopName, "Pointbridge Demo")
			own := demo.FromShell(strings.Split(out.String(), "\n"))
			expect.Equal(t, "the same without a shell", app.ValueOf(own, "SHOP_NAME"), "Pointbridge Demo")
		})
	}
	var out world.LockedBuffer
	err := commands.Simulate(t.Context(), commands.Simulation{Addr: "127.0.0.1:0", POS: "toast"}, &out)
	expect.MustThat(t, "a till that there is not is refused", err != nil)
	expect.That(t, "those that there are are named", strings.Contains(err.Error(), "smaregi"), err)
}
