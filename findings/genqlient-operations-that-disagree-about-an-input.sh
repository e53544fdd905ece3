#!/usr/bin/env bash
# genqlient makes one of two clients, by chance, where operations in two files say differently how the same input type is sent.
#
# Guess: a type is made once for all operations, so that two "@genqlient(for: ...)" lines that disagree about a field of it are an
# error, or the first operation of the first file counts; either way the same files give the same client.
set -euo pipefail
version=v0.8.1
runs=100
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > schema.graphql <<'G'
type Query { a: Int }
type Mutation { first(in: Thing!): Int  second(in: Thing!): Int }
input Thing { name: String  size: Int }
G
cat > operations.graphql <<'G'
# @genqlient(for: "Thing.name", omitempty: true)
mutation First(
  $in: Thing!
) { first(in: $in) }
G
cat > more.graphql <<'G'
mutation Second(
  $in: Thing!
) { second(in: $in) }
G
cat > genqlient.yaml <<'Y'
schema: schema.graphql
operations: [operations.graphql, more.graphql]
generated: generated.go
package: p
Y
cat > go.mod <<'M'
module p
go 1.24
M
cat > tools.go <<'G'
//go:build tools

package p

import _ "github.com/Khan/genqlient"
G
go get "github.com/Khan/genqlient@$version" golang.org/x/tools@v0.51.0 > /dev/null 2>&1
go mod tidy > /dev/null 2>&1
go build -o genqlient github.com/Khan/genqlient

echo "genqlient $version, $runs runs over the same files"
for _ in $(seq "$runs"); do
  ./genqlient genqlient.yaml > log 2>&1 || { echo "it refuses the document:"; cat log; exit 1; }
  grep -o 'Name .*`json:"name[^`]*`' generated.go
done | sort | uniq -c | tee seen
if [ "$(wc -l < seen)" -lt 2 ]; then echo "every run makes the same client; the surprise is gone"; exit 1; fi
echo "expected: an error, or one client. seen: two clients, and no word about it"
echo "in Pointbridge: the comment on guardCreate in integrations/shopify/guard.graphql"
