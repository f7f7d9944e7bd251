import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import type { Capabilities, EndpointUse } from '@throughline/anyfast';
import { Agent, limit, tool } from '@throughline/core';
import type { RunEvent } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { SimulatorOptions } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scriptedHost } from '../src/doctor/scripted-host.ts';
import { examined } from './support/examined.ts';
import { startGateway } from './support/gateway.ts';
import type { Gateway } from './support/gateway.ts';
import { newFolder, throughline } from './support/throughline.ts';

const key = 'sk-doctor-file-0123456789';

async function place(options: SimulatorOptions = {}, gateway?: Gateway) {
  const simulator = await startSimulator({ script: scriptedHost, key, ...options });
  onTestFinished(() => simulator.close());
  const baseURL =
    gateway === undefined ? simulator.url : await startGateway(simulator.url, gateway);
  return { simulator, baseURL, env: { ANYFAST_BASE_URL: baseURL, ANYFAST_API_KEY: key } };
}

const getWeather = tool({
  name: 'get_weather',
  description: 'The weather in a city.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  effect: 'read',
  execute: () => 'hail',
});

async function written(cwd: string): Promise<Capabilities> {
  return JSON.parse(await readFile(join(cwd, 'doctor.json'), 'utf8')) as Capabilities;
}

/** How a run with a call goes at the base URL: what it says, or how it fails, and its warnings. */
async function runAt(baseURL: string, capabilities?: object) {
  const model = anyfast('kimi-k2.6', {
    apiKey: key,
    baseURL,
    ...(capabilities === undefined ? {} : { capabilities }),
  });
  const agent = new Agent({ model, tools: [getWeather], limits: [limit.tokens(1_000_000)] });
  const warnings: string[] = [];
  const run = agent.stream('What is the weather in Paris?');
  const told = (async () => {
    for await (const event of run as AsyncIterable<RunEvent>) {
      if (event.type === 'warning') warnings.push(event.message);
    }
  })();
  await told.catch(() => undefined);
  const said = await run.result.then(
    ({ text }) => text,
    (error: unknown) => String(error),
  );
  return { said, warnings };
}

const refusing = (field: string, isIn: (body: Readonly<Record<string, unknown>>) => boolean) => ({
  refuses: (body: Readonly<Record<string, unknown>>) =>
    isIn(body) ? `Extra inputs are not permitted: ${field}` : undefined,
});
const withoutUsage = (text: string) => text.replaceAll(/,"usage":\{(?:[^{}]|\{[^{}]*\})*\}/g, '');

interface Host {
  readonly way: string;
  readonly options?: SimulatorOptions;
  readonly gateway?: Gateway;
  readonly use: EndpointUse;
  /** What a run without the file says. */
  readonly before: RegExp;
}

describe('throughline doctor --write', () => {
  it.each<Host>([
    {
      way: 'takes thoughts back under another key than it sends them',
      options: { faults: [{ fault: 'reasoning-key', times: 999 }] },
      use: { reasoningKey: 'reasoning_content' },
      before: /From now on reasoning is sent as reasoning_content/,
    },
    {
      way: 'counts tokens in whole answers only',
      gateway: { answers: (text, { stream }) => (stream === true ? withoutUsage(text) : text) },
      use: { stream: false },
      before: /did not count the tokens/,
    },
    {
      way: 'refuses stream_options',
      gateway: refusing('stream_options', (body) => 'stream_options' in body),
      use: { omit: ['stream_options'] },
      before: /not permitted: stream_options/,
    },
    {
      way: 'refuses to keep thoughts',
      gateway: refusing('keep', ({ thinking }) => Object.hasOwn(Object(thinking), 'keep')),
      use: { thinking: { type: 'enabled' } },
      before: /not permitted: keep/,
    },
    {
      way: 'knows no field thinking',
      gateway: refusing('thinking', (body) => 'thinking' in body),
      use: { omit: ['thinking'] },
      before: /not permitted: thinking/,
    },
    {
      way: 'does not stream',
      gateway: refusing('stream', ({ stream }) => stream === true),
      use: { stream: false },
      before: /not permitted: stream/,
    },
  ])('makes an agent work at a host that $way', async ({ options, gateway, use, before }) => {
    const { baseURL, env } = await place(options, gateway);
    const cwd = await newFolder();
    const first = await runAt(baseURL);
    expect([first.said, ...first.warnings].join('\n')).toMatch(before);
    const { out, err } = await examined(['--write', 'doctor.json'], env, cwd);
    expect(err).toContain(`Written to ${join(cwd, 'doctor.json')}`);
    expect(out).toContain(`use ${JSON.stringify(use)}`);
    const file = await written(cwd);
    expect(file).toMatchObject({ version: 1, baseURL, model: 'kimi-k2.6' });
    expect(file.use).toEqual(use);
    expect(await runAt(baseURL, file)).toEqual({ said: 'It says: hail.', warnings: [] });
  });

  it('leaves a host alone that needs nothing', async () => {
    const { env } = await place();
    const cwd = await newFolder();
    await examined(['--write', 'doctor.json'], env, cwd);
    expect((await written(cwd)).use).toEqual({});
    expect(await readdir(cwd)).toEqual(['doctor.json']);
  });

  it('writes no key, however the host repeats it, and none of its own questions', async () => {
    const bare = key.replace('sk-', '');
    const { env } = await place(
      {},
      {
        refuses: (body) =>
          body['stream'] === true ? `The token ${key} (${bare}) may not` : undefined,
      },
    );
    const cwd = await newFolder();
    const { out, err } = await examined(['--write', 'doctor.json'], env, cwd);
    const file = await readFile(join(cwd, 'doctor.json'), 'utf8');
    expect(file).toContain('The token [the key] ([the key]) may not');
    for (const text of [file, out, err]) expect(text).not.toContain(bare);
    for (const words of ['Say only', '17 times', 'Paris', 'long thought'])
      expect(file).not.toContain(words);
  });

  it('does not take a fault of the moment for the way of a host', async () => {
    const { env } = await place({ faults: [{ fault: 'upstream-unavailable', times: 99 }] });
    const { out } = await examined(['--json'], env);
    expect((JSON.parse(out) as Capabilities).use).toEqual({});
  });

  it('writes nothing where the endpoint was not reached, and says so', async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, 'doctor.json'), '"older"');
    const env = { ANYFAST_BASE_URL: 'http://127.0.0.1:9/v1', ANYFAST_API_KEY: key };
    const { code, err } = await examined(['--write', 'doctor.json'], env, cwd);
    expect(code).toBe(1);
    expect(err).toContain('Nothing was written');
    expect(await readFile(join(cwd, 'doctor.json'), 'utf8')).toBe('"older"');
  });

  it('refuses a path that cannot be written before it asks anything', async () => {
    const { simulator, env } = await place();
    const cwd = await newFolder();
    await expect(examined(['--write', '.'], env, cwd)).rejects.toThrow('is a folder');
    await expect(examined(['--write', 'no/doctor.json'], env, cwd)).rejects.toThrow('ENOENT');
    expect(simulator.requests).toHaveLength(0);
  });
});

describe('the default agent', () => {
  it('reads the file that ANYFAST_CAPABILITIES names', async () => {
    const host = refusing('stream_options', (body) => 'stream_options' in body);
    const { env } = await place({}, host);
    const cwd = await newFolder();
    expect((await throughline(['run', 'hello'], { cwd, env })).code).toBe(1);
    await examined(['--write', 'doctor.json'], env, cwd);
    const more = { ...env, ANYFAST_CAPABILITIES: 'doctor.json' };
    expect(await throughline(['run', 'hello'], { cwd, env: more })).toMatchObject({
      code: 0,
      stdout: 'ok\n',
    });
  });

  it.each([
    ['no file', undefined, 2, /cannot be read: ENOENT/],
    ['no JSON', 'nonsense', 2, /doctor\.json is not JSON/],
    ['another version', '{"version":2}', 1, /capabilities\.version is 2, but it must be 1/],
  ])('says of %s what is the matter', async (_what, text, code, words) => {
    const { env } = await place();
    const cwd = await newFolder();
    if (text !== undefined) await writeFile(join(cwd, 'doctor.json'), text);
    const more = { ...env, ANYFAST_CAPABILITIES: 'doctor.json' };
    const ended = await throughline(['run', 'hello'], { cwd, env: more });
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(words);
    expect(ended.stderr).not.toMatch(/ at .*\.ts:/);
  });

  it('needs no file where its model is scripted', async () => {
    const env = { ANYFAST_CAPABILITIES: 'missing.json' };
    const { code, stderr } = await throughline(['run', 'hello'], { cwd: await newFolder(), env });
    expect(code).toBe(0);
    expect(stderr).toContain('SCRIPTED');
  });
});
