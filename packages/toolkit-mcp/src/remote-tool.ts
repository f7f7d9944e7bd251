import type { Progress } from '@modelcontextprotocol/client';
import { tool, ToolError } from '@throughline/core';
import type { CallScope, Effect, Schema, Tool } from '@throughline/core';
import { CallResult, textOf } from './call-result.ts';
import type { Connection, Offer } from './connection.ts';
import { foreignSchema } from './foreign-schema.ts';
import type { ForeignSchema } from './foreign-schema.ts';
import { plainText } from './plain-text.ts';
import type { McpServer } from './server-options.ts';
import { toolName } from './tool-name.ts';

const longestDescription = 4_000;
const defaultTimeoutMs = 300_000;

/**
 * A tool of a server as one of ours. Rejects, in words, for a definition that cannot be used. What runs is what
 * `offer` says: where the server offers something else under the name by then, the call is refused.
 */
export async function remoteTool(connection: Connection, offer: Offer): Promise<Tool<unknown>> {
  const { name, server } = connection;
  if (offer.needsTask) throw new Error('it runs as a task only, which is not supported.');
  const input = foreignSchema(offer.inputSchema);
  const made = tool({
    name: toolName(name, offer.name),
    description:
      plainText(offer.description ?? offer.title ?? '', longestDescription).trim() ||
      `The tool ${plainText(offer.name, 100)} of the MCP server ${name}.`,
    inputSchema: input.checked,
    effect: effectOf(server, offer),
    timeoutMs: server.timeoutMs ?? defaultTimeoutMs,
    execute: (args, scope: CallScope) => execute(connection, offer, args, scope),
    toModel: (result) => (result as CallResult).content,
  });
  await made.inputSchema.describe(); // finds out what is wrong with it
  return { ...made, inputSchema: checkedSchema(input, made.inputSchema) };
}

/**
 * Annotations are the server's claim, and the specification says that clients must not trust them unless they trust
 * the server: https://modelcontextprotocol.io/specification/2025-11-25/server/tools
 */
function effectOf({ trust = false, effects = {} }: McpServer, offer: Offer): Effect {
  const chosen = Object.hasOwn(effects, offer.name) ? effects[offer.name] : undefined;
  if (chosen !== undefined) return chosen;
  if (!trust) return 'destructive';
  if (offer.annotations?.readOnlyHint === true) return 'read';
  return offer.annotations?.destructiveHint === false ? 'write' : 'destructive'; // absent means destructive
}

function checkedSchema({ told, canCheck }: ForeignSchema, schema: Schema): Schema {
  return {
    describe: () => told,
    parse: (value) => {
      if (canCheck(value)) return schema.parse(value);
      return { issues: [{ path: '', message: 'This is too large or too deep to be checked.' }] };
    },
  };
}

/** Yields the newest progress; a server that tells it faster than it is read is not kept waiting, and not kept. */
async function* execute(
  connection: Connection,
  offer: Offer,
  args: Readonly<Record<string, unknown>>,
  { signal }: CallScope,
): AsyncGenerator<unknown, CallResult, void> {
  const heard: { newest?: Progress | undefined; settled: boolean; wake: () => void } = {
    settled: false,
    wake() {},
  };
  const onprogress = (progress: Progress) => {
    heard.newest = progress;
    heard.wake();
  };
  const answer = connection.call(offer, args, { signal, onprogress }).finally(() => {
    heard.settled = true;
    heard.wake();
  });
  answer.catch(() => {}); // it is awaited below, but the generator may be left before
  for (;;) {
    await new Promise<void>((resolve) => {
      heard.wake = resolve;
      if (heard.newest !== undefined || heard.settled) resolve();
    });
    if (heard.newest === undefined) break;
    const { progress, total, message } = heard.newest;
    heard.newest = undefined;
    yield {
      progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message: plainText(message, 1_000) }),
    };
  }
  const raw = await answer;
  const result = new CallResult(raw);
  if (raw.isError !== true) return result;
  const words = textOf(result);
  throw new ToolError(
    words === '' ? `The tool "${plainText(offer.name, 100)}" failed and did not say why.` : words,
  );
}
