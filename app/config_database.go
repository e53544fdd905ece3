package app

import (
	"log/slog"
	"strings"

	"pointbridge/integrations/store"
)

// poolTransaction says that the database is reached through a pooler that lends connections for one transaction each.
const poolTransaction = "transaction"

// Database says how the service reaches its database.
func (c Config) Database(conns int, logger *slog.Logger) store.Config {
	return store.Config{URL: c.DatabaseURL, Transaction: c.DatabasePool == poolTransaction, Direct: c.DatabaseDirect,
		MaxConns: conns, Logger: logger}
}

func (c Config) checkPool(f *faults) {
	f.oneOf("DATABASE_POOL", c.DatabasePool, "session", poolTransaction)
	if c.DatabaseDirect != "" && !strings.HasPrefix(c.DatabaseDirect, "postgres://") &&
		!strings.HasPrefix(c.DatabaseDirect, "postgresql://") {
		f.add("DATABASE_DIRECT_URL must begin with postgres://")
	}
	if strings.HasPrefix(c.DatabaseURL, "sqlite:") && (c.DatabasePool == poolTransaction || c.DatabaseDirect != "") {
		f.add("DATABASE_POOL and DATABASE_DIRECT_URL are for PostgreSQL, and DATABASE_URL is not")
	}
	if strings.HasPrefix(c.DatabaseURL, "sqlite:") && c.JobsUI {
		f.add("JOBS_UI is for PostgreSQL, and DATABASE_URL is not")
	}
}
