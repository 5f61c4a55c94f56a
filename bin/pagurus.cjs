#!/usr/bin/env node
"use strict";
// libuv reads the size of its pool once, before any ES module runs: it can only be set here.
process.env.UV_THREADPOOL_SIZE ||= "16";

const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const main = join(__dirname, "..", "dist", "src", "cli", "main.js");
if (existsSync(main)) {
  void import(pathToFileURL(main).href);
} else {
  process.stderr.write(
    "pagurus: This checkout has not been built; run `npm run build`, or use `npm run pagurus -- …` instead.\n",
  );
  process.exitCode = 1;
}
