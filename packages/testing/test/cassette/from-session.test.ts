import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import type { AnyfastOptions } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import type { Model, RunResult, Session } from '@throughline/core';
import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import { cassette, memorySessions } from '@throughline/testing';
import type { FromSessionOptions } from '@throughline/testing';
import { describe, expect, it } from 'vitest';
import {
  folder,
  getWeather,
  nobody,
  simulated,
  thought,
  weatherScript,
} from './support/weather.ts';

const inputs = ['How is the weather?', 'And now?'];

interface Stored {
  readonly session: Session;
  readonly results: readonly RunResult[];
}

/** A session with two runs, as production stores it; its endpoint is gone. */
async function storedRuns(
  script: (request: ChatRequest) => ScriptedAnswer = weatherScript,
  options: AnyfastOptions = {},
): Promise<Stored> {
  const simulator = await simulated({ script });
  const reached = { ...options, baseURL: simulator.url, apiKey: simulator.key };
  const agent = agentWith(anyfast('kimi-k2.6', reached));
  const session = await memorySessions().open('it');
  const results = await inTurn(agent, (agent, input) => agent.run(input, { session }));
  await simulator.close();
  return { session, results };
}

/** One run for each input. */
async function inTurn(
  agent: Agent,
  ask: (agent: Agent, input: string, last: RunResult | undefined) => Promise<RunResult>,
): Promise<readonly RunResult[]> {
  const results: RunResult[] = [];
  for (const input of inputs) results.push(await ask(agent, input, results.at(-1)));
  return results;
}

const { body } = anyfast;

function agentWith(model: Model): Agent {
  return new Agent({ model, tools: [getWeather], instructions: 'Be brief.' });
}

const facts = ({ text, messages, usage, calls }: RunResult) => ({ text, messages, usage, calls });

describe('a cassette from a session', () => {
  it.each([true, false])(
    'plays its runs again: the same thoughts, messages, calls and usage (stream: %s)',
    async (stream) => {
      const { session, results } = await storedRuns(weatherScript, { stream });
      const file = join(await folder(), 'from-session.jsonl');
      const body: FromSessionOptions['body'] = (model, request) =>
        anyfast.body(model, request, { stream });
      await cassette.fromSession(file, session, { body });
      const tape = cassette(file, { mode: 'replay' });
      const model = anyfast('kimi-k2.6', { ...nobody, stream, fetch: tape });
      const played = await inTurn(agentWith(model), (agent, input, last) =>
        agent.run(input, { history: last?.messages ?? [] }),
      );
      tape.assertAllUsed();
      expect(results[0]?.reasoning).toBe(`${thought}Now I know.`);
      expect(played.map(facts)).toEqual(results.map(facts));
    },
  );

  it('plays what the model wrote in vain as it wrote it: no tool runs from it, here as there', async () => {
    const { session, results } = await storedRuns(({ messages }) => {
      if (messages.at(-1)?.role === 'tool') return { text: 'I give up.' };
      return { calls: [{ name: 'get_weather', arguments: '{"city": Oslo' }] };
    });
    const file = join(await folder(), 'doubt.jsonl');
    await cassette.fromSession(file, session.log, { body });
    const model = anyfast('kimi-k2.6', { ...nobody, fetch: cassette(file) });
    const played = await agentWith(model).run(inputs[0]!);
    expect(results[0]?.calls[0]?.outcome).toBe('doubtful');
    expect(facts(played)).toEqual(facts(results[0]!));
  });

  it('is of one run where one is named', async () => {
    const { session } = await storedRuns();
    const file = join(await folder(), 'one.jsonl');
    const runs: string[] = [];
    for await (const lines of session.log.read()) runs.push(...lines.map(({ runId }) => runId));
    await cassette.fromSession(file, session, { body, runId: runs.at(-1) });
    expect(cassette(file).unused).toHaveLength(1); // the second run answers at once
    const none = cassette.fromSession(file, session, { body, runId: 'nobody' });
    await expect(none).rejects.toThrow('The session "it" has no answer of the run "nobody"');
  });

  it('holds nothing that it is told to strike out', async () => {
    const { session } = await storedRuns();
    const file = join(await folder(), 'struck.jsonl');
    await cassette.fromSession(file, session, {
      body,
      redact: ['Oslo', /Łó\p{L}/gu],
    });
    expect(await readFile(file, 'utf8')).not.toMatch(/Oslo|Łód/);
  });

  it('is refused where the request cannot be told, and writes over no file of something else', async () => {
    const { session } = await storedRuns();
    const file = join(await folder(), 'other.jsonl');
    const odd = cassette.fromSession(file, session, { body: () => 'no JSON' });
    await expect(odd).rejects.toThrow('body gave no JSON object for step 1: "no JSON"');
    await writeFile(file, 'something else');
    await expect(cassette.fromSession(file, session, { body })).rejects.toThrow('is no cassette');
    expect(await readFile(file, 'utf8')).toBe('something else');
  });
});
