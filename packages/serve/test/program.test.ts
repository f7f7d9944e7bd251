import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from '@throughline/core';
import type { Model } from '@throughline/core';
import { agUi, aiSdk, events, nodeHandler, servedRuns } from '@throughline/serve';
import { fileSessions } from '@throughline/sessions';
import { scriptedModel } from '@throughline/testing';
import { expect, onTestFinished, test } from 'vitest';
import { versions } from './support/chat.ts';

/** Stands for the host's own way to know who asks. */
const userOf = (request: Request) => request.headers.get('x-user') ?? 'guest';

function program(model: Model, dir: string) {
  // #region use
  const agent = new Agent({ model, instructions: 'Be helpful.' });

  const runs = servedRuns({
    agent,
    sessions: fileSessions({ dir }),
    authorize(request, id) {
      const user = userOf(request); // your own log-in; a client may name any id
      return user === undefined ? undefined : { session: `${user}/${id}` };
    },
  });

  const chat = nodeHandler(aiSdk(runs)); // useChat of the AI SDK
  const copilot = nodeHandler(agUi(runs)); // HttpAgent of AG-UI
  const log = nodeHandler(events(runs)); // EventSource, curl

  const server = createServer((incoming, outgoing) => {
    const { url = '/' } = incoming;
    if (url.startsWith('/api/chat')) chat(incoming, outgoing);
    else if (url.startsWith('/ag-ui')) copilot(incoming, outgoing);
    else if (url.startsWith('/runs')) log(incoming, outgoing);
    else outgoing.writeHead(404).end();
  });
  // #endregion
  return { runs, server };
}

/** The same for a framework of web handlers. */
function routes(runs: ReturnType<typeof program>['runs']) {
  // #region web
  const chat = aiSdk(runs);
  const POST = (request: Request) => chat(request);
  const GET = (request: Request) => chat(request); // …/[id]/stream: a page that comes back
  // #endregion
  return { POST, GET };
}

test('the program of the README serves the AI SDK, AG-UI and plain events, each user apart', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-serve-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const { runs, server } = program(
    scriptedModel(() => ({ text: 'Hello.' })),
    dir,
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await runs.close();
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [, chatOf] = versions[0]!;
  const chat = chatOf({ api: `${url}/api/chat`, id: 'a' });
  await chat.sendMessage({ text: 'Hi.' });
  expect([chat.error, chat.messages.length]).toEqual([undefined, 2]);
  const body = JSON.stringify({ session: 'a', input: 'Hi.' });
  const headers = { 'content-type': 'application/json', 'x-user': 'ada' };
  const told = await fetch(`${url}/runs`, { method: 'POST', headers, body });
  expect(await told.text()).toContain('"text":"Hello."');
  expect((await fetch(`${url}/ag-ui`, { method: 'POST', headers, body: '{}' })).status).toBe(400);
  expect((await fetch(url)).status).toBe(404);
  const { GET } = routes(runs);
  expect((await GET(new Request(`${url}/api/chat/a/stream`))).status).toBe(204);
  const sessions = fileSessions({ dir });
  expect((await sessions.list()).map(({ id }) => id).toSorted()).toEqual(['ada/a', 'guest/a']);
});
