import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent } from '@throughline/core';
import { anyfast } from '@throughline/anyfast';
import { cassette } from '@throughline/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ask, folder, getWeather, nobody, simulated } from './support/weather.ts';

/** Where a run with the weather is recorded. */
async function recordedRun(input?: string): Promise<string> {
  const file = join(await folder(), 'weather.jsonl');
  const simulator = await simulated();
  const reached = { baseURL: simulator.url, apiKey: simulator.key };
  await ask({ ...reached, fetch: cassette(file, { mode: 'record' }) }, input);
  await simulator.close();
  return file;
}

beforeEach(() => {
  vi.stubEnv('THROUGHLINE_CASSETTES', undefined);
  vi.stubEnv('CI', undefined);
});

describe('a request that was not recorded', () => {
  it('fails at once, with the nearest recorded request and its first difference', async () => {
    const file = await recordedRun('How is the weather on Monday?');
    const tape = cassette(file);
    const { error, events } = await ask(
      { ...nobody, fetch: tape },
      'How is the weather on Sunday?',
    );
    expect(error).toMatchObject({ code: 'cassette', retryable: false });
    expect((error as Error).message).toContain(
      'The nearest is request 1 of 2, POST /v1/chat/completions. They first differ at messages[0].content: ' +
        'recorded "How is the weather on Monday?", asked "How is the weather on Sunday?".',
    );
    expect((error as Error).message).toContain('THROUGHLINE_CASSETTES=record');
    expect(events).not.toContainEqual(expect.objectContaining({ type: 'step.retry' }));
  });

  it('is told with both values cut to the place where they part', async () => {
    const long = 'x'.repeat(5000);
    const file = await recordedRun(`${long} Monday ${long}`);
    const { error } = await ask({ ...nobody, fetch: cassette(file) }, `${long} Sunday ${long}`);
    const { message } = error as Error;
    expect(message).toMatch(/recorded …x+ Monday x+…, asked …x+ Sunday x+…/);
    expect(message.length).toBeLessThan(900);
  });

  it('is told what to do about a date in its prompt', async () => {
    const file = await recordedRun('Today is 2026-11-26.');
    const { error } = await ask({ ...nobody, fetch: cassette(file) }, 'Today is 2026-11-27.');
    expect((error as Error).message).toContain('A date or a time in a prompt');
  });

  it('is told that it was recorded, and asked once too often', async () => {
    const file = await recordedRun();
    const tape = cassette(file);
    await ask({ ...nobody, fetch: tape });
    const { error } = await ask({ ...nobody, fetch: tape });
    expect((error as Error).message).toContain('asked once more than it was recorded');
  });

  it('never reaches the endpoint', async () => {
    const file = await recordedRun();
    const simulator = await simulated();
    const { error } = await ask(
      { baseURL: simulator.url, apiKey: simulator.key, fetch: cassette(file) },
      'Other',
    );
    expect(error).toMatchObject({ code: 'cassette' });
    expect(simulator.requests).toHaveLength(0);
  });

  it('fails a client that is not ours with an error that says all of it', async () => {
    const file = await recordedRun();
    await expect(cassette(file)('http://127.0.0.1:9/v1/models')).rejects.toThrow(
      'has no recording of this request (GET /v1/models)',
    );
  });
});

describe('recorded requests that nobody asks for', () => {
  it('are named, and fail a test that says so', async () => {
    const file = await recordedRun();
    const tape = cassette(file);
    expect(() => tape.assertAllUsed()).toThrow(
      '2 of 2 recorded requests of ' +
        file +
        ' were not asked for: request 1 of 2, POST /v1/chat/completions',
    );
    await ask({ ...nobody, fetch: tape });
    expect(tape.unused).toEqual([]);
    tape.assertAllUsed();
  });

  it('and a response that nobody read to its end are told while recording', async () => {
    const file = join(await folder(), 'open.jsonl');
    const { url } = await simulated();
    const tape = cassette(file, { mode: 'record' });
    const response = await tape(`${url}/models`);
    expect(() => tape.assertAllUsed()).toThrow('nobody has read its end');
    await response.text();
    tape.assertAllUsed();
  });
});

describe('how a request finds its recording', () => {
  it('by its body, whatever the order of its keys and its white space', async () => {
    const file = join(await folder(), 'keys.jsonl');
    const { url } = await simulated({ strictness: 'lenient', script: () => ({ text: 'ok' }) });
    const ask = (fetch: typeof globalThis.fetch, body: string) =>
      fetch(`${url}/chat/completions`, { method: 'POST', body }).then((response) =>
        response.text(),
      );
    const live = await ask(
      cassette(file, { mode: 'record' }),
      '{"model":"kimi-k2.6","messages":[{"role":"user","content":"a"}]}',
    );
    const body = '{ "messages": [ { "content": "a", "role": "user" } ], "model": "kimi-k2.6" }';
    expect(await ask(cassette(file), body)).toBe(live);
  });

  it('for runs at the same time, each gets its own answers', async () => {
    const file = join(await folder(), 'many.jsonl');
    const simulator = await simulated({
      script: ({ messages }) => ({
        reasoning: 'Hm.',
        text: `You said ${String(messages.at(-1)?.content)}`,
        pieceDelayMs: 2,
      }),
    });
    const inputs = Array.from({ length: 20 }, (_, at) => `number ${at}`);
    const texts = async (
      fetch: typeof globalThis.fetch,
      baseURL: string,
      asked: readonly string[],
    ) => {
      const agent = new Agent({
        model: anyfast('kimi-k2.6', { baseURL, apiKey: 'simulator-key', fetch }),
      });
      const results = await Promise.all(asked.map((input) => agent.run(input)));
      return results.map(({ text }) => text);
    };
    await texts(cassette(file, { mode: 'record' }), simulator.url, inputs);
    await simulator.close();
    const tape = cassette(file);
    const backwards = inputs.toReversed();
    expect(await texts(tape, nobody.baseURL, backwards)).toEqual(
      backwards.map((input) => `You said ${input}`),
    );
    tape.assertAllUsed();
  });

  it('by the roles and the called tools, with match: shape', async () => {
    const file = await recordedRun('How is the weather on Monday?');
    const tape = cassette(file, { match: 'shape' });
    const { result } = await ask({ ...nobody, fetch: tape }, 'How is the weather on Sunday?');
    expect(result?.text).toBe('Sunny in Oslo. Sunny in Łódź.');
    tape.assertAllUsed();
  });

  it.each([
    ['renamed', ['get_climate']],
    ['removed', []],
  ])('and with match: shape not where a tool was %s: its calls would not run', async (_, names) => {
    const file = await recordedRun();
    const tape = cassette(file, { match: 'shape' });
    const tools = names.map((name) => ({ ...getWeather, name }));
    const model = anyfast('kimi-k2.6', { ...nobody, fetch: tape });
    await expect(new Agent({ model, tools }).run('Other')).rejects.toThrow(
      /no recording .*The tool "get_weather" was offered in the recording, and is not now[.]/,
    );
    expect(tape.unused).toHaveLength(2);
  });

  it('by the roles and the called tools where a tool has come and the tools stand in another order', async () => {
    const file = await recordedRun();
    const tape = cassette(file, { match: 'shape' });
    const model = anyfast('kimi-k2.6', { ...nobody, fetch: tape });
    const tools = [{ ...getWeather, name: 'get_climate' }, getWeather];
    const { text, calls } = await new Agent({ model, tools }).run('Other');
    expect(text).toBe('Sunny in Oslo. Sunny in Łódź.');
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  });

  it('and with match: shape not where another tool was called', async () => {
    const file = await recordedRun();
    const calls = /("tool_calls":\[.{0,99}?"name":)"get_weather"/g;
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(calls, '$1"get_climate"'));
    const tape = cassette(file, { match: 'shape' });
    const { error } = await ask({ ...nobody, fetch: tape }, 'Other');
    expect(tape.unused).toHaveLength(1);
    expect(error).toMatchObject({ code: 'cassette' });
  });
});

describe('the mode of a cassette', () => {
  it('is replay unless something else is asked for', async () => {
    const file = await recordedRun();
    expect(cassette(file).mode).toBe('replay');
    vi.stubEnv('THROUGHLINE_CASSETTES', 'auto');
    expect(cassette(file).mode).toBe('auto');
    expect(cassette(file, { mode: 'record' }).mode).toBe('record');
  });

  it('is never auto in CI', async () => {
    const file = await recordedRun();
    vi.stubEnv('CI', 'true');
    const simulator = await simulated();
    const tape = cassette(file, { mode: 'auto' });
    const { error } = await ask(
      { baseURL: simulator.url, apiKey: simulator.key, fetch: tape },
      'Other',
    );
    expect(tape.mode).toBe('replay');
    expect(error).toMatchObject({ code: 'cassette' });
    expect(simulator.requests).toHaveLength(0);
  });

  it('auto records what is missing and asks for nothing that is there', async () => {
    const file = join(await folder(), 'new.jsonl');
    const simulator = await simulated();
    const reached = { baseURL: simulator.url, apiKey: simulator.key };
    const auto = () => cassette(file, { mode: 'auto' });
    await ask({ ...reached, fetch: auto() }, 'One');
    expect(simulator.requests).toHaveLength(2);
    await ask({ ...reached, fetch: auto() }, 'One');
    expect(simulator.requests).toHaveLength(2);
    await ask({ ...reached, fetch: auto() }, 'Two');
    expect(simulator.requests).toHaveLength(4);
    const tape = cassette(file);
    await ask({ ...nobody, fetch: tape }, 'Two');
    await ask({ ...nobody, fetch: tape }, 'One');
    tape.assertAllUsed();
  });

  it('that is unknown is refused, with where it was set', async () => {
    const file = await recordedRun();
    vi.stubEnv('THROUGHLINE_CASSETTES', 'rec');
    expect(() => cassette(file)).toThrow(
      'THROUGHLINE_CASSETTES is "rec", but it must be "replay", "record" or "auto".',
    );
    expect(() => cassette(file, { mode: 'x' as 'auto' })).toThrow('cassette(): mode is "x"');
  });

  it.each([
    [{ match: 'x' }, 'match is "x"'],
    [{ speed: 2 }, 'speed is 2'],
    [{ redact: 'x' }, 'redact must be a list'],
    [{ redact: [/x/] }, 'redact must be a list'],
    [{ fetch: 'x' }, 'fetch must be a function'],
    [{ modes: 'x' }, 'has no option "modes"'],
  ])('and an option that is none is refused: %o', async (options, words) => {
    expect(() => cassette('x.jsonl', options as object)).toThrow(words);
  });
});

describe('a file', () => {
  it('that is missing is told with how to record it', async () => {
    const file = join(await folder(), 'no.jsonl');
    expect(() => cassette(file)).toThrow(
      `There is no cassette ${file}. Record it with THROUGHLINE_CASSETTES=record`,
    );
  });

  it.each([
    [
      'of something else',
      () => 'import x from "y";\n',
      'is no cassette: its first line is "import x',
    ],
    ['that is empty', () => '', 'is no cassette'],
    ['of bytes', () => Buffer.from([0xff, 0x00]), 'cannot be read'],
    [
      'of another version',
      (text: string) => text.replace('"version":1', '"version":7'),
      'is of version 7; this release reads version 1',
    ],
    ['that is cut in a line', (text: string) => text.slice(0, -20), 'is damaged: line'],
    [
      'that is cut between lines',
      (text: string) => text.split('\n').slice(0, 4).join('\n') + '\n',
      'its exchange has no end',
    ],
    [
      'with garbage in the middle',
      (text: string) => text.replace('{"type":"piece"', '\0\0'),
      'is no JSON object',
    ],
    [
      'with a line that is missing',
      (text: string) => text.split('\n').toSpliced(1, 1).join('\n'),
      'line 2 does not belong here: its type is "response"',
    ],
    [
      'with a response that is none',
      (text: string) => text.replace('"status":200', '"status":2'),
      'is no whole response',
    ],
  ])('%s is refused in words, and not changed', async (_, damage, words) => {
    const file = await recordedRun();
    await writeFile(file, damage(await readFile(file, 'utf8')));
    const before = await readFile(file);
    for (const mode of ['replay', 'auto', 'record'] as const) {
      expect(() => cassette(file, { mode })).toThrow(words);
    }
    expect(await readFile(file)).toEqual(before);
  });

  it('that cannot be written fails the run in words, before the endpoint is asked', async () => {
    const place = join(await folder(), 'no-folder');
    const simulator = await simulated();
    const fetch = cassette(join(place, 'weather.jsonl'), { mode: 'auto' });
    await writeFile(place, 'a file stands where the folder should');
    const { error } = await ask({ baseURL: simulator.url, apiKey: simulator.key, fetch });
    expect(error).toMatchObject({ code: 'cassette' });
    expect((error as Error).message).toContain('cannot be written');
    expect(simulator.requests).toHaveLength(0);
  });

  it('that can no longer be written fails the next request, and the test', async () => {
    const file = join(await folder(), 'weather.jsonl');
    const simulator = await simulated();
    const tape = cassette(file, { mode: 'record' });
    let first = true;
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const response = await tape(url, init);
      if (first) await mkdir(file); // a folder stands where the file should
      first = false;
      return response;
    };
    const { error } = await ask({ baseURL: simulator.url, apiKey: simulator.key, fetch });
    expect(error).toMatchObject({ code: 'cassette' });
    expect(simulator.requests).toHaveLength(1);
    expect(() => tape.assertAllUsed()).toThrow('cannot be written');
  });
});
