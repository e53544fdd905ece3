package jobs

import (
	"context"
	"log/slog"
	"strings"
)

// quieter hands River's records to our log under the name of their source. River reports its comings and goings as
// information; to an operator of this service they are details.
type quieter struct{ slog.Handler }

func riverLogger(logger *slog.Logger) *slog.Logger {
	return slog.New(quieter{logger.Handler()}).With("component", "river")
}

func levelOf(level slog.Level) slog.Level {
	if level == slog.LevelInfo {
		return slog.LevelDebug
	}
	return level
}

// Enabled implements slog.Handler.
func (q quieter) Enabled(ctx context.Context, level slog.Level) bool {
	return q.Handler.Enabled(ctx, levelOf(level))
}

// Handle implements slog.Handler.
func (q quieter) Handle(ctx context.Context, record slog.Record) error {
	record.Level = levelOf(record.Level)
	if record.Level > slog.LevelDebug && deadlocked(record) {
		record.Level = slog.LevelDebug
		if !q.Handler.Enabled(ctx, record.Level) {
			return nil
		}
	}
	return q.Handler.Handle(ctx, record)
}

// deadlocked says that two of the queue's own statements waited for one another. PostgreSQL ended one, which did
// nothing, and River runs it again: nobody has to do anything. River gives the error as a text, so the code at its end
// has to do.
func deadlocked(record slog.Record) (yes bool) {
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "err" || a.Key == "error" {
			yes = strings.HasSuffix(a.Value.String(), "(SQLSTATE 40P01)")
		}
		return !yes
	})
	return yes
}

// WithAttrs implements slog.Handler.
func (q quieter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quieter{q.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (q quieter) WithGroup(name string) slog.Handler {
	return quieter{q.Handler.WithGroup(name)}
}
