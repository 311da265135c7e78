// node .ci/summary.mjs REPORT.json: counts the tests of a vitest report. Exit status 1 unless all went well.
import { existsSync, readFileSync } from 'node:fs';

const path = process.argv[2];
const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { testResults: [], success: false };
const tests = report.testResults.flatMap((file) => file.assertionResults);
// A file that could not even be loaded has no tests to count: it counts as one that failed.
const unloaded = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
);
const evaded = tests.filter(
  ({ status, fullName }) => status !== 'passed' && status !== 'failed' && /needs? (?:cc|chromium)/.test(fullName),
);
for (const { fullName } of evaded) console.error(`ci: skipped, though its tool has to be here: ${fullName}`);

const count = (status) => tests.filter((test) => test.status === status).length;
const passed = count('passed');
const failed = count('failed') + unloaded.length + evaded.length;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = report.success && failed === 0 && passed > 0 ? 0 : 1;
