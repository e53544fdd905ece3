#!/usr/bin/env bash
# A middleware of Fiber for idempotency keys remembers a failure that a handler wrote and forgets one that it returned, and answers
# any request that bears a key with what the first one got, whatever it asks.
#
# Guess: a 503 is not kept, however a handler of Fiber gives it, so that the same request can succeed later; and a key that comes again
# with another call or another body is refused, as IETF's draft for Idempotency-Key has it (422), or carried out. The middleware's page
# says that repetitions of a request do not trigger the same action twice.
set -euo pipefail
version=v3.1.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/idempotency"
)

const (
	one   = "7c1f6d7e-3f4b-4c1e-9a55-000000000001"
	two   = "7c1f6d7e-3f4b-4c1e-9a55-000000000002"
	three = "7c1f6d7e-3f4b-4c1e-9a55-000000000003"
)

// pos is a ledger that is busy for the first request of each kind.
func pos() *fiber.App {
	app := fiber.New()
	app.Use(idempotency.New(idempotency.Config{KeyHeader: "Idempotency-Key"}))
	balance, written, returned := 1000, 0, 0
	app.Post("/written", func(c fiber.Ctx) error {
		if written++; written == 1 {
			return c.Status(fiber.StatusServiceUnavailable).SendString("busy")
		}
		return c.SendString("booked")
	})
	app.Post("/returned", func(c fiber.Ctx) error {
		if returned++; returned == 1 {
			return fiber.NewError(fiber.StatusServiceUnavailable, "busy")
		}
		return c.SendString("booked")
	})
	app.Post("/points/deduct", func(c fiber.Ctx) error {
		balance -= 500
		return c.SendString(fmt.Sprint("balance ", balance))
	})
	app.Post("/points/add", func(c fiber.Ctx) error {
		balance += 500
		return c.SendString(fmt.Sprint("balance ", balance))
	})
	return app
}

func main() {
	app := pos()
	for _, call := range []struct{ path, body, key string }{
		{"/returned", "500", one}, {"/returned", "500", one},
		{"/written", "500", two}, {"/written", "500", two},
		{"/points/deduct", "500", three}, {"/points/deduct", "500", three}, {"/points/add", "500", three}, {"/points/deduct", "900", three},
	} {
		request, err := http.NewRequest(http.MethodPost, call.path, strings.NewReader(call.body))
		if err != nil {
			panic(err)
		}
		request.Header.Set("Idempotency-Key", call.key)
		answer, err := app.Test(request)
		if err != nil {
			panic(err)
		}
		said, err := io.ReadAll(answer.Body)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s|%s|%s|%d|%s\n", call.path, call.body, call.key[35:], answer.StatusCode, said)
	}
}
GO
go mod init finding > /dev/null 2>&1
go get "github.com/gofiber/fiber/v3@$version" > /dev/null 2>&1
go run -mod=mod . > seen.txt
cat > expected.txt <<'TEXT'
503 busy
200 booked
503 busy
200 booked
200 balance 500
200 balance 500
422
422
TEXT
(echo "call|body|key|status|answer|expected"; paste -d'|' seen.txt expected.txt) | column -t -s '|'
cat > before.txt <<'TEXT'
/returned|500|1|503|busy
/returned|500|1|200|booked
/written|500|2|503|busy
/written|500|2|503|busy
/points/deduct|500|3|200|balance 500
/points/deduct|500|3|200|balance 500
/points/add|500|3|200|balance 500
/points/deduct|900|3|200|balance 500
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see docs/pos-contract.md"; exit 1; }
echo "seen (Fiber $version): the key alone is asked for, and every answer is kept that is not an error of Go"
echo "in Pointbridge: docs/pos-contract.md asks a POS for a refusal that is not remembered, and for 422 where a key comes with another request"
