import { startSimulator } from '@throughline/simulator';
import type { ChatRequest, SimulatorOptions } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scriptedHost } from '../src/doctor/scripted-host.ts';
import { examined } from './support/examined.ts';
import { startGateway } from './support/gateway.ts';
import type { Gateway } from './support/gateway.ts';

interface Found {
  readonly name: string;
  readonly outcome: string;
  readonly says: string;
}

/** What the doctor finds with all its probes. */
async function allOf(options: SimulatorOptions = {}, gateway?: Gateway) {
  const simulator = await startSimulator({ script: scriptedHost, ...options });
  onTestFinished(() => simulator.close());
  const url = gateway === undefined ? simulator.url : await startGateway(simulator.url, gateway);
  const env = { ANYFAST_BASE_URL: url, ANYFAST_API_KEY: simulator.key };
  const { out, err, code } = await examined(['--json', '--dear'], env);
  const { findings } = JSON.parse(out) as { readonly findings: readonly Found[] };
  return { simulator, err, code, by: (name: string) => findings.find((one) => one.name === name) };
}

const holds = (word: string) => (body: object) =>
  JSON.stringify(body).includes(word) ? `${word} is not supported` : undefined;

/** Each dear probe, and the one of compiled schemas, at a host that does not do it well. */
const hosts: readonly {
  readonly probe: string;
  readonly way: string;
  readonly options?: SimulatorOptions;
  readonly gateway?: Gateway;
  readonly outcome: string;
  readonly says: RegExp;
}[] = [
  {
    probe: 'schema',
    way: 'refuses unions',
    gateway: { refuses: holds('"anyOf"') },
    outcome: 'bad',
    says: /only without unions \(anyOf\): write tools so\. It answers 400: "anyOf" is not supported/,
  },
  {
    probe: 'schema',
    way: 'refuses references',
    gateway: { refuses: holds('"$ref"') },
    outcome: 'bad',
    says: /only without references/,
  },
  {
    probe: 'schema',
    way: 'refuses both',
    gateway: { refuses: (body) => holds('"$ref"')(body) ?? holds('"anyOf"')(body) },
    outcome: 'bad',
    says: /only without unions \(anyOf\) and references/,
  },
  {
    probe: 'schema',
    way: 'does not hold to them',
    options: {
      script: (request: ChatRequest) =>
        request.tools?.[0]?.function.name === 'book_table'
          ? { reasoning: 'Hm.', calls: [{ name: 'book_table', arguments: { guests: 'Ann' } }] }
          : scriptedHost(request),
    },
    outcome: 'odd',
    says: /arguments do not fit it/,
  },
  {
    probe: 'cache',
    way: 'has no cache',
    gateway: { answers: (text) => text.replaceAll(/"cached_tokens":\d+/g, '"cached_tokens":0') },
    outcome: 'odd',
    says: /^0 of \d+ tokens .* pays for all before it in full/,
  },
  {
    probe: 'cache',
    way: 'refuses the key of the cache',
    gateway: { refuses: holds('"prompt_cache_key"') },
    outcome: 'odd',
    says: /^It refuses promptCacheKey: leave it out\. Without: \d+ of \d+ tokens/,
  },
  {
    probe: 'cache',
    way: 'counts nothing',
    options: { faults: [{ fault: 'usage-none', times: 99 }] },
    outcome: 'odd',
    says: /does not count tokens/,
  },
  {
    probe: 'large body',
    way: 'takes small bodies only',
    options: { maxBodyBytes: 2_000_000 },
    outcome: 'odd',
    says: /takes a picture of 0\.9 MB, and not one of 3\.0 MB: give mediaPart\(\) a lower maxBytes\. It answers 413/,
  },
  {
    probe: 'large body',
    way: 'takes no pictures',
    gateway: { refuses: holds('"image_url"') },
    outcome: 'odd',
    says: /^It takes no pictures\. It answers 400/,
  },
  {
    probe: 'abort',
    way: 'counts a stopped answer on',
    gateway: {
      status: 429,
      refuses: ({ stream, max_completion_tokens: most }) =>
        stream === true && most === 16 ? 'max organization concurrency: 1' : undefined,
    },
    outcome: 'odd',
    says: /counts the answer that was stopped for a while; the transport waits/,
  },
  {
    probe: 'abort',
    way: 'breaks after a stopped answer',
    gateway: {
      status: 502,
      refuses: ({ stream, max_completion_tokens: most }) =>
        stream === true && most === 16 ? 'bad gateway' : undefined,
    },
    outcome: 'bad',
    says: /It answers 502: bad gateway/,
  },
  {
    probe: 'twenty calls',
    way: 'breaks some of them',
    // Before the twenty come five calls: one, two at once, a forced one and a booking.
    options: { faults: [{ fault: 'arguments-truncated', after: 5, times: 3 }] },
    outcome: 'odd',
    says: /^17 of 20 calls came whole\. An answer takes \d+ ms, at most \d+ ms\.$/,
  },
];

describe('the tiers of throughline doctor', () => {
  it('finds the schema and all that is dear as it should be at a host that does all as Moonshot does', async () => {
    const { by, code, simulator, err } = await allOf();
    for (const name of ['schema', 'cache', 'large body', 'abort', 'twenty calls'])
      expect(by(name)).toMatchObject({ outcome: 'good' });
    expect(by('cache')?.says).toMatch(/^2\d{4} of 2\d{4} tokens/);
    expect(by('large body')?.says).toBe('It takes a picture of 3.0 MB.');
    expect(code).toBe(0);
    // A temperature and a history without its thoughts are wrong on purpose; nothing else may be.
    const lints = new Set(simulator.lints.map(({ name }) => name));
    expect([...lints].sort()).toEqual(['fixed-field', 'history-altered']);
    expect(err).toMatch(/4 dear probes \(about 0\.0\d+ US dollars\): about 0\.\d+ US dollars/);
  });

  it('asks nothing dear that was not asked for', async () => {
    const simulator = await startSimulator({ script: scriptedHost });
    onTestFinished(() => simulator.close());
    const env = { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: simulator.key };
    await examined([], env);
    const sizes = simulator.requests.map(({ bodyText = '' }) => bodyText.length);
    expect(Math.max(...sizes)).toBeLessThan(5000);
    const asked = simulator.requests.length;
    await examined(['--free'], env);
    const free = simulator.requests.slice(asked);
    expect(free.filter(({ status }) => status === 200).map(({ path }) => path)).toEqual([
      '/v1/models',
      '/v1/models',
    ]);
  });

  it('stops an answer in the middle, as a person who presses Escape does', async () => {
    const { simulator, by } = await allOf({
      script: (request) =>
        String(request.messages.at(-1)?.content).startsWith('Count from')
          ? { text: 'one two three '.repeat(200), pieceDelayMs: 20 }
          : scriptedHost(request),
    });
    expect(by('abort')).toMatchObject({ outcome: 'good' });
    expect(simulator.requests.filter(({ closedByClient }) => closedByClient)).toHaveLength(1);
  });

  it.each(hosts)('finds with the probe "$probe" a host that $way', async (host) => {
    const { by } = await allOf(host.options, host.gateway);
    expect(by(host.probe)).toMatchObject({
      outcome: host.outcome,
      says: expect.stringMatching(host.says) as string,
    });
  });
});
