import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { events } from '@throughline/serve';
import { fileSessions } from '@throughline/sessions';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildPrograms } from '../../../.ci/programs.ts';
import { all, heard, listen, served, world } from './support/world.ts';
import type { Heard } from './support/world.ts';

const tested = fileURLToPath(new URL('../.tested', import.meta.url));
beforeAll(() =>
  buildPrograms(tested, {
    'other-process': fileURLToPath(new URL('support/other-process.ts', import.meta.url)),
  }),
);

/** The run under way in another process, at its tool. */
async function elsewhere(dir: string) {
  const child = spawn(process.execPath, [join(tested, 'other-process.mjs'), dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const ended = once(child, 'close');
  return {
    async goOn() {
      child.stdin.write('go\n');
      expect(await ended).toEqual([0, null]);
    },
  };
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-serve-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test('a run of another process is followed in the store: a reader asks again from its last line, until the end', async () => {
  const dir = await folder();
  const sessions = fileSessions({ dir });
  const other = await elsewhere(dir);
  const url = await listen(events(served(world([], sessions))));
  const told: Heard[] = [];
  /** What an `EventSource` does when a response has ended. */
  const ask = async () => {
    const id = told.findLast((one) => one.id !== undefined)?.id ?? 0;
    const response = await fetch(`${url}?session=chat`, { headers: { 'last-event-id': `${id}` } });
    const text = await response.clone().text();
    const more = response.status === 204 ? [] : await all(heard(response));
    told.push(...more.filter(({ event }) => event !== undefined));
    return { status: response.status, text, more };
  };

  const first = await ask();
  expect(first.text).toMatch(/^retry: 1000\n\n/);
  expect(told.at(-1)?.event).toMatchObject({ type: 'call.start', name: 'wait' });
  const idle = await ask(); // nothing is new, and it is not the end: the reader is to ask again
  expect([idle.status, idle.text]).toEqual([200, 'retry: 1000\n\n']);

  await other.goOn();
  expect((await ask()).status).toBe(200);
  expect(told.at(-1)?.event).toMatchObject({ type: 'run.end', text: 'Waited in another process.' });
  expect((await ask()).status).toBe(204);

  const session = await sessions.open('chat');
  const stored = (await all(session.log.read())).flat();
  await session.close();
  expect(told.map(({ id }) => id)).toEqual(stored.map(({ seq }) => seq));
  expect(told.map(({ event }) => event)).toEqual(stored.map(({ event }) => event));
});

test('where the store cannot be read while it is open, a reader learns that another process has the session', async () => {
  const dir = await folder();
  const { read: _read, ...sessions } = fileSessions({ dir });
  const other = await elsewhere(dir);
  const url = await listen(events(served(world([], sessions))));
  const response = await fetch(`${url}?session=chat`);
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ error: { code: 'session_locked' } });
  await other.goOn();
});
