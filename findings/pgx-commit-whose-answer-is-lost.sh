#!/usr/bin/env bash
# github.com/jackc/pgx/v5 v5.12.0, the PostgreSQL driver.
#
# A server takes a COMMIT and the connection ends before its answer comes. Whether it was committed is then unknown.
# Expected: an error of which pgconn.SafeToRetry says false ("guaranteed to have occurred before sending any data to the server").
# Seen: the error is "conn closed", and SafeToRetry says true, for every statement in the simple protocol, COMMIT among them;
# for the same loss in the extended protocol it says false. database/sql is handed driver.ErrBadConn by Exec for such an
# error, and runs the statement again.
#
# Pointbridge does not believe it: inDoubt in integrations/store/errors.go, ExecContext in integrations/store/conn.go.
# Exits 0 while this is so, 1 when it has changed.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.25

require github.com/jackc/pgx/v5 v5.12.0
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// serve greets, and hears one statement to its end before it hangs up.
func serve(l net.Listener) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	b := pgproto3.NewBackend(c, c)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if b.Flush() != nil {
		return
	}
	for {
		msg, err := b.Receive()
		if err != nil {
			return
		}
		switch msg.(type) {
		case *pgproto3.Query, *pgproto3.Sync:
			return
		}
	}
}

func lose(run func(context.Context, *pgconn.PgConn) error) bool {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	go serve(l)
	ctx := context.Background()
	conn, err := pgconn.Connect(ctx, "postgres://u@"+l.Addr().String()+"/d?sslmode=disable")
	if err != nil {
		panic(err)
	}
	err = run(ctx, conn)
	fmt.Printf("  %q, safe to retry: %v\n", strings.TrimSpace(err.Error()), pgconn.SafeToRetry(err))
	return pgconn.SafeToRetry(err)
}

func main() {
	simple := lose(func(ctx context.Context, c *pgconn.PgConn) error {
		_, err := c.Exec(ctx, "commit").ReadAll()
		return err
	})
	read := lose(func(ctx context.Context, c *pgconn.PgConn) error {
		results := c.Exec(ctx, "commit") // as pgx.Conn.Exec reads it
		for results.NextResult() {
		}
		return results.Close()
	})
	extended := lose(func(ctx context.Context, c *pgconn.PgConn) error {
		return c.ExecParams(ctx, "commit", nil, nil, nil, nil).Read().Err
	})
	if simple && read && !extended {
		return
	}
	fmt.Println("this has changed")
	os.Exit(1)
}
GO
go mod tidy >/dev/null 2>&1
go run .
