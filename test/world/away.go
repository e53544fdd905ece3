package world

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
)

// ReadOnly makes the database take no writes, or take them again, as a failover does: the process is cut off.
func (b *Processes) ReadOnly(value string) {
	b.T.Helper()
	db, name := b.Admin()
	if _, err := db.ExecContext(b.T.Context(), `ALTER DATABASE `+name+` SET default_transaction_read_only = `+
		value); err != nil {
		b.T.Fatal(err)
	}
	b.CutOff(db, name)
}

// Admin connects beside the database, and gives its name.
func (b *Processes) Admin() (*sql.DB, string) {
	b.T.Helper()
	u, err := url.Parse(b.Database.URL)
	if err != nil {
		b.T.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		b.T.Fatal(err)
	}
	b.T.Cleanup(func() { _ = db.Close() })
	return db, name
}

func (b *Processes) CutOff(db *sql.DB, name string) {
	b.T.Helper()
	if _, err := db.ExecContext(context.WithoutCancel(b.T.Context()),
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'served'`, name); err != nil {
		b.T.Fatal(err)
	}
}

// Readiness waits until the process says so.
func (b *Processes) Readiness(p *Proc, status int, holding string) {
	b.T.Helper()
	Eventually(b.T, "readiness is "+holding, func() bool {
		got := p.POS().Do("GET", "/readyz", "", "")
		return got.Status == status && strings.Contains(string(got.Raw), holding)
	})
}
