// Counts the tests of vitest's own report and prints `N passed, N failed`.
// With --none-skipped it prints what was skipped instead, and fails when there is any.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** What the report says; a run that died before its report counts as one failure. */
function readReport() {
  try {
    return JSON.parse(readFileSync(new URL('report.json', import.meta.url), 'utf8'));
  } catch {
    return { testResults: [{ name: 'no report', status: 'failed', assertionResults: [] }] };
  }
}

const files = readReport().testResults;
const tests = files.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ status, fullName }) => ({
    status,
    at: `${relative('.', name)}: ${fullName}`,
  })),
);
const count = (status) => tests.filter((test) => test.status === status).length;

if (process.argv.includes('--none-skipped')) {
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
  for (const { status, at } of skipped) console.log(`${status}: ${at}`);
  process.exit(skipped.length > 0 ? 1 : 0);
}

// A file that could not be loaded has failed without having a test to show for it.
const broken = files.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
).length;
console.log(`${count('passed')} passed, ${count('failed') + broken} failed`);
