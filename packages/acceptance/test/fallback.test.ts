import { anyfast } from '@throughline/anyfast';
import { Agent, fallback, ModelError, tool } from '@throughline/core';
import type { Model, RunEvent } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { Simulator, SimulatorOptions } from '@throughline/simulator';
import { modelSuite } from '@throughline/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const look = tool({
  name: 'look',
  description: 'Looks.',
  inputSchema: { type: 'object', properties: {} },
  effect: 'read',
  execute: () => 'seen',
});
const calls = [{ name: 'look', arguments: {} }];

async function host(options: SimulatorOptions) {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return { simulator, model: modelAt(simulator) };
}

const modelAt = ({ url: baseURL, key: apiKey }: Simulator) =>
  anyfast('kimi-k2.6', { baseURL, apiKey, retry: { attempts: 1 } });

async function runOf(model: Model, signal?: AbortSignal) {
  const agent = new Agent({ model, tools: [look] });
  const events: RunEvent[] = [];
  const run = agent.stream('go', signal === undefined ? {} : { signal });
  for await (const event of run) events.push(event);
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  return { ...(await run.result), events, warnings };
}

describe('fallback, over HTTP to two hosts', () => {
  it.each([
    'upstream-quota',
    'upstream-overloaded-529',
    'upstream-invalid-authentication',
  ] as const)(
    'asks the next host after %s, says so once, and spares the first for the rest of the run',
    async (fault) => {
      const a = await host({ script: [{ text: 'never' }], faults: [fault] });
      const b = await host({ script: [{ reasoning: 'I look.', calls }, { text: 'From b.' }] });
      const { text, warnings } = await runOf(fallback([a.model, b.model]));
      expect(text).toBe('From b.');
      expect(warnings).toEqual([
        expect.stringMatching(/^model 1 of 2 \("kimi-k2\.6"\) did not answer: /),
      ]);
      expect(a.simulator.requests).toHaveLength(1);
      expect(b.simulator.requests).toHaveLength(2);
    },
  );

  it('asks the next host where the first is not there', async () => {
    const a = await startSimulator({ script: [] });
    const gone = modelAt(a);
    await a.close();
    const b = await host({ script: [{ text: 'From b.' }] });
    expect((await runOf(fallback([gone, b.model]))).text).toBe('From b.');
  });

  it('asks the next host where the first refuses to speak about it, and comes back to the first', async () => {
    const refuses = { text: '', finishReason: 'content_filter' as const };
    const a = await host({ script: [refuses, { text: 'From a.' }] });
    const b = await host({ script: [{ reasoning: 'I look.', calls }] });
    const { text, warnings } = await runOf(fallback([a.model, b.model]));
    expect(text).toBe('From a.');
    expect(warnings).toHaveLength(1);
  });

  it('leaves an answer that was begun to its host', async () => {
    const a = await host({
      script: [{ text: 'Half of it, ' }, { text: 'Whole.' }],
      faults: [{ fault: 'cut-in-text', times: 1 }],
    });
    const b = await host({ script: [] });
    const { text, events } = await runOf(fallback([a.model, b.model]));
    expect(text).not.toBe('');
    expect(events.map(({ type }) => type)).toContain('step.retry');
    expect(b.simulator.requests).toHaveLength(0);
  });

  it.each(['cut-in-text', 'done-in-text', 'done-in-reasoning'] as const)(
    'asks the next host where one breaks off twice in a row (%s), and takes nothing but its answer',
    async (fault) => {
      const half = { reasoning: 'Half a thought of a.', text: 'Half of it, from a, is there.' };
      const a = await host({ script: [half, half], faults: [{ fault, times: 2 }] });
      const b = await host({
        script: [
          { reasoning: 'I look.', text: 'First I look.', calls },
          { reasoning: 'b.', text: 'From b.' },
        ],
      });
      const { text, messages, events } = await runOf(fallback([a.model, b.model]));
      expect(text).toBe('From b.');
      expect(messages.filter(({ role }) => role === 'assistant')).toMatchObject([
        { reasoning_content: 'I look.', content: 'First I look.' },
        { reasoning_content: 'b.', content: 'From b.' },
      ]);
      expect(events.filter(({ type }) => type === 'step.retry')).toHaveLength(2);
      expect(a.simulator.requests).toHaveLength(2);
      expect(b.simulator.requests).toHaveLength(2);
    },
  );

  it('comes back to a host that broke off once and was whole then', async () => {
    const texts = ['Half of', 'Whole 1.', 'Half of', 'Whole 2.'];
    const a = await host({
      script: texts.map((text) => ({ text: `${text} it, from a.` })),
      faults: [
        { fault: 'cut-in-text', times: 1 },
        { fault: 'cut-in-text', after: 1, times: 1 },
      ],
    });
    const b = await host({ script: [] });
    const model = fallback([a.model, b.model]);
    await runOf(model);
    await runOf(model);
    expect(a.simulator.requests).toHaveLength(4);
    expect(b.simulator.requests).toHaveLength(0);
  });

  it('does not carry elsewhere what the caller has to mend', async () => {
    const a = await host({ script: [] });
    const b = await host({ script: [{ text: 'never' }] });
    const model = fallback([a.model, b.model]);
    const agent = new Agent({ model, parameters: { temperature: 9 } });
    await expect(agent.run('go')).rejects.toMatchObject({ code: 'invalid_request' });
    expect(b.simulator.requests).toHaveLength(0);
  });

  it('keeps every thought, under the key that each host speaks', async () => {
    const thought = 'A thought: 🧵 \u2028 "quoted"\n';
    const a = await host({
      script: [{ reasoning: thought, calls }, { text: 'From a.' }],
      faults: ['reasoning-key', { fault: 'upstream-quota', after: 1 }],
      strictness: 'gateway',
    });
    const b = await host({ script: [{ reasoning: `${thought}again`, calls }] });
    const { text } = await runOf(fallback([a.model, b.model], { awayMs: 0 }));
    expect(text).toBe('From a.');
    const toB = assistantsIn(b.simulator);
    expect(toB).toMatchObject([{ reasoning_content: thought }]);
    const toA = assistantsIn(a.simulator);
    expect(toA).toMatchObject([{ reasoning: thought }, { reasoning: `${thought}again` }]);
    expect(toA.filter((message) => 'reasoning_content' in message)).toEqual([]);
  });

  it('passes an abort on and asks nobody else', async () => {
    const a = await host({ script: [{ text: 'late', delayMs: 60_000 }] });
    const b = await host({ script: [{ text: 'never' }] });
    const reason = new Error('enough');
    const abort = new AbortController();
    const running = runOf(fallback([a.model, b.model]), abort.signal);
    await expect.poll(() => a.simulator.requests.length).toBe(1);
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(b.simulator.requests).toHaveLength(0);
  });

  it('fails with the words of all where none answers', async () => {
    const a = await host({ script: [], faults: ['upstream-quota'] });
    const b = await host({ script: [], faults: ['upstream-overloaded-529'] });
    const failure = await runOf(fallback([a.model, b.model])).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ModelError);
    const { code, message } = failure as ModelError;
    expect(code).toBe('overloaded');
    expect(message).toMatch(/model 1 of 2 .*quota.*model 2 of 2 .*overloaded/s);
  });
});

function assistantsIn({ requests }: Simulator): readonly object[] {
  const messages = requests.at(-1)?.body?.messages ?? [];
  return messages.filter(({ role }) => role === 'assistant');
}

describe('fallback is a model', () => {
  for (const check of modelSuite) {
    it(check.name, () =>
      check.run(async (answers) => {
        const faults = [{ fault: 'upstream-quota', times: 99 }] as const;
        const down = await startSimulator({ script: [], faults });
        const up = await startSimulator({
          script: answers.map(({ reasoning, text, calls: made }) => ({
            reasoning,
            text,
            calls: made,
          })),
        });
        return {
          model: fallback([modelAt(down), modelAt(up)]),
          close: async () => {
            await down.close();
            await up.close();
          },
        };
      }),
    );
  }
});
