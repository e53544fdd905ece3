package store

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// slowStatement is when a statement is worth a line: every one here is a look-up by index or a write of a few rows.
const slowStatement = 500 * time.Millisecond

// statementLog tells of slow statements. Errors are not logged here: they are returned, and logged once by whoever ends
// the work.
type statementLog struct {
	to   *slog.Logger
	slow time.Duration
}

var _ gorm.ParamsFilter = statementLog{}

func logOf(to *slog.Logger) logger.Interface {
	if to == nil {
		return logger.Discard
	}
	return statementLog{to: to, slow: slowStatement}
}

// ParamsFilter keeps values out of the log: they are codes, mail addresses and keys.
func (statementLog) ParamsFilter(_ context.Context, text string, _ ...any) (string, []any) {
	return text, nil
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
