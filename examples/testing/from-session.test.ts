import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import { fileSessions } from '@throughline/sessions';
import { startSimulator } from '@throughline/simulator';
import { cassette } from '@throughline/testing';
import { expect, it } from 'vitest';
import { weatherAgent } from './weather-agent.ts';

it('plays a stored session', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'from-session-'));
  const simulator = await startSimulator({
    script: [{ reasoning: 'Oslo.', text: 'It is sunny.' }],
  });
  const live = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
  const stored = await fileSessions({ dir }).open('chat-1');
  const { messages } = await weatherAgent(live).run('How is Oslo?', { session: stored });
  await stored.close();
  await simulator.close();

  // #region from-session
  const session = await fileSessions({ dir }).open('chat-1');
  await cassette.fromSession(join(dir, 'chat-1.cassette'), session, { body: anyfast.body });
  await session.close();
  // #endregion

  const tape = cassette(join(dir, 'chat-1.cassette'), { mode: 'replay' });
  const model = anyfast('kimi-k2.6', { fetch: tape, apiKey: 'none-to-replay' });
  expect((await weatherAgent(model).run('How is Oslo?')).messages).toEqual(messages);
  tape.assertAllUsed();
  await rm(dir, { recursive: true });
});
