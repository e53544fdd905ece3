package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/driver/postgres"
	"gorm.io/gorm/logger"
)

// slowStatement is when a statement is worth a line: every one here is a look-up by index or a write of a few rows. In
// SQLite writers wait for one another, which on a busy machine takes longer than any statement.
var slowStatement = map[string]time.Duration{"postgres": 500 * time.Millisecond, "sqlite": 5 * time.Second}

// plainPostgres and plainSQLite name a statement by its text. gorm asks for a statement with its values in it whenever rows
// are scanned, past any filter and whether or not anybody logs it: that would put codes and mail addresses into the log of
// a slow one, and costs more than many a statement.
type (
	plainPostgres struct{ *postgres.Dialector }
	plainSQLite   struct{ *sqlite.Dialector }
)

// Explain implements gorm.Dialector.
func (plainPostgres) Explain(statement string, _ ...any) string { return statement }

// Explain implements gorm.Dialector.
func (plainSQLite) Explain(statement string, _ ...any) string { return statement }

// statementLog tells of slow statements. Errors are not logged here: they are returned, and logged once by whoever ends
// the work.
type statementLog struct {
	to   *slog.Logger
	slow time.Duration
}

func logOf(to *slog.Logger, dialect string) logger.Interface {
	if to == nil {
		return logger.Discard
	}
	return statementLog{to: to, slow: slowStatement[dialect]}
}

// Trace implements gorm's logger.Interface.
func (l statementLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), _ error) {
	took := time.Since(begin)
	if took < l.slow {
		return
	}
	text, rows := statement()
	l.to.WarnContext(ctx, "slow statement", "statement", text, "rows", rows, "took_ms", took.Milliseconds())
}

// LogMode, Info, Warn and Error complete gorm's interface; what gorm says there is not for an operator.
func (l statementLog) LogMode(logger.LogLevel) logger.Interface { return l }

// Info implements gorm's logger.Interface.
func (statementLog) Info(context.Context, string, ...any) {}

// Warn implements gorm's logger.Interface.
func (statementLog) Warn(context.Context, string, ...any) {}

// Error implements gorm's logger.Interface.
func (statementLog) Error(context.Context, string, ...any) {}
