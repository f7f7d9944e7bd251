import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { bounds, Ledger } from '../../src/memory/ledger.ts';

const request = { method: 'POST', url: '/v1/chat/completions', headers: {} } as IncomingMessage;

test('a simulator that runs for days keeps a bounded number of records, lints and characters', () => {
  const ledger = new Ledger(undefined, {});
  const record = (text: string) => {
    const opened = ledger.open(request);
    opened.bodyText = text;
    ledger.countAttempt(opened);
    ledger.lint(opened, [{ name: 'lint', message: 'It is so.' }]);
    ledger.close(opened);
    return opened;
  };
  for (let n = 0; n < bounds.records + 5; n += 1) record('');
  expect([ledger.requests.length, ledger.lints.length]).toEqual([bounds.records, bounds.records]);
  expect(ledger.requests[0]?.index).toBe(5);
  expect(ledger.lints[0]?.request).toBe(5);

  const large = 'x'.repeat(bounds.bodyChars / 4 + 1);
  const records = Array.from({ length: 4 }, (_, n) => record(n + large));
  expect(records.map(({ bodyText }) => bodyText !== '')).toEqual([false, true, true, true]);
});
