import { Server } from '@modelcontextprotocol/server';
import type {
  CallToolResult,
  ContentBlock,
  McpServerFactory,
  ServerContext,
  Tool as McpTool,
} from '@modelcontextprotocol/server';
import type { Content, Json, Plug, Tool } from '@throughline/core';
import type { Relay } from './relay.ts';

export interface FactoryOptions {
  readonly about: { readonly name: string; readonly version: string };
  readonly plug: Plug;
  readonly relay: Relay<unknown>;
  readonly warn: (words: string) => void;
  /** Aborted when the server ends. */
  readonly ended: AbortSignal;
}

/** Makes the server of one connection (stdio) or of one request (HTTP). They share the tools and nothing else. */
export function serverFactory(options: FactoryOptions): McpServerFactory {
  return () => {
    const server = new Server(options.about, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', async () => ({ tools: await listed(options) }));
    server.setRequestHandler('tools/call', async ({ params }, scope) => {
      const { signal, release } = eitherOf(scope.mcpReq.signal, options.ended);
      try {
        return await answer(options, params, { signal, onProgress: teller(scope) });
      } finally {
        release();
      }
    });
    return server;
  };
}

/** Aborted with the first of the two. `AbortSignal.any` would leave a trace of each call on the one that lives long. */
function eitherOf(call: AbortSignal, ended: AbortSignal) {
  const controller = new AbortController();
  const stop = () => controller.abort(ended.aborted ? ended.reason : call.reason);
  for (const one of [call, ended]) one.addEventListener('abort', stop, { once: true });
  if (call.aborted || ended.aborted) stop();
  const release = () => {
    for (const one of [call, ended]) one.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, release };
}

/** The tools as they are now. One that cannot be described costs itself alone. */
async function listed({ plug, warn }: FactoryOptions): Promise<McpTool[]> {
  const made = toolsOf(plug).map(async ({ name, description, effect, inputSchema }) => {
    try {
      const schema = (await inputSchema.describe()) as McpTool['inputSchema'];
      return [{ name, description, inputSchema: schema, annotations: annotations[effect] }];
    } catch (error) {
      warn(`The tool "${name}" is not served: ${String((error as Error).message)}`);
      return [];
    }
  });
  return (await Promise.all(made)).flat();
}

const annotations = {
  read: { readOnlyHint: true },
  write: { readOnlyHint: false, destructiveHint: false },
  destructive: { readOnlyHint: false, destructiveHint: true },
} as const;

function toolsOf(plug: Plug): readonly Tool[] {
  if (Array.isArray(plug)) return (plug as readonly Plug[]).flatMap(toolsOf);
  return 'execute' in plug ? [plug] : 'tools' in plug ? plug.tools : [];
}

async function answer(
  { relay, warn }: FactoryOptions,
  { name, arguments: args = {} }: { name: string; arguments?: Record<string, unknown> | undefined },
  about: { readonly signal: AbortSignal; readonly onProgress: (progress: Json) => void },
): Promise<CallToolResult> {
  try {
    const { end, fault } = await relay.call({ name, arguments: args, ...about });
    if (fault !== undefined) warn(`The tool "${name}" failed: ${fault}`);
    // The message of an error that was not meant for the caller may tell of what is none of theirs.
    if (fault !== undefined && end.outcome === 'failed')
      return failure(`The tool "${name}" failed.`);
    const content = toBlocks(end.message.content);
    return end.outcome === 'ok' ? { content } : { content, isError: true };
  } catch (error) {
    if (about.signal.aborted) return failure('The call was stopped.');
    warn(`The call of "${name}" failed: ${String((error as Error).stack ?? error)}`);
    return failure(`The tool "${name}" failed.`);
  }
}

function failure(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

function toBlocks(content: Content): ContentBlock[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part): ContentBlock => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    const url = part.type === 'image_url' ? part.image_url.url : part.video_url.url;
    const [, mimeType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
    if (part.type === 'image_url' && mimeType !== undefined && data !== undefined) {
      return { type: 'image', mimeType, data };
    }
    return { type: 'text', text: '[A picture or video was left out: it cannot be sent.]' };
  });
}

/** Tells progress to a client that asked for it. What a tool yields is any JSON; a number of steps is all that MCP counts. */
function teller({ mcpReq }: ServerContext): (progress: Json) => void {
  const { _meta: meta } = mcpReq;
  const progressToken = meta?.progressToken;
  let count = 0;
  return (progress) => {
    if (progressToken === undefined) return;
    const message = typeof progress === 'string' ? progress : JSON.stringify(progress);
    const params = { progressToken, progress: ++count, message: message.slice(0, 2_000) };
    // A client that has gone is told nothing more.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
}
