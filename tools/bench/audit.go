package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/tools/subprocess"
)

func benchAuditCommand(environ []string) *cobra.Command {
	var rows int64
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Measure how fast a long audit is verified, in the database and as an exported file, and in how much memory",
		Long: "Makes a database on the server of DATABASE_URL and fills it with rows of the audit and their seals, chained and keyed\n" +
			"as the service does it. Then `audit verify`, `audit export`, `audit verify --file`, `audit archive` of all but the\n" +
			"newest row and `audit verify --archive` run as processes of their own. Prints rows a second, the processor's time for a\n" +
			"row, and the peak of resident memory of each.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server := app.ValueOf(environ, "DATABASE_URL")
			if !strings.HasPrefix(server, "postgres") {
				return errors.New("DATABASE_URL must name a PostgreSQL server on which databases can be made")
			}
			return runBenchAudit(cmd.Context(), server, rows, cmd.OutOrStdout())
		},
	}
	cmd.Flags().Int64Var(&rows, "rows", 1_000_000, "rows of the audit")
	return cmd
}

// benchAge is how old the newest row is: old enough to be archived.
const benchAge = 100 * 24 * time.Hour

func runBenchAudit(ctx context.Context, server string, rows int64, out io.Writer) (err error) {
	b := &bed{}
	defer b.Close()
	database, err := b.Database(ctx, server, "audit")
	if err != nil {
		return err
	}
	secret := demo.Draw() + demo.Draw()
	env := []string{"DATABASE_URL=" + database, "AUDIT_KEY=" + secret}
	if err := b.runOnce(ctx, env, nil, "migrate"); err != nil {
		return err
	}
	began := time.Now()
	if err := fillAudit(ctx, database, audit.NewKeys(secret), rows); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%d rows and seals written in %s; PostgreSQL shares this machine\n", rows,
		time.Since(began).Round(time.Second))
	folder, err := os.MkdirTemp("", "pointbridge-audit")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file, packed := filepath.Join(folder, "audit.jsonl"), filepath.Join(folder, "audit.jsonl.gz")
	before := time.Now().UTC().Add(-benchAge).Format(time.RFC3339)
	for _, one := range []struct {
		what, into string
		args       []string
	}{
		{"verify", os.DevNull, []string{"audit", "verify"}},
		{"export", file, []string{"audit", "export"}},
		{"verify the file", os.DevNull, []string{"audit", "verify", "--file", file}},
		{"archive", os.DevNull, []string{"audit", "archive", "--before", before, "--to", packed}},
		{"verify archived", os.DevNull, []string{"audit", "verify", "--archive", packed}},
	} {
		took, spent, err := measured(ctx, env, one.into, one.args)
		if err != nil {
			return fmt.Errorf("%s: %w", one.what, err)
		}
		ended := time.Now()
		_, _ = fmt.Fprintf(out, "%-16s %.0f rows a second, %.1f µs of processor a row, peak resident %.0f MiB, %s\n", one.what,
			float64(rows)/took.Seconds(), float64(spent.CPU.Microseconds())/float64(rows), float64(spent.Peak)/(1<<20),
			took.Round(time.Millisecond))
		if one.what != "archive" {
			continue
		}
		at, err := recorded(ctx, database)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%-16s %.0f rows a second until it was recorded, then %.0f deleted a second\n", "",
			float64(rows)/(took-ended.Sub(at)).Seconds(), float64(rows)/ended.Sub(at).Seconds())
	}
	return nil
}

// recorded is when the archive was recorded; from then on its rows are deleted.
func recorded(ctx context.Context, database string) (at time.Time, err error) {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return at, errors.New("the database cannot be reached")
	}
	defer func() { _ = conn.Close(ctx) }()
	return at, conn.QueryRow(ctx, `SELECT max(at) FROM audit WHERE action = $1`, domain.ActionAuditArchived).Scan(&at)
}

// measured runs a command to its end, what it prints into a file, and gives how long it took and what that spent.
func measured(ctx context.Context, env []string, into string, args []string) (took time.Duration, spent subprocess.Spent, err error) {
	file, err := os.OpenFile(into, os.O_WRONLY|os.O_CREATE, 0o600) //nolint:gosec // a folder that was just made
	if err != nil {
		return 0, spent, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	began := time.Now()
	spent, err = subprocess.RunInto(ctx, file, env, args...)
	return time.Since(began), spent, err
}

// fillAudit writes rows of the audit behind those that are there, and their seals. Triggers and indexes stay: what is read
// is what a service would have written.
func fillAudit(ctx context.Context, database string, keys *audit.Keys, rows int64) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return errors.New("the database cannot be reached")
	}
	defer func() { _ = conn.Close(ctx) }()
	var tip audit.Tip
	var first int64
	if err := conn.QueryRow(ctx, `SELECT coalesce(max(id), 0) FROM audit`).Scan(&first); err != nil {
		return err
	}
	var hash, mac []byte
	err = conn.QueryRow(ctx, `SELECT seq, hash, key_id, coalesce(keyed_from, 0), mac FROM audit_seals ORDER BY seq DESC LIMIT 1`).
		Scan(&tip.Seq, &hash, &tip.Key, &tip.From, &mac)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	copy(tip.Hash[:], hash)
	copy(tip.MAC[:], mac)
	began := time.Now().UTC().Truncate(time.Microsecond).Add(-benchAge - time.Duration(rows)*time.Millisecond)
	line := func(n int64) audit.Row {
		return audit.Row{ID: first + 1 + n, At: began.Add(time.Duration(n) * time.Millisecond), Actor: "staff:12",
			ActorName: "佐藤 花子", Action: domain.ActionSearched, CustomerID: fmt.Sprint(8_812_300_000 + n%100_000),
			Outcome: domain.OutcomeDone,
			Detail:  fmt.Sprintf(`{"fields":["name","email"],"found":%d,"session":"session:7b2f%08x","ip":"203.0.113.7"}`, n%20, n)}
	}
	for from := int64(0); from < rows; from += fillAtOnce {
		to := min(from+fillAtOnce, rows)
		if err := copied(ctx, conn, "audit", from, to, []string{"id", "at", "actor", "actor_name", "action", "customer_id", "outcome",
			"detail"}, func(n int64) []any {
			r := line(n)
			return []any{r.ID, r.At, r.Actor, r.ActorName, r.Action, r.CustomerID, r.Outcome, r.Detail}
		}); err != nil {
			return err
		}
		if err := copied(ctx, conn, "audit_seals", from, to, []string{"seq", "audit_id", "hash", "sealed_at", "key_id", "keyed_from",
			"mac"}, func(n int64) []any {
			r := line(n)
			tip = keys.After(tip, r)
			return []any{tip.Seq, r.ID, slices.Clone(tip.Hash[:]), r.At, tip.Key, tip.From, slices.Clone(tip.MAC[:])}
		}); err != nil {
			return err
		}
	}
	if _, err := conn.Exec(ctx, `SELECT setval(pg_get_serial_sequence('audit', 'id'), max(id)) FROM audit`); err != nil {
		return err
	}
	// Figures and events have passed all of it, as those of a service that runs.
	for _, statement := range []string{`UPDATE tally_folded SET seq = (SELECT max(seq) FROM audit_seals)`,
		`UPDATE events_told SET seq = (SELECT max(seq) FROM audit_seals)`, `VACUUM ANALYZE audit, audit_seals`} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// fillAtOnce is how many rows go with one commit: the server keeps a mark in memory for each seal of a commit whose row it
// has yet to look for, and looks at all seals of a statement together.
const fillAtOnce = 100_000

func copied(ctx context.Context, conn *pgx.Conn, table string, from, to int64, columns []string, row func(n int64) []any) error {
	n := from - 1
	_, err := conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		if n++; n == to {
			return nil, nil
		}
		return row(n), nil
	}))
	return err
}
