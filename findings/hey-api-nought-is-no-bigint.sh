#!/usr/bin/env bash
# A generator of TypeScript clients that was asked for bigint makes one of every balance but 0, and of no number in a list, while its
# types say bigint of all of them.
#
# Guess: with bigInt: true of its transformers, what an OpenAPI document calls an int64 is a bigint when it comes, as the types have it,
# whether a field is required, optional or may be null, and in lists and maps.
set -euo pipefail
version=0.95.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit "@hey-api/openapi-ts@$version" typescript@5.9.3 > /dev/null
cat > api.json <<'JSON'
{"openapi": "3.1.0", "info": {"title": "Ledger", "version": "1"},
 "paths": {"/member": {"get": {"operationId": "getMember", "responses": {"200": {"description": "A member.",
   "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Member"}}}}}}}},
 "components": {"schemas": {"Member": {"type": "object", "required": ["points", "before"], "properties": {
   "points": {"type": "integer", "format": "int64"},
   "before": {"type": ["integer", "null"], "format": "int64"},
   "limit": {"type": "integer", "format": "int64"},
   "moved": {"type": "array", "items": {"type": "integer", "format": "int64"}},
   "by_reason": {"type": "object", "additionalProperties": {"type": "integer", "format": "int64"}}}}}}}
JSON
cat > make.mjs <<'JS'
import { createClient } from '@hey-api/openapi-ts';

await createClient({
  input: 'api.json', output: 'client',
  plugins: ['@hey-api/client-fetch', { name: '@hey-api/sdk', transformer: true }, { name: '@hey-api/transformers', bigInt: true, dates: true }],
});
JS
node make.mjs > log 2>&1 || { cat log; exit 1; }
npx tsc --target es2022 --module commonjs --skipLibCheck --outDir js client/*.gen.ts
cat > main.cjs <<'JS'
const { createServer } = require('node:http');
const { getMember } = require('./js/sdk.gen.js');

let points;
const ledger = createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ points, before: points, limit: points, moved: [points], by_reason: { sale: points } }));
});
ledger.listen(0, '127.0.0.1', async () => {
  for (points of [500, 0]) {
    const { data, error } = await getMember({ baseUrl: `http://127.0.0.1:${ledger.address().port}` });
    if (error) throw new Error(JSON.stringify(error));
    const kinds = { ...data, moved: data.moved[0], by_reason: data.by_reason.sale };
    for (const [field, value] of Object.entries(kinds)) console.log(`${field}|${points}|${typeof value}`);
  }
  ledger.close();
  ledger.closeAllConnections();
});
JS
node main.cjs > seen.txt
typed() { sed -n '/^export type Member = {/,/^};/p' client/types.gen.ts | grep -A1 "^ *$1?*:" | grep -o 'bigint' | head -n 1; }
(echo 'field|value|comes as|typed as'; while IFS='|' read -r field rest; do echo "$field|$rest|$(typed "$field")"; done < seen.txt) | column -t -s '|'
cat > before.txt <<'TEXT'
points|500|bigint
before|500|bigint
limit|500|bigint
moved|500|number
by_reason|500|bigint
points|0|bigint
before|0|number
limit|0|number
moved|0|number
by_reason|0|bigint
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see docs/pos-contract.md"; exit 1; }
echo "expected: bigint ten times"
echo "seen (@hey-api/openapi-ts $version): a field that may be missing or null is turned only where it is not 0, and a list is left as it came"
echo "in Pointbridge: docs/pos-contract.md says so to those who generate a client from /openapi.json, where balances may be null"
