package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

func Command() *cobra.Command {
	var addr, data, kind string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run everything in one process on embedded parts, with people to look at",
		Long: "Runs the service on SQLite with a simulated POS, Shopify store and mailbox, all in this process. Addresses and keys\n" +
			"are printed and written to demo.json in the data folder. Without --data the demo starts afresh each time.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if kind == "" {
				return Run(cmd.Context(), addr, data, cmd.OutOrStdout())
			}
			return Run(cmd.Context(), addr, data, cmd.OutOrStdout(), "POS_KIND="+kind)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "address to listen on")
	cmd.Flags().StringVar(&data, "data", "", "folder that keeps everything over a restart")
	cmd.Flags().StringVar(&kind, "pos", "", PosFlag)
	return cmd
}

// Run runs a demo until the context ends. The settings take the place of the demo's own.
func Run(ctx context.Context, addr, data string, out io.Writer, settings ...string) error {
	dir, lock, err := TakeFolder(data)
	if err != nil {
		return err
	}
	return errors.Join(runIn(ctx, addr, data, dir, out, settings), lock.Release())
}

// runIn runs a demo in a folder that is its own.
func runIn(ctx context.Context, addr, data, dir string, out io.Writer, settings []string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --addr", err)
	}
	if data == "" {
		if err := clearDemo(dir); err != nil {
			return errors.Join(err, l.Close())
		}
	}
	return runDemo(ctx, l, dir, out, settings)
}

func runDemo(ctx context.Context, l net.Listener, dir string, out io.Writer, settings []string) error {
	file, err := Read(dir)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := file.ChooseTill(app.ValueOf(settings, "POS_KIND")); err != nil {
		return errors.Join(err, l.Close())
	}
	base := "http://" + Reachable(l.Addr().String())
	o, err := NewSimulators(ctx, dir, file.Credentials(), false, demoWebhooks(base))
	if err != nil {
		return errors.Join(err, l.Close())
	}
	a, err := demoApp(ctx, file, dir, base, o, settings)
	if err != nil {
		return errors.Join(err, o.Close(), l.Close())
	}
	start := newStartPage(a, o)
	a.Handler = demoPages(start, a.Handler, o, base)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, l) }()
	file.API, file.Mailbox, file.POS.URL, file.Shopify.URL, file.Shopify.Shop = base, base+MailboxPath, base+
		PosPath, base, DemoShop
	file.SMTP = o.smtp.Addr().String()
	file.Store, file.Console, file.Wallet = base+StorePath+"/", base+"/admin", base+WalletPath
	// The service reaches the simulators over the same address, so it runs before there is anything in it. The file is
	// written last: who finds it finds everything.
	if err = prepareDemo(ctx, a, o, &file); err == nil {
		err = errors.Join(a.SetupShop(ctx), Write(dir, file))
	}
	if err != nil {
		cancel()
		return errors.Join(err, <-ended, o.Close())
	}
	start.ready(file)
	welcome(out, dir, file)
	return errors.Join(<-ended, o.Close())
}

// PosFlag describes the flag by which a kind of POS is chosen.
const PosFlag = "which POS is simulated: generic, which speaks the neutral contract, square or smaregi"

// ChooseTill settles which kind of POS stands there. A folder's points are in the POS that it began with.
func (f *File) ChooseTill(kind string) error {
	there := f.POS.Kind
	if there == "" && len(f.Keys) > 0 {
		there = Tills()[0]
	}
	if there != "" && kind != "" && kind != there {
		return fmt.Errorf("the folder has a POS of the kind %s; choose another folder with --data for %s", there, kind)
	}
	f.POS.Kind = cmp.Or(there, kind, Tills()[0])
	return nil
}

// DemoConfig is the configuration of a demo: its own database, the simulators on base.
func DemoConfig(file File, dir, addr, smtp string, settings ...string) (app.Config, error) {
	o := &Simulators{smtp: fixedListener(smtp)}
	base := "http://" + Reachable(addr)
	own := append(o.Environment(base, file.Credentials()), "DATABASE_URL=sqlite:"+
		filepath.Join(dir, "pointbridge.db"), "HTTP_ADDR="+addr, "PUBLIC_URL="+base, "SECRET_KEY="+file.Secret,
		"METRICS_TOKEN="+file.Metrics, "LOG_FORMAT=text", "LOG_LEVEL=warn", "CANCEL_GRACE=2s", "ORDERS_EVERY=15s",
		"MEMBER_NAMESPACE=loyalty", "MEMBER_KEY=member_id", "REVIEW_ORDER_TAG=coupon-review",
		"REVIEW_CUSTOMER_TAG=coupon-review", "SELF_CANCEL_WITHIN=30m")
	cfg, err := app.LoadConfig(append(own, settings...))
	if app.ValueOf(settings, "POS_REASON_LOCALE") == "" {
		cfg.POSReasonLocale = cfg.ShopLocale // the demo's shop reads its POS in the language of everything else
	}
	return cfg, err
}

// fixedListener is an address where a listener is not needed.
type fixedListener string

func (fixedListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }

func (fixedListener) Close() error { return nil }

func (f fixedListener) Addr() net.Addr { return f }

func (fixedListener) Network() string { return "tcp" }

func (f fixedListener) String() string { return string(f) }

func demoApp(ctx context.Context, file File, dir, base string, o *Simulators, settings []string) (*app.App, error) {
	cfg, err := DemoConfig(file, dir, strings.TrimPrefix(base, "http://"), o.smtp.Addr().String(), settings...)
	if err != nil {
		return nil, err
	}
	cfg.StorefrontURL = base
	logger, err := app.NewLogger(cfg, os.Stderr)
	if err != nil {
		return nil, err
	}
	a, err := app.New(ctx, cfg, logger)
	if err != nil {
		return nil, err
	}
	if err := a.Migrate(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.RecordRules(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if _, err := a.SameTill(ctx); err != nil { // the folder's own POS, wherever it listens this time
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Reachable turns an address to listen on into one to call.
func Reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// prepareDemo makes people and keys on the first start and leaves them alone on later ones.
func prepareDemo(ctx context.Context, a *app.App, o *Simulators, file *File) error {
	if err := seedStaff(ctx, a, file); err != nil {
		return err
	}
	if len(file.Keys) > 0 {
		return nil
	}
	list := At(file.POS.Kind, People())
	if err := o.Populate(list); err != nil {
		return err
	}
	for _, p := range list {
		if err := link(ctx, a, p); err != nil {
			return err
		}
		file.Customers = append(file.Customers, demoCustomer{p.ID, p.Name, p.Points, p.Shopify})
	}
	for _, role := range domain.Roles() {
		caller := domain.Caller{Name: "demo " + string(role), Role: role}
		if role == domain.RoleCustomer {
			caller.CustomerID = list[0].ID
		}
		token, err := app.CreateKey(ctx, a.Store, staff.NewKey{Caller: caller, Owner: demoOwner(role)})
		if err != nil {
			return err
		}
		file.Keys[string(role)] = token
	}
	if err := errors.Join(seedCoupons(ctx, a, list), seedRefunds(ctx, a, list), seedCampaigns(ctx, a),
		seedOrders(o)); err != nil {
		return err
	}
	// Their audit is dated long ago: without its seals it would look as if somebody had removed them.
	return a.Sealer.Seal(ctx)
}

// signIns is a line for each person.
func signIns(list []SignIn) string {
	var b strings.Builder
	for _, p := range list {
		_, _ = fmt.Fprintf(&b, "  %-14s %-20s %s\n", p.Role, p.Email, p.Password)
	}
	return b.String()
}

func welcome(out io.Writer, dir string, file File) {
	_, _ = fmt.Fprintf(out, `Pointbridge demo: everything here is simulated, and only on this machine.

  Start     %s/   (leads through everything)
  Console   %s
  Wallet    %s   (the customer's page, in the store)
  API       %s   (described at %s/docs)
  Mailbox   %s/
  POS       %s
  Store     %s   (buy with a code, cancel, refund, and decide how webhooks go)
  Details   %s

Staff sign in at the console, or with POST %s/v1/session, as
%s
Turn 500 of Yamada Taro's 1,250 points into a coupon:

  curl -s -X POST %s/v1/customers/8812370934/conversions \
    -H 'Authorization: Bearer %s' \
    -H 'Idempotency-Key: my-first' -H 'Content-Type: application/json' -d '{"points": 500}'

Press Ctrl-C to stop.
`, file.API, file.Console, file.Wallet, file.API, file.API, file.Mailbox, tillName("en", file.POS.Kind), file.Store, filepath.Join(dir, "demo.json"), file.API, signIns(file.Staff), file.API, file.Keys[string(domain.RolePOS)])
}
