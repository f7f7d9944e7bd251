import type { RunEvent } from '@throughline/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventsWithoutKey } from '../src/run/events-without-key.ts';

const key = 'sk-this-is-the-secret-key';
const env = { ANYFAST_API_KEY: key };
const place = { runId: 'r', step: 1 };
const call = { ...place, call: 1, callId: 'c', name: 'look' };
const usage = {
  inputTokens: 1,
  outputTokens: 1,
  totalTokens: 2,
  cachedTokens: 0,
  reasoningTokens: 0,
};
const end: RunEvent = {
  type: 'run.end',
  runId: 'r',
  stopReason: 'answer',
  text: '',
  steps: 1,
  usage,
};

async function told(
  events: readonly RunEvent[],
  withEnv: Record<string, string> = env,
): Promise<readonly RunEvent[]> {
  async function* source() {
    yield* events;
  }
  const all: RunEvent[] = [];
  for await (const event of eventsWithoutKey(source(), withEnv)) all.push(event);
  return all;
}

const text = (delta: string): RunEvent => ({ ...place, type: 'text.delta', delta });

function joined(events: readonly RunEvent[], type: RunEvent['type'] = 'text.delta'): string {
  return events.map((one) => (one.type === type && 'delta' in one ? one.delta : '')).join('');
}

/** Up to three characters of a key may stand before the words that stand for it. */
const normal = (said: string) => said.replaceAll(/[sk-]*\[the key\]/g, '#');

describe('the key in the events of a run', () => {
  it('is struck out at every cut of it, with no more than its first three characters told', async () => {
    for (let cut = 1; cut < key.length; cut++) {
      const pieces = [`Take ${key.slice(0, cut)}`, `${key.slice(cut)} now.`];
      const said = joined(await told([...pieces.map(text), end]));
      expect(normal(said)).toBe('Take # now.');
      expect(said).not.toContain(key.slice(0, 4));
    }
    const letters = await told([...`Take ${key} now.`].map(text).concat(end));
    expect(joined(letters)).toBe('Take sk-[the key] now.');
  });

  it('is struck out of any text, however that is cut, and nothing else is lost', async () => {
    const part = fc.oneof(
      fc.constantFrom(key, key.slice(0, 9), key.slice(1), 's', 'sk-', 'sks', 'sk-sk-this', 'x'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part), fc.array(fc.nat({ max: 30 })), async (parts, sizes) => {
        const whole = parts.join('');
        const pieces: string[] = [];
        let at = 0;
        for (const size of sizes) pieces.push(whole.slice(at, (at += size)));
        const events = await told([...pieces, whole.slice(at)].map(text).concat(end));
        expect(joined(events)).not.toContain(key);
        expect(normal(joined(events))).toBe(normal(whole.replaceAll(key, '[the key]')));
      }),
      { numRuns: 500 },
    );
  });

  it('cannot be told by turns: text, thoughts and calls are each held to the end of their own', async () => {
    const [one, two] = [key.slice(0, 10), key.slice(10)];
    const events = await told([
      { ...place, type: 'text.delta', delta: one },
      { ...place, type: 'reasoning.delta', delta: one },
      { ...call, type: 'call.delta', delta: one },
      { ...call, type: 'call.progress', progress: 'works' },
      { ...place, type: 'text.delta', delta: two },
      { ...place, type: 'reasoning.delta', delta: two },
      { ...call, type: 'call.delta', delta: two },
      end,
    ]);
    for (const type of ['text.delta', 'reasoning.delta', 'call.delta'] as const) {
      expect(joined(events, type)).toBe('sk-[the key]');
    }
  });

  it('is not waited for beyond the end of a text: what was held back comes before the event that ends it', async () => {
    const beginning = key.slice(0, 8);
    const retry: RunEvent = { ...place, type: 'step.retry', attempt: 2, reason: 'cut' };
    const start: RunEvent = { ...call, type: 'call.start', effect: 'read', arguments: beginning };
    const events = await told([
      text(beginning),
      retry,
      text(`again ${beginning}`),
      { ...call, type: 'call.delta', delta: beginning },
      start,
      { ...place, type: 'step.end' },
      end,
    ]);
    const types = events.map(({ type }) => type);
    expect(types.indexOf('step.retry')).toBe(2);
    expect(joined(events.slice(0, 2))).toBe(beginning);
    expect(joined(events)).toBe(`${beginning}again ${beginning}`);
    const upToStart = events.slice(0, types.indexOf('call.start'));
    expect(joined(upToStart, 'call.delta')).toBe(beginning);
    expect(types.at(-1)).toBe('run.end');
  });

  it('is struck out of what an agent inside a call says, and of half an output', async () => {
    const inner = { runId: 'inner', step: 1, type: 'text.delta' } as const;
    const events = await told([
      { ...call, type: 'call.event', event: { ...inner, delta: key.slice(0, 12) } },
      { ...call, type: 'call.event', event: { ...inner, delta: key.slice(12) } },
      { ...place, type: 'output.partial', output: { a: ['s', key.slice(0, -1)], b: 1 } },
      { ...place, type: 'output.partial', output: { a: ['s', key], b: 1 } },
      { ...call, type: 'call.progress', progress: { lines: [`the key: ${key}`] } },
      end,
    ]);
    const nested = events.flatMap((one) => (one.type === 'call.event' ? [one.event] : []));
    expect(joined(nested)).toBe('sk-[the key]');
    const outputs = events.flatMap((one) => (one.type === 'output.partial' ? [one.output] : []));
    expect(outputs).toEqual([
      { a: ['s', 'sk-'], b: 1 },
      { a: ['s', '[the key]'], b: 1 },
    ]);
    expect(JSON.stringify(events)).toContain('the key: [the key]');
  });

  it('is nothing where there is none: every event passes as it is', async () => {
    const events = [text('sk-'), text('this'), end];
    expect(await told(events, {})).toEqual(events);
  });
});
