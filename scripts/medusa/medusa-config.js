// A shop system of others whose store credit the tests use as a ledger of points: without pages, without a queue of its own.
const { defineConfig } = require("@medusajs/framework/utils")

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    http: {
      storeCors: "http://127.0.0.1",
      adminCors: "http://127.0.0.1",
      authCors: "http://127.0.0.1",
      jwtSecret: process.env.MEDUSA_SECRET,
      cookieSecret: process.env.MEDUSA_SECRET,
    },
  },
  admin: { disable: true },
  plugins: [{ resolve: "@medusajs/loyalty-plugin", options: {} }],
})
