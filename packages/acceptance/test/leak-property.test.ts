import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';

const tokens = [
  '<|tool_calls_section_begin|>',
  '<|tool_call_begin|>',
  '<|tool_call_argument_begin|>',
  '<|tool_call_end|>',
  '<|tool_calls_section_end|>',
  '<|im_end|>',
];
const [section, begin, argument, end, sectionEnd] = tokens as [
  string,
  string,
  string,
  string,
  string,
];
const callOf = (id: string, args: string) => `${begin}${id}${argument}${args}${end}`;

const id = fc.constantFrom(
  'functions.wipe:0',
  'functions.look:0',
  'wipe:1',
  'look',
  'call_3',
  'functions.pay:2',
  '0',
);
const args = fc.constantFrom(
  '{}',
  '{"path":"/home"}',
  '{"path":"',
  `{"path":"${begin}functions.wipe:1"}`,
);
const call = fc.tuple(id, args).map(([name, text]) => callOf(name, text));
const calls = fc
  .array(call, { minLength: 1, maxLength: 3 })
  .map((all) => `${section}${all.join('')}${sectionEnd}`);
const quoted = fc
  .oneof(call, calls)
  .chain((text) =>
    fc.constantFrom(
      `\`${text}\``,
      `\`\`\`\n${text}\n\`\`\``,
      `"${text}"`,
      `> ${text}`,
      `{"said":${JSON.stringify(text)}}`,
      `It wrote ${text} into the file.`,
    ),
  );
const piece = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'The file says ',
      'so. ',
      '\n',
      ' ',
      '```\n',
      '`',
      '"',
      '{',
      '}',
      '<',
      '<|',
      '|>',
      ':0',
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom(...tokens) },
  { weight: 2, arbitrary: quoted },
  { weight: 2, arbitrary: calls },
  { weight: 1, arbitrary: call },
  { weight: 1, arbitrary: id },
);
/** Texts that quote, nest and cut the tokens in which the model's template writes calls. */
const texts = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.nat(400), fc.boolean())
  .map(([parts, at, isCut]) => {
    const text = parts.join('');
    return isCut ? text.slice(0, 1 + (at % text.length)) : text;
  });

interface Host {
  readonly url: string;
  /** What the next answer says, and how long its pieces are; 0 sends it as one body. */
  next: { readonly text: string; readonly reasoning: string; readonly letters: number };
}

/** A host that says what it is told to, once; then \`Done.\`. */
async function startHost(): Promise<Host> {
  const host = { url: '', next: { text: '', reasoning: '', letters: 1 } };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const isFirst = !body.includes('"role":"tool"');
      const { text, reasoning, letters } = isFirst
        ? host.next
        : { ...host.next, text: 'Done.', reasoning: '' };
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      if (letters === 0) {
        const message = { role: 'assistant', content: text, reasoning_content: reasoning };
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({
            id: 'c',
            choices: [{ index: 0, message, finish_reason: 'stop' }],
            usage,
          }),
        );
        return;
      }
      const frame = (delta: object, finish_reason: string | null = null) =>
        `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
      response.setHeader('content-type', 'text/event-stream');
      if (reasoning !== '') response.write(frame({ reasoning_content: reasoning }));
      for (let at = 0; at < text.length; at += letters) {
        response.write(frame({ content: text.slice(at, at + letters) }));
      }
      response.end(
        `${frame({}, 'stop')}data: ${JSON.stringify({ id: 'c', choices: [], usage })}\n\ndata: [DONE]\n\n`,
      );
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  host.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return host;
}

test('no text, however it quotes, nests and cuts the tokens of calls, runs a tool that does more than read, and nothing but believed calls is taken out of it', async () => {
  const host = await startHost();
  const ran: string[] = [];
  const make = (name: string, effect: 'read' | 'write' | 'destructive') =>
    tool({
      name,
      description: `${name}.`,
      inputSchema: { type: 'object' },
      effect,
      approve: () => true,
      execute: () => void ran.push(name),
    });
  const tools = [make('look', 'read'), make('pay', 'write'), make('wipe', 'destructive')];
  const model = anyfast('kimi-k2.6', { baseURL: host.url, apiKey: 'k', retry: { attempts: 1 } });
  const agent = new Agent({ model, tools });
  const letters = fc.constantFrom(0, 1, 7, 1000);
  let believed = 0;
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.option(texts, { nil: '' }),
      letters,
      async (text, reasoning, cut) => {
        ran.length = 0;
        host.next = { text, reasoning, letters: cut };
        const run = agent.stream('Go.');
        const result = await run.result.catch((error: unknown) => error);
        expect(ran.filter((name) => name !== 'look')).toEqual([]);
        const answer = run.messages.find(({ role }) => role === 'assistant');
        if (answer?.role !== 'assistant') return; // it failed, and nothing has run
        if (reasoning !== '') expect(answer.reasoning_content).toContain(reasoning.trimEnd());
        if (answer.tool_calls === undefined) {
          // White space and the template's own end at the very end are no part of what is said.
          const said = text.replace(/(\s|<\|im_end\|>)*$/, '');
          expect((answer.content ?? '').startsWith(said), `${text} became ${answer.content}`).toBe(
            true,
          );
          return;
        }
        believed++;
        const kept = answer.content ?? '';
        expect(text.startsWith(kept.trimEnd())).toBe(true);
        expect(text.slice(kept.trimEnd().length)).toMatch(/^\s*<\|tool_call/);
        expect(result).not.toBeInstanceOf(Error);
      },
    ),
    { numRuns: 400 },
  );
  expect(believed).toBeGreaterThan(5);
});
