// Written by hotfix, for `node --test`: a test file whose process ends with 0 before its tests are done has not passed.
// node itself says nothing of the tests that never ran: it takes the exit code for the word.
"use strict";
const { isMainThread } = require("worker_threads");
if (isMainThread && /^child/.test(process.env.NODE_TEST_CONTEXT || "")) {
  // What the tests themselves start is none of them.
  const options = (process.env.NODE_OPTIONS || "").replace(/\s*--require "[^"]*hotfix-watch\.cjs"/, "");
  if (options) process.env.NODE_OPTIONS = options;
  else delete process.env.NODE_OPTIONS;
  const top = process.cwd();
  let done = process.execArgv.includes("--test-force-exit");
  process.once("beforeExit", () => (done = true));
  process.once("exit", (code) => {
    // A script without tests of node's own reports by nothing but its exit code.
    const loaded = process.moduleLoadList || [];
    const reports = loaded.some((name) => name.endsWith(" internal/test_runner/harness"));
    if (done || code || !reports) return;
    const file = require("path").relative(top, process.argv[1] || "");
    require("fs").writeSync(2, `hotfix: ${file} ended its process with 0 before it was done\n`);
    process.exitCode = 1;
  });
}
