#!/bin/sh
# github.com/descope/virtualwebauthn v1.0.3, a software authenticator for tests, writes the coordinates of a P-256 key into the
# COSE key without the zero bytes they may begin with (ec2.go: privateKey.X.Bytes()). RFC 9053, section 7.1.1, has the length
# fixed: leading zero octets MUST be preserved. About one key in 128 is written shorter, and verifiers that hold to the RFC, such as
# github.com/go-webauthn/webauthn v0.18.2, refuse its registration: a test that registers a fresh key fails now and then.
# Expected: every key has 77 bytes. Seen: some have fewer. This exits with 1 once that changes.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/descope/virtualwebauthn"
)

func main() {
	const whole, draws = 77, 5000
	short := 0
	for range draws {
		key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		if len(key.Key.AttestationData()) < whole {
			short++
		}
	}
	fmt.Printf("virtualwebauthn v1.0.3: %d of %d keys are written with a coordinate of fewer than 32 bytes\n", short, draws)
	if short == 0 {
		fmt.Println("this has changed")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/descope/virtualwebauthn@v1.0.3 >/dev/null 2>&1
go run .
