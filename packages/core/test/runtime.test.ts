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

  it('finds no module that the runtime does not have', () => {
    expect(nodeBuiltin('node:events')).toBeDefined();
    expect(nodeBuiltin('node:no-such-module')).toBeUndefined();
  });
});
