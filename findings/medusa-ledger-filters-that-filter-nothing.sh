#!/usr/bin/env bash
# Medusa 2.21.2 with @medusajs/loyalty-plugin 2.21.1 (npm) on PostgreSQL: its store credit as a ledger of points.
#
# GET /admin/store-credit-accounts/{id}/transactions refuses a filter that it does not know with 400, so one that it takes
# should be heeded.
# Expected: q=<text of no entry> and created_at[gte]=<a day to come> (how Medusa 1 wrote it; now it is $gte) find nothing, or are
# refused as well.
# Seen: both are taken, and every entry comes back with 200. created_at[$gte] is heeded.
#
# A look-up over such a list proves nothing by what comes back: each entry is held against the reference, and "not there" counts
# only of a list that was read to its end (Find in test/medusa/adapter_test.go, readHistory in integrations/pos/generic/history.go).
# It takes some minutes and 700 MB in the user's cache. Exits 0 while this is so, 1 when it has changed.
set -euo pipefail
if [ -z "${MEDUSA_TOKEN:-}" ]; then
  scripts=$(cd "$(dirname "$0")/../scripts" && pwd)
  exec "$scripts/with-postgres" "$scripts/with-medusa" bash "$0"
fi

exec node - <<'JS'
const call = async (path, body) => {
  const res = await fetch(process.env.MEDUSA_URL + path, {
    method: body ? "POST" : "GET", body: body && JSON.stringify(body),
    headers: { "Content-Type": "application/json", Authorization: "Bearer " + process.env.MEDUSA_TOKEN },
  })
  return { status: res.status, body: await res.json() }
}

const main = async () => {
  const { customer } = (await call("/admin/customers", { email: "finding@example.com" })).body
  const made = await call("/admin/store-credit-accounts", { customer_id: customer.id, currency_code: "jpy" })
  const account = "/admin/store-credit-accounts/" + made.body.store_credit_account.id
  await call(account + "/credit", { amount: 10, note: "Welcome" })
  await call(account + "/debit", { amount: 1, note: "COUPON-1" })
  const listed = async (filter) => {
    const got = await call(account + "/transactions?" + filter)
    console.log(`  ${decodeURIComponent(filter)}: ${got.status}, ${got.body.transactions?.length ?? "no"} entries`)
    return got
  }
  const day = "2099-01-01T00:00:00Z"
  const unknown = await listed("note=COUPON-2")
  const search = await listed("q=COUPON-2")
  const old = await listed(`${encodeURIComponent("created_at[gte]")}=${day}`)
  const since = await listed(`${encodeURIComponent("created_at[$gte]")}=${day}`)
  const all = (got) => got.status === 200 && got.body.transactions.length === 2
  if (unknown.status === 400 && all(search) && all(old) && since.body.transactions.length === 0) return
  console.log("this has changed")
  process.exit(1)
}
main().catch((e) => { console.error(e); process.exit(1) })
JS
