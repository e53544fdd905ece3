package jobs

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
)

// ending tells that a client is being stopped.
type ending struct{ begun atomic.Bool }

func (e *ending) begin() { e.begun.Store(true) }

// quieter hands River's records to our log under the name of their source. River reports its comings and goings as
// information, and what a stop cuts off as errors; to an operator of this service both are details.
type quieter struct {
	slog.Handler
	ending *ending
}

func riverLogger(logger *slog.Logger, e *ending) *slog.Logger {
	return slog.New(quieter{logger.Handler(), e}).With("component", "river")
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
	if record.Level > slog.LevelDebug && (deadlocked(record) || q.ending.begun.Load() && cutOff(ctx, record)) {
		record.Level = slog.LevelDebug
		if !q.Handler.Enabled(ctx, record.Level) {
			return nil
		}
	}
	return q.Handler.Handle(ctx, record)
}

// deadlocked tells that two of the queue's own statements waited for one another. PostgreSQL ended one, which did nothing,
// and River runs it again: nobody has to do anything. River gives the error as a text, in which only the code is looked for.
func deadlocked(record slog.Record) (yes bool) {
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "err" || a.Key == "error" {
			yes = strings.HasSuffix(a.Value.String(), "(SQLSTATE 40P01)")
		}
		return !yes
	})
	return yes
}

// cutOff tells that the record is of work that a cancelled context ended. River gives the error as a text, so its last
// words, which are those of the cause, have to do.
func cutOff(ctx context.Context, record slog.Record) (yes bool) {
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "err" || a.Key == "error" {
			yes = canceled(ctx, a.Value.String())
		}
		return !yes
	})
	return yes
}

// canceled knows both ways to say it: a transaction whose context was cancelled has already been rolled back when the next
// statement comes.
func canceled(ctx context.Context, text string) bool {
	if strings.HasSuffix(text, context.Canceled.Error()) {
		return true
	}
	return errors.Is(ctx.Err(), context.Canceled) && strings.HasSuffix(text, sql.ErrTxDone.Error())
}

// WithAttrs implements slog.Handler.
func (q quieter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quieter{q.Handler.WithAttrs(attrs), q.ending}
}

// WithGroup implements slog.Handler.
func (q quieter) WithGroup(name string) slog.Handler {
	return quieter{q.Handler.WithGroup(name), q.ending}
}
