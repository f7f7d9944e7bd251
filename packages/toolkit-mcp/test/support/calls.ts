import { Agent } from '@throughline/core';
import type { CallEnd, Model, ModelPart, Plug, RunEvent } from '@throughline/core';

export type Call = readonly [name: string, input: unknown];

/** A model that makes the calls of one step after the other and then says that it is done. */
export function caller(...steps: readonly (readonly Call[])[]): Model {
  let step = 0;
  return {
    id: 'fake',
    async *stream(): AsyncGenerator<readonly ModelPart[]> {
      const calls = steps[step++];
      if (calls === undefined) {
        yield [
          { type: 'text', delta: 'Done.' },
          { type: 'finish', reason: 'stop' },
        ];
        return;
      }
      const parts = calls.map(([name, input], index): ModelPart => {
        return { type: 'call', index, id: `${step}.${index}`, name, delta: JSON.stringify(input) };
      });
      yield [...parts, { type: 'finish', reason: 'tool_calls' }];
    },
  };
}

/** Runs calls in an agent, with everything approved, and gives what the model read of each; `ends` stand as they came. */
export async function callAll(plug: Plug, ...steps: readonly (readonly Call[])[]) {
  const events: RunEvent[] = [];
  const agent = new Agent({
    model: caller(...steps),
    tools: [plug as Plug<unknown>],
    approve: () => true,
  });
  const run = agent.stream('Go.');
  for await (const event of run) events.push(event);
  const ends = events.filter((event): event is CallEnd => event.type === 'call.end');
  const inOrder = ends.toSorted((a, b) => a.step - b.step || a.call - b.call);
  return { events, ends, told: inOrder.map(({ message }) => message.content) };
}

/** Runs one call and gives what the model read of it. */
export async function callOne(plug: Plug, name: string, input: unknown = {}) {
  const { ends, told, events } = await callAll(plug, [[name, input]]);
  const [end] = ends;
  if (end === undefined) throw new Error('The call came to no end.');
  return { outcome: end.outcome, told: told[0], output: end.output, events };
}
