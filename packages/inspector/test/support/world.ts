import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import { inspector } from '@throughline/inspector';
import { fileSessions } from '@throughline/sessions';
import { cassette, scriptedModel } from '@throughline/testing';
import type { ModelScript } from '@throughline/testing';
import { onTestFinished } from 'vitest';
import * as z from 'zod';

/** A door that a test opens: a tool waits behind it, so that a test needs no clock. */
export function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  let entered: () => void = () => {};
  const waiting = new Promise<void>((resolve) => (entered = resolve));
  return { open, opened, waiting, entered };
}

export async function folder() {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-inspector-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const usage = {
  inputTokens: 1200,
  cachedTokens: 900,
  outputTokens: 80,
  reasoningTokens: 40,
  costUsd: 0.0012,
};

/** An agent with a tool of each kind over a scripted model, a folder of sessions, and an inspector of them. */
export async function world(script: ModelScript, { acting = true } = {}) {
  const dir = await folder();
  const did: string[] = [];
  const door = gate();
  const city = z.object({ city: z.string() });
  const tools = [
    tool({
      name: 'weather',
      description: 'The weather in a city.',
      inputSchema: city,
      effect: 'read',
      execute: ({ city }) => {
        did.push(`weather ${city}`);
        return `sunny in ${city}`;
      },
    }),
    tool({
      name: 'wait',
      description: 'Waits behind a door, and tells how it goes.',
      inputSchema: city,
      effect: 'write',
      async *execute({ city }, { signal }) {
        did.push(`wait ${city}`);
        yield { at: 'the door' };
        door.entered();
        await Promise.race([
          door.opened,
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          }),
        ]);
        return `waited in ${city}`;
      },
    }),
    tool({
      name: 'wipe',
      description: 'Wipes a city off the map.',
      inputSchema: city,
      effect: 'destructive',
      execute: ({ city }) => {
        did.push(`wipe ${city}`);
        return `${city} is gone`;
      },
    }),
  ];
  const told: ModelScript =
    typeof script === 'function' ? script : script.map((answer) => ({ usage, ...answer }));
  const model = scriptedModel(told);
  const agent = new Agent({ model, tools, name: 'guide', instructions: 'Be helpful.' });
  const sessions = fileSessions({ dir, sync: false });
  const inspect = inspector({
    sessions,
    ...(acting ? { agent } : {}),
    body: ({ request }) => anyfast.body('kimi-k2.6', request),
    cassette: ({ file, log, runId }) =>
      cassette.fromSession(file, log, {
        body: (_, request) => anyfast.body('kimi-k2.6', request),
        runId,
      }),
  });
  const server = await inspect.listen();
  onTestFinished(() => server.close());
  const origin = new URL(server.url).origin;
  /** Asks the API as the page does. */
  const ask = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${origin}/api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-throughline-token': inspect.token, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) as never };
  };
  /** One run in a session, from its start to its end. */
  const run = async (id: string, input: string) => {
    const session = await sessions.open(id);
    try {
      return await agent.run(input, { session });
    } finally {
      await session.close();
    }
  };
  return { dir, did, door, agent, model, sessions, inspect, server, origin, ask, run };
}

export const call = (name: string, city: string) => ({ name, arguments: { city } });
