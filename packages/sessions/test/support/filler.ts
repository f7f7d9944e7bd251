// A process that fills a session until it cannot, and says why. Started by the tests, built into one file.
import type { ThroughlineError } from '@throughline/core';
import { fileSessions } from '../../src/index.ts';

const [dir = '.', id = 'chat', chars = '3000', most = '1000'] = process.argv.slice(2);

const tell = (what: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(what)}\n`);

try {
  const session = await fileSessions({ dir }).open(id);
  const run = session.begin('r');
  let acknowledged = 0;
  try {
    for (let at = 0; at < Number(most); at++) {
      const content = `${at} ${'x'.repeat(Number(chars))}`;
      const messages = [{ role: 'user' as const, content }];
      const event = { type: 'message', runId: 'r', source: 'input', messages } as const;
      await run.record({ key: `input/${at}`, event });
      acknowledged++;
    }
  } finally {
    tell({ acknowledged, peakBytes: process.resourceUsage().maxRSS * 1024 });
    await session.close();
  }
} catch (error) {
  const { code, message, cause } = error as ThroughlineError;
  tell({ code, message, cause: (cause as NodeJS.ErrnoException | undefined)?.code });
}
