package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/demo"
	"pointbridge/domain/webhooks"
	simshopify "pointbridge/integrations/sim/shopify"
)

func simulateCommand() *cobra.Command {
	var addr, data, hooks, privacy, kind string
	var members int
	var fast bool
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Run the outside alone: a simulated POS, Shopify store and mailbox",
		Long: "Runs the simulators and prints the variables that point `pointbridge serve` at them, as lines that a shell can source\n" +
			"(set -a; . FILE). What serve needs besides is the service's own: DATABASE_URL, PUBLIC_URL, SECRET_KEY.\n" +
			"POST a fault to /sim/pos/_sim/faults or /sim/shopify/_sim/faults (with the simulator's own credential) to make them fail, e.g.\n" +
			`{"act": "pos.deduct", "mode": "lose_answer", "count": 1} or {"act": "shopify.discountCodeBasicCreate", "delay_ms": 250}.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return Simulate(cmd.Context(), Simulation{addr, data, hooks, privacy, kind, members, fast}, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8090", "address to listen on")
	cmd.Flags().StringVar(&data, "data", "", "folder that keeps everything over a restart")
	cmd.Flags().StringVar(&kind, "pos", "", demo.PosFlag)
	cmd.Flags().IntVar(&members, "members", 0, "further members m1, m2, … with a million points each")
	cmd.Flags().BoolVar(&fast, "unlimited", false, "lift the store's rate limits, for measurements")
	cmd.Flags().StringVar(&hooks, "webhooks", "",
		"address that hears of every topic that is taken, beside what is subscribed through the API")
	cmd.Flags().StringVar(&privacy, "privacy-webhooks", "",
		"address for the privacy topics, which no API subscribes to")
	return cmd
}

// Simulation is what the command was told.
type Simulation struct {
	Addr, data, Hooks, Privacy, POS string
	members                         int
	fast                            bool
}

func Simulate(ctx context.Context, told Simulation, out io.Writer) error {
	if told.data == "" {
		return simulate(ctx, told, out)
	}
	_, lock, err := demo.TakeFolder(told.data)
	if err != nil {
		return err
	}
	return errors.Join(simulate(ctx, told, out), lock.Release())
}

func simulate(ctx context.Context, told Simulation, out io.Writer) error {
	data := told.data
	creds := demo.Credentials{Kind: told.POS, POSToken: demo.Draw(), AccessToken: demo.Draw(), ClientID: demo.Draw(),
		ClientSecret: demo.Draw()}
	if data != "" {
		dir, err := demo.Folder(data)
		if err != nil {
			return err
		}
		file, err := demo.Read(dir)
		if err != nil {
			return err
		}
		if err := file.ChooseTill(told.POS); err != nil {
			return err
		}
		if err := demo.Write(dir, file); err != nil {
			return err
		}
		data, creds = dir, file.Credentials()
	}
	o, err := demo.NewSimulators(ctx, data, creds, told.fast, simshopify.Webhooks{ComplianceURI: told.Privacy})
	if err != nil {
		return err
	}
	if err := o.Populate(demo.At(creds.Kind, append(demo.People(), demo.Crowd(told.members)...))); err != nil {
		return errors.Join(err, o.Close())
	}
	if told.Hooks != "" {
		if err := o.Shopify.SubscribeAll(told.Hooks, SubscribedTopics()...); err != nil {
			return errors.Join(err, o.Close())
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", told.Addr)
	if err != nil {
		return errors.Join(err, o.Close())
	}
	base := "http://" + demo.Reachable(l.Addr().String())
	for _, line := range o.Environment(base, creds) {
		_, _ = fmt.Fprintln(out, demo.ShellLine(line))
	}
	_, _ = fmt.Fprintf(out, "# The store's own access token: %s\n# Mailbox: %s%s/\n# Storefront: %s%s/\n# ready\n",
		creds.AccessToken, base, demo.MailboxPath, base, demo.StorePath)
	return errors.Join(serveUntil(ctx, l, o.Handler(http.NotFoundHandler())), o.Close())
}

// SubscribedTopics are the topics that the service takes, as the store's API calls them.
func SubscribedTopics() (list []string) {
	for _, s := range webhooks.Subscriptions() {
		list = append(list, strings.ToUpper(strings.ReplaceAll(string(s.Topic), "/", "_")))
	}
	return list
}

func serveUntil(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return server.Close()
	}
	return nil
}
