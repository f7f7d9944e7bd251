import { describe, expect, it } from 'vitest';
import { prefix, tool } from '../../src/index.ts';
import type { ToolDefinition } from '../../src/index.ts';
import type { SchemaSource } from '../../src/tool/schema/schema.ts';

const definition = {
  name: 'add',
  description: 'Adds.',
  inputSchema: { type: 'object' },
  execute: () => 1,
} as const;

type Changes = Partial<Record<keyof ToolDefinition<SchemaSource, unknown, unknown>, unknown>>;
const make = (changes: Changes) => tool({ ...definition, ...changes } as typeof definition);

describe('a tool', () => {
  it.each(['add', 'ADD_2', 'x', '21st', 'a.b-c', 'x'.repeat(128)])('may be called %j', (name) => {
    expect(make({ name }).name).toBe(name);
  });

  it.each(['', 'with space', 'naïve', 'a/b', 'a\n', 'x'.repeat(129), undefined, 7, null])(
    'cannot be called %j, which the endpoint would refuse',
    (name) => {
      expect(() => make({ name })).toThrow(
        expect.objectContaining({
          code: 'invalid_tool',
          message: expect.stringContaining(
            `A tool cannot have the name ${String(JSON.stringify(name)).slice(0, 80)}`,
          ),
        }),
      );
    },
  );

  it.each<[string, Changes, RegExp]>([
    ['an execute function', { execute: undefined }, /"add" has no execute function/],
    ['a description', { description: ' ' }, /"add" has no description/],
    ['a known effect', { effect: 'delete' }, /"add" has the effect "delete"; it is read, write/],
    ['a time of at least 1 ms', { timeoutMs: 0 }, /"add" has timeoutMs 0; it must be 1 or more/],
    ['room for one call', { maxParallelCalls: 0 }, /"add" has maxParallelCalls 0/],
    ['room for a result', { maxResultChars: Number.NaN }, /"add" has maxResultChars NaN/],
    ['a schema', { inputSchema: undefined }, /input schema of tool "add" is undefined/],
    ['a good output schema', { outputSchema: 7 }, /output schema of tool "add" is 7/],
  ])('needs %s', (_what, changes, words) => {
    expect(() => make(changes)).toThrow(words);
  });

  it('writes unless it says otherwise', () => {
    expect(make({}).effect).toBe('write');
  });
});

describe('a prefix', () => {
  it('gives the same tools each time it is asked, so that nothing seems to change', () => {
    const kit = prefix('crm', { name: 'kit', tools: [make({})], instructions: 'Use it.' });
    expect(kit).toMatchObject({ name: 'crm_kit', instructions: 'Use it.' });
    expect(kit.tools[0]).toMatchObject({ name: 'crm_add' });
    expect(kit.tools[0]).toBe(kit.tools[0]);
  });
});
