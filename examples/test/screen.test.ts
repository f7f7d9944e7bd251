import { PassThrough } from 'node:stream';
import { Agent, ModelError, tool } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { describe, expect, it } from 'vitest';
import { Screen } from '../lib/screen.ts';

const wiped: string[] = [];
const wipe = tool({
  name: 'wipe',
  description: 'Wipes.',
  inputSchema: { type: 'object' },
  effect: 'destructive',
  execute: () => wiped.push('all') && 'wiped',
});
const callOf = (name: string, args = {}) => ({ calls: [{ name, arguments: args }] });

/** Shows a run to a person who says `said`; undefined is nobody. Gives all that stood on the screen. */
async function show(agent: Agent, said: string | undefined): Promise<string> {
  const input = new PassThrough();
  const output = new PassThrough();
  const screen = new Screen({ input, output });
  if (said === undefined) input.end();
  else input.write(`${said}\n`);
  const run = agent.stream('Clean up.', { decide: (call) => screen.decide(call) });
  for await (const event of run) screen.show(event);
  screen.summary(await run.result);
  return String(output.read());
}

describe('the screen', () => {
  const cleaner = () =>
    new Agent({ model: scriptedModel([callOf('wipe'), { text: 'So be it.' }]), tools: [wipe] });

  it('runs a call that a person allows', async () => {
    const shown = await show(cleaner(), 'yes');
    expect(shown).toMatch(/May wipe run with \{\}\?/);
    expect(shown).toMatch(/← wipe: wiped/);
    expect(wiped.splice(0)).toEqual(['all']);
  });

  it.each([
    ['words of a person', 'Not on a Friday.', /✗ refused: wipe: .*Not on a Friday\./],
    ['silence', '', /✗ refused: wipe: .*did not approve/],
    ['nobody', undefined, /✗ refused: wipe: .*did not approve/],
  ])('takes %s for a no', async (_whose, said, words) => {
    expect(await show(cleaner(), said)).toMatch(words);
    expect(wiped).toEqual([]);
  });

  it('asks about the call of an agent inside a call, however deep', async () => {
    const helped = (agent: Agent) => {
      const model = scriptedModel([callOf('helper', { task: 'all' }), { text: 'Clean.' }]);
      const helper = agent.asTool({ name: 'helper', description: 'Cleans.' });
      return new Agent({ model, tools: [helper] });
    };
    expect(await show(helped(helped(cleaner())), 'yes')).toMatch(/May wipe run/);
    expect(wiped.splice(0)).toEqual(['all']);
  });

  it('says in one sentence that the model is asked again, and counts one step as one', async () => {
    const error = new ModelError('connection', 'The connection broke.', { retryable: true });
    const agent = new Agent({ model: scriptedModel([{ text: 'He', error }, { text: 'Hello.' }]) });
    const shown = await show(agent, undefined);
    expect(shown).toMatch(/\n {2}The model is asked again: The connection broke\.\n/);
    expect(shown).toMatch(/\n1 step, 0 calls, /);
  });
});
