// Command pointbridge turns loyalty points into single-use Shopify discount codes.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"pointbridge/commands"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(commands.Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}
