import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { nodeBuiltin } from '../src/base/node-builtin.ts';

describe('core', () => {
  it('runs an agent where there is no module of Node', () => {
    const program = `
      Object.defineProperty(process, 'getBuiltinModule', { value: undefined });
      const { Agent, tool } = await import('@throughline/core');
      const answers = [
        [{ type: 'call', index: 0, id: 'a', name: 'add', delta: '{"a":1,"b":2}' }, { type: 'finish', reason: 'tool_calls' }],
        [{ type: 'text', delta: 'It is 3.' }, { type: 'finish', reason: 'stop' }],
      ];
      const model = { id: 'm', async *stream() { yield answers.shift(); } };
      const inputSchema = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } };
      const add = tool({ name: 'add', description: 'Adds.', inputSchema, maxParallelCalls: 1, execute: ({ a, b }) => a + b });
      const { text, messages } = await new Agent({ model, tools: [add], maxParallelCalls: 1 }).run('1 + 2?');
      console.log(text, messages[2].content);
    `;
    const args = [
      '--conditions=throughline-source',
      '--import=tsx',
      '--input-type=module',
      '--eval',
      program,
    ];
    const cwd = new URL('..', import.meta.url);
    expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })).toBe('It is 3. 3\n');
  });

  it('has agents inside agents share one bound without waiting for themselves, where nothing follows their work', () => {
    const program = `
      Object.defineProperty(process, 'getBuiltinModule', { value: undefined });
      const { Agent } = await import('@throughline/core');
      const modelOf = (...calls) => ({
        id: 'm',
        async *stream({ messages }) {
          const call = calls[messages.filter(({ role }) => role === 'assistant').length];
          if (call === undefined) yield [{ type: 'text', delta: 'done' }, { type: 'finish', reason: 'stop' }];
          else yield [{ type: 'call', index: 0, id: 'a', name: call, delta: '{"task":"x"}' }, { type: 'finish', reason: 'tool_calls' }];
        },
      });
      const about = (name) => ({ name, description: 'Helps.' });
      const tools = [];
      const a = new Agent({ model: modelOf('b'), tools, maxParallelCalls: 1 });
      let depth = 0;
      const b = new Agent({
        model: { id: 'm', stream: (...given) => (depth++ === 0 ? modelOf('a') : modelOf()).stream(...given) },
        tools: [a.asTool(about('a'))],
        maxParallelCalls: 1,
      });
      tools.push(b.asTool(about('b')));
      const { text } = await a.run('go');
      console.log(text);
      process.exit(0);
    `;
    const args = [
      '--conditions=throughline-source',
      '--import=tsx',
      '--input-type=module',
      '--eval',
      program,
    ];
    const cwd = new URL('..', import.meta.url);
    const options = { cwd, encoding: 'utf8', timeout: 30_000 } as const;
    expect(execFileSync(process.execPath, args, options)).toBe('done\n');
  });

  it('finds no module that the runtime does not have', () => {
    expect(nodeBuiltin('node:events')).toBeDefined();
    expect(nodeBuiltin('node:no-such-module')).toBeUndefined();
  });
});
