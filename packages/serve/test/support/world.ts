import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, tool } from '@throughline/core';
import type { RunEvent, SessionStore, Tool } from '@throughline/core';
import { nodeHandler, servedRuns } from '@throughline/serve';
import type { ServeOptions, WebHandler } from '@throughline/serve';
import { memorySessions, scriptedModel } from '@throughline/testing';
import type { ModelScript } from '@throughline/testing';
import { expect, onTestFinished } from 'vitest';
import * as z from 'zod';

/** A door that a test opens: a tool waits behind it, so that a test needs no clock. */
export function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  let entered: () => void = () => {};
  const waiting = new Promise<void>((resolve) => (entered = resolve));
  return { open, opened, waiting, entered };
}

export interface World {
  readonly agent: Agent;
  readonly tools: readonly Tool<unknown>[];
  readonly sessions: SessionStore;
  /** What the tools did, in order. */
  readonly did: string[];
  readonly gate: ReturnType<typeof gate>;
}

/** An agent with a tool of each kind, over a scripted model. */
export function world(script: ModelScript, sessions: SessionStore = memorySessions()): World {
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
        return { city, sky: 'sunny' };
      },
    }),
    tool({
      name: 'wait',
      description: 'Waits behind a door, and tells how it goes.',
      inputSchema: city,
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
        yield { at: 'the room' };
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
  const agent = new Agent({ model: scriptedModel(script), tools });
  return { agent, tools, sessions, did, gate: door };
}

/** An agent whose one call asks the agent of a world. */
export function boss({ agent }: World): Agent {
  const calls = [{ name: 'wiper', arguments: { task: 'Wipe.' } }];
  return new Agent({
    model: scriptedModel([{ calls }, { text: 'All done.' }]),
    tools: [agent.asTool({ name: 'wiper', description: 'Wipes.' })],
  });
}

/** Served runs of a world whose requests may use the session that they name. */
export function served(world: World, options: Partial<ServeOptions> = {}) {
  const { agent, sessions } = world;
  const runs = servedRuns({
    agent,
    sessions,
    authorize: (_, session) => ({ session }),
    ...options,
  });
  onTestFinished(() => runs.close());
  return runs;
}

/** A server on this machine; returns its address. */
export async function listen(handle: WebHandler): Promise<string> {
  const server = createServer(nodeHandler(handle));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

export function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  });
}

export interface Heard {
  readonly id?: number;
  readonly event?: RunEvent;
}

/** Reads server-sent events one by one, until the stream ends or the reader leaves. */
export async function* heard(response: Response): AsyncGenerator<Heard> {
  for await (const block of blocks(response)) {
    const fields = Object.fromEntries(block.split('\n').map((line) => split(line)));
    const { id, data, event } = fields;
    if (data !== undefined) expect((JSON.parse(data) as RunEvent).type).toBe(event);
    yield {
      ...(id === undefined ? {} : { id: Number(id) }),
      ...(data === undefined ? {} : { event: JSON.parse(data) as RunEvent }),
    };
  }
}

/** The blocks of a stream: what stands between two empty lines. */
export async function* blocks(response: Response): AsyncGenerator<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const whole = text.split('\n\n');
    text = whole.pop() ?? '';
    yield* whole;
  }
  expect(text).toBe('');
}

function split(line: string): readonly [string, string] {
  const at = line.indexOf(': ');
  return [line.slice(0, at), line.slice(at + 2)];
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
