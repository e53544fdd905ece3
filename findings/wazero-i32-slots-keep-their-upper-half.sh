#!/usr/bin/env bash
# wazero gives a host function its parameters in slots of 64 bits. Of an i32 only the lower half counts, and compiled code
# leaves in the upper one what was there, while the interpreter clears it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > module.ts <<'TS'
@external("host", "wide")
declare function wide(value: i64): void;
@external("host", "take")
declare function take(value: i32): void;
export function give(value: i64): void { wide(value); take(5); }
TS
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

func main() {
	ctx := context.Background()
	module, err := os.ReadFile("module.wasm")
	if err != nil {
		panic(err)
	}
	for _, config := range []wazero.RuntimeConfig{wazero.NewRuntimeConfigInterpreter(), wazero.NewRuntimeConfigCompiler()} {
		runtime := wazero.NewRuntimeWithConfig(ctx, config)
		take := func(_ context.Context, _ api.Module, stack []uint64) { fmt.Printf("%x/%x ", stack[0], api.DecodeU32(stack[0])) }
		wide := func(context.Context, api.Module, []uint64) {}
		_, err := runtime.NewHostModuleBuilder("host").NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(take),
			[]api.ValueType{api.ValueTypeI32}, nil).Export("take").NewFunctionBuilder().
			WithGoModuleFunction(api.GoModuleFunc(wide), []api.ValueType{api.ValueTypeI64}, nil).Export("wide").Instantiate(ctx)
		if err != nil {
			panic(err)
		}
		instance, err := runtime.Instantiate(ctx, module)
		if err != nil {
			panic(err)
		}
		if _, err := instance.ExportedFunction("give").Call(ctx, 0x700000005); err != nil {
			panic(err)
		}
	}
	fmt.Println()
}
GO
npm install --silent --no-fund --no-audit assemblyscript@0.28.20 >/dev/null
npx asc module.ts --outFile module.wasm --runtime stub -O
go mod init finding >/dev/null 2>&1
go get github.com/tetratelabs/wazero@v1.12.0 >/dev/null 2>&1
go run . > seen.txt
echo "wazero 1.12.0, a host function that is given the i32 5, after another was given the i64 0x700000005"
echo "expected: the slot holds 5 with the interpreter and with the compiler"
echo "slot/lower half, interpreter and compiler: $(cat seen.txt)"
[ "$(cat seen.txt)" = "5/5 700000005/5 " ] || { echo "this has changed; see integrations/sim/functions/read.go"; exit 1; }
echo "seen: the compiler leaves the upper half; integrations/sim/functions reads every i32 with api.DecodeU32"
