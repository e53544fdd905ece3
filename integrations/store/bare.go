package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// bareTries is how many connections are tried where one turns out to be closed before anything was sent on it: as many
// as database/sql tries.
const bareTries = 3

// hot tells whether statements may go to the driver itself. Within somebody's transaction they may not: they would be
// asked on another connection, which does not see what was written, and for which those who have one would wait.
func (s *database) hot() bool { return s.dialect == "postgres" && !s.within }

// bare lends a connection of the pool to statements that are asked hundreds of times a second. They go to PostgreSQL's
// driver itself, because gorm and database/sql take more time for their rows than the database does. The bounds and the
// meanings of errors are those of every other statement. Of a statement with values the driver knows whether it was sent,
// and what was sent is never sent again; a commit that goes along is errInDoubt if its answer is lost.
func (s *database) bare(ctx context.Context, run func(ctx context.Context, c *pgx.Conn) error) error {
	var err error
	for range bareTries {
		if err = s.lendConn(ctx, run); !errors.Is(err, driver.ErrBadConn) {
			break
		}
	}
	return translate(err)
}

func (s *database) lendConn(ctx context.Context, run func(ctx context.Context, c *pgx.Conn) error) error {
	held, err := s.sql.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = held.Close() }() // gives it back; of one that is lost the error is known already
	return held.Raw(func(made any) error {
		c, ok := made.(*conn)
		if !ok {
			return fmt.Errorf("the pool's connection is a %T", made)
		}
		return c.bare(ctx, run)
	})
}

// bare runs statements past database/sql. Nothing was sent where the driver says that it is safe to try again.
func (c *conn) bare(ctx context.Context, run func(ctx context.Context, c *pgx.Conn) error) error {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	err := run(ctx, c.Conn.Conn())
	if pgconn.SafeToRetry(err) && !errors.Is(err, errInDoubt) {
		return driver.ErrBadConn
	}
	return c.told(err)
}

// bareRow reads one row, if there is one, of a statement that is the same in both databases.
func (s *database) bareRow(ctx context.Context, into []any, text string, args ...any) (found bool, err error) {
	if !s.hot() {
		err = translate(s.db.WithContext(ctx).Raw(text, args...).Row().Scan(into...))
	} else {
		err = s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
			return c.QueryRow(ctx, numbered(text), args...).Scan(into...)
		})
	}
	if errors.Is(err, sql.ErrNoRows) { // the driver's is one of these
		return false, nil
	}
	return err == nil, err
}

// numbered writes values as PostgreSQL's driver has them: $1 for the first question mark, and so on.
func numbered(text string) string {
	var b strings.Builder
	for n, part := range strings.Split(text, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
	}
	return b.String()
}
