package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/domain/books"
)

// The exit codes of `books check`.
const (
	exitDiffers    = 1
	exitIncomplete = 2
)

func booksCommand(environ []string) *cobra.Command {
	var o books.Options
	var data string
	var asJSON bool
	check := &cobra.Command{
		Use:   "check",
		Short: "Compare the till, our books, Shopify and the metafields",
		Long: "Compares, per customer and per code, the till's history, our own movements, Shopify's discounts and orders, and the\n" +
			"metafields. Exit code: 0 when nothing differs, 1 when something does, 2 when not everything could be compared.\n" +
			"The output names codes that can be spent: treat it like money.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out booksPrinter = &booksText{w: cmd.OutOrStdout()}
			if asJSON {
				out = &booksJSON{w: cmd.OutOrStdout()}
			}
			sum, err := checkBooks(cmd, environ, data, o, out)
			switch {
			case err != nil:
				return &exitError{exitIncomplete, err}
			case sum.Incomplete():
				return &exitError{code: exitIncomplete}
			case sum.Differences() > 0:
				return &exitError{code: exitDiffers}
			default:
				return nil
			}
		},
	}
	check.Flags().BoolVar(&o.Repair, "repair", false, "make the repairs that are safe to repeat; without it nothing is changed")
	check.Flags().StringVar(&o.CustomerID, "customer", "", "compare this member only")
	check.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	withData(check, &data)
	cmd := &cobra.Command{Use: "books", Short: "Compare the books"}
	cmd.AddCommand(check)
	return cmd
}

func checkBooks(cmd *cobra.Command, environ []string, data string, o books.Options, out booksPrinter) (books.Summary, error) {
	if data != "" {
		if _, err := os.Stat(filepath.Join(data, "demo.json")); err != nil {
			return books.Summary{}, errors.New("there is no demo in this folder")
		}
	}
	ctx := cmd.Context()
	cfg, err := commandConfig(environ, data)
	if err != nil {
		return books.Summary{}, err
	}
	a, err := newApp(ctx, cfg, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		return books.Summary{}, err
	}
	if pending, err := a.store.PendingMigrations(ctx); err != nil || pending {
		return books.Summary{}, errors.Join(err, errors.New("the database is not up to date; run: pointbridge migrate"), a.close())
	}
	sum, err := a.books.Run(ctx, o, books.Sink{Difference: out.difference, Gap: out.gap})
	out.end(sum)
	return sum, errors.Join(err, a.close())
}

// booksPrinter writes what is found as it is found.
type booksPrinter interface {
	difference(d books.Difference)
	gap(g books.Gap)
	end(s books.Summary)
}

// booksText is for people: a line per difference and one for what to do about it.
type booksText struct{ w io.Writer }

func (p *booksText) difference(d books.Difference) {
	_, _ = fmt.Fprintf(p.w, "%s customer=%s%s%s: %s%s\n", d.Kind, d.CustomerID, named(" code=", d.Code), named(" reference=", d.Reference),
		d.Kind.Sentence(), named(" In figures: ", d.Detail))
	done := ""
	switch {
	case d.Repaired:
		done = " DONE"
	case d.Fault != nil:
		done = " FAILED: " + d.Fault.Error()
	}
	_, _ = fmt.Fprintf(p.w, "  repair: %s%s\n", d.Repair(), done)
}

func (p *booksText) gap(g books.Gap) {
	_, _ = fmt.Fprintf(p.w, "NOT COMPARED customer=%s: %s could not be asked: %s\n", g.CustomerID, g.Upstream, g.Cause)
}

func (p *booksText) end(s books.Summary) {
	_, _ = fmt.Fprintf(p.w, "Compared %d customers and %d coupons: %d differences, %d repaired; %d left out because they are moving.\n",
		s.Customers, s.Coupons, s.Differences(), s.Repaired, s.Moving)
	switch {
	case s.Incomplete():
		_, _ = fmt.Fprintf(p.w, "INCOMPLETE: %d things could not be compared.\n", s.Gaps)
	case s.Differences() == 0:
		_, _ = fmt.Fprintln(p.w, "The books agree.")
	}
}

func named(name, value string) string {
	if value == "" {
		return ""
	}
	return name + value
}

// booksJSON writes one document piece by piece.
type booksJSON struct {
	w     io.Writer
	begun bool
	gaps  []books.Gap
}

func (p *booksJSON) difference(d books.Difference) {
	line := struct {
		books.Difference
		Sentence string `json:"sentence"`
		Repair   string `json:"repair"`
		Safe     bool   `json:"safe"`
		Fault    string `json:"fault,omitempty"`
	}{Difference: d, Sentence: d.Kind.Sentence(), Repair: d.Repair(), Safe: d.Safe()}
	if d.Fault != nil {
		line.Fault = d.Fault.Error()
	}
	p.write(line)
}

func (p *booksJSON) write(value any) {
	lead := ",\n"
	if !p.begun {
		lead, p.begun = `{"differences": [`+"\n", true
	}
	raw, err := json.Marshal(value)
	if err != nil {
		raw = []byte("null")
	}
	_, _ = fmt.Fprintf(p.w, "%s%s", lead, raw)
}

func (p *booksJSON) gap(g books.Gap) {
	if len(p.gaps) < mostGaps {
		p.gaps = append(p.gaps, g)
	}
}

func (p *booksJSON) end(s books.Summary) {
	if !p.begun {
		_, _ = fmt.Fprint(p.w, `{"differences": [`)
	}
	gaps := p.gaps
	if gaps == nil {
		gaps = []books.Gap{}
	}
	rest, err := json.Marshal(struct {
		Gaps       []books.Gap   `json:"not_compared"`
		Summary    books.Summary `json:"summary"`
		Incomplete bool          `json:"incomplete"`
	}{gaps, s, s.Incomplete()})
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(p.w, "],\n%s\n", rest[1:])
}

// mostGaps bounds how many things that could not be compared are named one by one; the summary counts them all.
const mostGaps = 100

// booksJob is the periodic comparison; nil when it is switched off.
func (a *app) booksJob() func(context.Context) error {
	if a.cfg.BooksEvery == 0 {
		return nil
	}
	return func(ctx context.Context) error {
		due, err := a.books.Due(ctx, a.cfg.BooksEvery)
		if err != nil || !due {
			return err
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(a.stopping, cancel)()
		told := 0
		sum, err := a.books.Run(ctx, books.Options{Repair: a.cfg.BooksRepair}, books.Sink{
			Difference: func(d books.Difference) { a.logDifference(ctx, d) },
			Gap: func(g books.Gap) {
				if told++; told <= mostGaps {
					a.logger.WarnContext(ctx, "books not compared", "coupon_id", g.CouponID, "upstream", g.Upstream, "cause", g.Cause)
				}
			}})
		if a.stopping.Err() != nil {
			return nil // the next start tries again
		}
		a.logger.InfoContext(ctx, "books compared", "customers", sum.Customers, "coupons", sum.Coupons, "differences", sum.Differences(),
			"repaired", sum.Repaired, "moving", sum.Moving, "gaps", sum.Gaps, "broken", sum.Broken)
		return err
	}
}

// logDifference names the coupon by its id: its code may be as good as money. What belongs to no coupon names the member.
func (a *app) logDifference(ctx context.Context, d books.Difference) {
	about := []any{"kind", string(d.Kind), "coupon_id", d.CouponID, "repaired", d.Repaired}
	if d.CouponID == 0 {
		about = append(about, "customer_id", d.CustomerID)
	}
	if d.Fault != nil {
		about = append(about, "error", d.Fault)
	}
	a.logger.WarnContext(ctx, "books differ", about...)
}

// booksDifferences gives every kind, so that an alert can be built before there is a difference. Before the first
// comparison there are no figures.
func (a *app) booksDifferences(ctx context.Context) (map[string]int64, error) {
	last, err := a.store.LastRun(ctx)
	if err != nil || last.Began.IsZero() {
		return nil, err
	}
	figures := map[string]int64{}
	for _, kind := range books.Kinds() {
		figures[string(kind)] = int64(last.Found[kind])
	}
	return figures, nil
}

func (a *app) booksFigures(ctx context.Context) (map[string]int64, error) {
	last, err := a.store.LastRun(ctx)
	if err != nil || last.Began.IsZero() {
		return nil, err
	}
	figures := map[string]int64{"age_seconds": int64(a.service.Clock.Now().Sub(last.Ended) / time.Second), "customers": int64(last.Customers),
		"coupons": int64(last.Coupons), "moving": int64(last.Moving), "gaps": int64(last.Gaps), "incomplete": 0}
	if last.Incomplete() {
		figures["incomplete"] = 1
	}
	return figures, nil
}
