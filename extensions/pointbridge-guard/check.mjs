// Holds query, inputs and answers against the schema with the helpers that Shopify publishes for Functions.
import fs from "node:fs";
import path from "node:path";
import { loadFixture, loadInputQuery, loadSchema, validateTestAssets } from "@shopify/shopify-function-test-helpers";

const here = process.argv[2];
const schema = await loadSchema(path.join(here, "schema.graphql"));
const inputQueryAST = await loadInputQuery(path.join(here, "run.graphql"));
const mutationName = "cartLinesDiscountsGenerateRun";
const folder = path.join(here, "fixtures");
const files = fs.readdirSync(folder).filter((file) => file.endsWith(".json"));
let wrong = files.length === 0 ? 1 : 0;
for (const file of files) {
  const fixture = await loadFixture(path.join(folder, file));
  const found = await validateTestAssets({
    schema, fixture, inputQueryAST, mutationName, resultParameterName: "result",
  });
  const faults = [found.error, ...found.inputQuery.errors, ...found.inputFixture.errors, ...found.outputFixture.errors];
  for (const fault of faults.filter(Boolean)) {
    console.error(`${file}: ${fault.message ?? fault}`);
    wrong++;
  }
}
console.log(`${files.length} fixtures, ${wrong} faults`);
process.exit(wrong > 0 ? 1 : 0);
