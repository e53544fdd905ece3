#!/usr/bin/env bash
# ogen makes no client from a valid OpenAPI document in which a security scheme and a schema have the same name up to case.
#
# Guess: schemes and schemas are different maps below components, so a scheme "key" and a schema "Key" have nothing to do with
# one another, and a generator that makes types of both tells them apart.
set -euo pipefail
version=v1.25.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > document.json <<'JSON'
{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "security": [{"NAME": []}],
 "paths": {"/keys": {"get": {"operationId": "listKeys", "responses": {"200": {"description": "ok",
   "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Key"}}}}}}}},
 "components": {"schemas": {"Key": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
   "securitySchemes": {"NAME": {"type": "http", "scheme": "bearer"}}}}
JSON
ogen() { sed "s/NAME/$1/" document.json > one.json; go run "github.com/ogen-go/ogen/cmd/ogen@$version" --target "$1" --package p --clean one.json 2>&1; }

echo "ogen $version"
ogen apiKey > other.log || { echo "with a scheme apiKey it makes nothing either:"; tail -n 5 other.log; exit 1; }
echo "scheme apiKey, schema Key: $(ls apiKey | wc -l) files are made"
if ogen key > same.log; then echo "scheme key, schema Key: files are made; the surprise is gone"; exit 1; fi
grep -o 'name conflict: "Key"' same.log || { echo "it fails in another way:"; tail -n 5 same.log; exit 1; }
echo "expected: both are made. seen: the document with scheme key is refused"
echo "in Pointbridge: the names of the security schemes in api/setup.go"
