import { expect, test } from 'vitest';
import { startSimulator } from '../src/index.ts';
import { streamed } from './support.ts';

test('the program of the README shows an answer that is cut, asked for again and served', async () => {
  // #region use
  const simulator = await startSimulator({
    script: [
      {
        reasoning: 'I need the weather.',
        calls: [{ name: 'get_weather', arguments: { city: 'Paris' } }],
      },
      { text: 'Sunny, 25 °C.' },
    ],
    faults: ['cut-in-arguments', { fault: 'upstream-overloaded', after: 1, retryAfter: 2 }],
  });
  const ask = (body: object) =>
    fetch(`${simulator.url}/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${simulator.key}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  // #endregion
  const read = async () => (await ask(streamed())).text().catch((error: unknown) => String(error));
  const cut = await read();
  expect(cut).not.toContain('[DONE]');
  const busy = await ask(streamed());
  expect(busy.headers.get('retry-after')).toBe('2');
  await busy.text();
  expect(await read()).toContain('get_weather');
  // #region records
  const attempt = simulator.requests[1]?.attempt; // 2: the same bytes again, after the cut
  const lints = simulator.lints; // what was let through, and is not what a careful client sends
  await simulator.close();
  // #endregion
  expect(attempt).toBe(2);
  expect(lints.map(({ name }) => name)).toEqual(['retry-too-early']);
});
