import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import type { ModelError } from '@throughline/core';
import { cassette } from '@throughline/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, folder, nobody, simulated, thought } from './support/weather.ts';

describe('a cassette', () => {
  it.each([1, 7, 1000])(
    'plays a run again with the server gone: the same events, message, usage and reasoning (pieces of %i bytes)',
    async (cutBytes) => {
      const file = join(await folder(), 'weather.jsonl');
      const simulator = await simulated({ cutBytes });
      const reached = { baseURL: simulator.url, apiKey: simulator.key };
      const live = await ask({ ...reached, fetch: cassette(file, { mode: 'record' }) });
      await simulator.close();
      const tape = cassette(file, { mode: 'replay' });
      const played = await ask({ ...nobody, fetch: tape });
      tape.assertAllUsed();
      expect(live.result?.stopReason).toBe('answer');
      expect(joined(played.events)).toEqual(joined(live.events));
      expect(played.result?.messages).toEqual(live.result?.messages);
      expect(played.result?.usage).toEqual(live.result?.usage);
      const thoughts = played.result?.messages.flatMap((message) =>
        message.role === 'assistant' ? [message.reasoning_content] : [],
      );
      expect(thoughts).toEqual([thought, `${thought}Now I know.`]);
      expect(simulator.requests).toHaveLength(2);
    },
  );

  it('plays an answer that is not streamed', async () => {
    const file = join(await folder(), 'whole.jsonl');
    const { url: baseURL, key: apiKey } = await simulated();
    const record = cassette(file, { mode: 'record' });
    const live = await ask({ baseURL, apiKey, stream: false, fetch: record });
    const played = await ask({ ...nobody, stream: false, fetch: cassette(file) });
    expect(played.events).toEqual(live.events);
  });

  it('gives the recorded bytes in the recorded pieces, and those that are no text', async () => {
    const pieces = [
      Buffer.from([0xff, 0xfe, 0]),
      Buffer.from('é').subarray(0, 1),
      Buffer.from('x'),
    ];
    const url = await served(async (write) => {
      for (const piece of pieces) await write(piece);
    });
    const file = join(await folder(), 'bytes.jsonl');
    const live = await read(await cassette(file, { mode: 'record' })(url));
    const played = await read(await cassette(file)(url));
    expect(Buffer.concat(played)).toEqual(Buffer.concat(pieces));
    expect(played).toEqual(live);
  });

  it('plays an error with its status, its words and the wait it asked for, and what came after it', async () => {
    const file = join(await folder(), 'error.jsonl');
    const simulator = await simulated({
      faults: [{ fault: 'upstream-overloaded', retryAfter: 0 }],
    });
    const reached = { baseURL: simulator.url, apiKey: simulator.key };
    const live = await ask({ ...reached, fetch: cassette(file, { mode: 'record' }) });
    const statuses = (await lines(file)).flatMap(({ type, status }) =>
      type === 'response' ? [status] : [],
    );
    await simulator.close();
    const tape = cassette(file);
    const played = await ask({ ...nobody, fetch: tape });
    tape.assertAllUsed();
    expect(statuses).toEqual([simulator.requests[0]?.status, 200, 200]);
    expect(played.result?.text).toBe(live.result?.text);
  });

  it('plays a lasting error as the same typed error', async () => {
    const file = join(await folder(), 'refused.jsonl');
    const { url: baseURL } = await simulated();
    const fetch = cassette(file, { mode: 'record' });
    const live = await ask({ baseURL, apiKey: 'sk-wrong-key-123456', fetch });
    const played = await ask({ ...nobody, baseURL, fetch: cassette(file) });
    expect(live.error).toMatchObject({ code: 'authentication', status: 401 });
    expect(played.error).toMatchObject({ code: 'authentication', status: 401 });
    expect(played.error).toHaveProperty('requestId', (live.error as ModelError).requestId);
  });

  it('plays a stream that broke off as one that breaks off', async () => {
    const file = join(await folder(), 'broken.jsonl');
    const simulator = await simulated({ faults: ['cut-in-arguments'] });
    const reached = { baseURL: simulator.url, apiKey: simulator.key };
    const live = await ask({ ...reached, fetch: cassette(file, { mode: 'record' }) });
    await simulator.close();
    const tape = cassette(file);
    const played = await ask({ ...reached, fetch: tape });
    tape.assertAllUsed();
    expect(live.events).toContainEqual(expect.objectContaining({ type: 'step.retry' }));
    expect(joined(played.events)).toEqual(joined(live.events));
  });

  it('plays a connection that was refused', async () => {
    const file = join(await folder(), 'refused.jsonl');
    const options = { ...nobody, retry: { attempts: 1 } };
    const live = await ask({ ...options, fetch: cassette(file, { mode: 'record' }) });
    const played = await ask({ ...options, fetch: cassette(file) });
    expect(live.error).toMatchObject({ code: 'connection' });
    expect((played.error as Error).message).toBe((live.error as Error).message);
  });

  it('plays silence as silence: the transport gives up with the same words', async () => {
    const file = join(await folder(), 'silent.jsonl');
    const { url: baseURL, key: apiKey } = await simulated({
      script: () => ({ text: 'x', delayMs: 60_000 }),
    });
    const options = { baseURL, apiKey, firstByteTimeoutMs: 300, retry: { attempts: 1 } };
    const live = await ask({ ...options, fetch: cassette(file, { mode: 'record' }) });
    const played = await ask({ ...options, fetch: cassette(file) });
    expect(live.error).toMatchObject({ code: 'timeout' });
    expect((played.error as Error).message).toBe((live.error as Error).message);
  });

  it('plays a run that was aborted in the middle of an answer, to be aborted there again', async () => {
    const file = join(await folder(), 'aborted.jsonl');
    const { url: baseURL, key: apiKey } = await simulated({ pieceDelayMs: 20 });
    const enough = new Error('enough');
    const abortedRun = (fetch: typeof globalThis.fetch) =>
      ask({ baseURL, apiKey, fetch }, 'Hi', (event, run) => {
        if (event.type === 'text.delta') run.abort(enough);
      });
    const live = await abortedRun(cassette(file, { mode: 'record' }));
    const ends = (await lines(file)).flatMap(({ type, how }) => (type === 'end' ? [how] : []));
    expect(ends).toEqual(['left']);
    const tape = cassette(file);
    const played = await abortedRun(tape);
    tape.assertAllUsed();
    expect([live.error, played.error]).toEqual([enough, enough]);
    expect(thoughtsIn(played.events)).toBe(thought);
    expect(thoughtsIn(live.events)).toBe(thought);
  });

  it('fails in words where the reader waits for what was not recorded, instead of hanging', async () => {
    const url = await served(async (write) => {
      await write('one');
      await write('two');
    });
    const file = join(await folder(), 'left.jsonl');
    const recorded = (await cassette(file, { mode: 'record' })(url)).body!.getReader();
    await recorded.read();
    await recorded.cancel();
    await expect((await cassette(file)(url)).text()).rejects.toThrow(
      'stopped reading here in the recording, and waits for more in the replay',
    );
  });

  it('rejects with the reason of an abort at once, before and in the middle of a response', async () => {
    const url = await served(async (write) => {
      await write('one');
      await write('two');
    });
    const file = join(await folder(), 'abort.jsonl');
    await read(await cassette(file, { mode: 'record' })(url));
    const before = AbortSignal.abort('not now');
    await expect(cassette(file)(url, { signal: before })).rejects.toBe('not now');
    const controller = new AbortController();
    const response = await cassette(file)(url, { signal: controller.signal });
    const reader = response.body!.getReader();
    await reader.read();
    controller.abort('enough');
    await expect(reader.read()).rejects.toBe('enough');
  });

  it('waits for the recorded times with speed 1, and for none without it', async () => {
    const url = await served(async (write) => {
      await write('one');
      await write('two');
    });
    const file = join(await folder(), 'times.jsonl');
    await read(await cassette(file, { mode: 'record' })(url));
    const text = await readFile(file, 'utf8');
    // As if the second piece had come an hour later.
    await writeFile(file, text.replace(/("text":"two","atMs":)\d+/, '$13600000'));
    expect(Buffer.concat(await read(await cassette(file)(url))).toString()).toBe('onetwo');
    const controller = new AbortController();
    const slow = await cassette(file, { speed: 1 })(url, { signal: controller.signal });
    const reader = slow.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('one');
    const second = reader.read();
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort('waited long enough');
    await expect(second).rejects.toBe('waited long enough');
  });

  it('gives the model the same parts in the same batches', async () => {
    const file = join(await folder(), 'parts.jsonl');
    const { url: baseURL, key: apiKey } = await simulated({ cutBytes: 200 });
    const batches = async (fetch: typeof globalThis.fetch) => {
      const model = anyfast('kimi-k2.6', { baseURL, apiKey, fetch });
      const content = 'How is the weather?';
      const request = {
        messages: [{ role: 'user', content }],
        tools: [],
        toolChoice: 'auto',
      } as const;
      const all: unknown[] = [];
      for await (const batch of model.stream(request, new AbortController().signal))
        all.push(batch);
      return all;
    };
    const live = await batches(cassette(file, { mode: 'record' }));
    expect(live.length).toBeGreaterThan(5);
    expect(await batches(cassette(file))).toEqual(live);
  });
});

/** Deltas that nobody has read yet are joined, so how many there are depends on the reader; what they say does not. */
function joined(events: readonly object[]): readonly object[] {
  const all: Record<string, unknown>[] = [];
  for (const event of events as Record<string, unknown>[]) {
    const same = all.findLast(
      ({ type, callId }) => type === event['type'] && callId === event['callId'],
    );
    const isDelta = String(event['type']).endsWith('.delta');
    if (isDelta && same !== undefined && same['step'] === event['step']) {
      same['delta'] = `${String(same['delta'])}${String(event['delta'])}`;
    } else all.push({ ...event });
  }
  return all;
}

function thoughtsIn(events: readonly object[]): string {
  const deltas = events.filter((event) => 'type' in event && event.type === 'reasoning.delta');
  return deltas.map((event) => ('delta' in event ? String(event.delta) : '')).join('');
}

async function lines(file: string): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function read(response: Response): Promise<readonly Buffer[]> {
  const pieces: Buffer[] = [];
  for await (const piece of response.body!) pieces.push(Buffer.from(piece));
  return pieces;
}

/** A server that writes one body, each piece by itself. */
async function served(
  body: (write: (piece: string | Buffer) => Promise<void>) => Promise<void>,
): Promise<string> {
  const server = createServer(async (_, response) => {
    await body(async (piece) => {
      response.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
