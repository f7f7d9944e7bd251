import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import { inspector } from '@throughline/inspector';
import { cassette } from '@throughline/testing';
import { expect, onTestFinished, test } from 'vitest';
import type { RowsAnswer } from '../src/shown.ts';
import { call, folder, world } from './support/world.ts';

test('a cassette of a session plays its answers again, also while another process has the session open', async () => {
  const { sessions, agent, run, ask } = await world([
    { reasoning: 'I look at the sky.', calls: [call('weather', 'Oslo')] },
    { text: 'It is sunny in Oslo.' },
    { text: 'You are welcome.' },
  ]);
  const { messages } = await run('trip', 'Shall I take an umbrella?');
  await run('trip', 'Thanks.');
  const { rows } = (await ask('rows?id=trip&from=0&count=9')).json() as RowsAnswer;
  const held = await sessions.open('trip');
  const ofRun = await ask(`cassette?id=trip&run=${rows[0]!.runId}`);
  const ofAll = await ask('cassette?id=trip');
  await held.close();
  expect(ofAll.text.length).toBeGreaterThan(ofRun.text.length);
  const file = join(await folder(), 'trip.jsonl');
  await writeFile(file, ofRun.text);
  const tape = cassette(file, { mode: 'replay' });
  const model = anyfast('kimi-k2.6', { fetch: tape, apiKey: 'none-to-replay' });

  const again = new Agent({ model, instructions: 'Be helpful.', tools: agent.tools });
  expect((await again.run('Shall I take an umbrella?')).messages).toEqual(messages);
  tape.assertAllUsed();
});

test('what cannot be made a cassette of is said in words, and nothing of it is left on the disk', async () => {
  const { sessions, run, ask, origin } = await world([{ text: 'Hello.' }]);
  await run('chat', 'Hi.');
  const left = async () =>
    (await readdir(tmpdir())).filter((name) => name.startsWith('throughline-cassette-'));
  const before = await left();
  expect((await ask('cassette?id=nothing')).text).toContain('There is no session');
  expect((await ask('cassette?id=chat&run=another')).text).toContain('has no answer');
  expect((await fetch(`${origin}/api/cassette?id=chat`)).status).toBe(401);
  expect(await left()).toEqual(before);
  const without = inspector({ sessions });
  const server = await without.listen();
  onTestFinished(() => server.close());
  const headers = { 'x-throughline-token': without.token };
  const answer = await fetch(`${new URL(server.url).origin}/api/cassette?id=chat`, { headers });
  expect(await answer.text()).toContain('No cassette can be made');
});
