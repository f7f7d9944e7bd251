import { Agent, checkOptions, ThroughlineError } from '@throughline/core';
import type { ApproveCall, Decision, Plug } from '@throughline/core';
import { httpOptions, serveHttp } from './serve-http.ts';
import type { HttpListen } from './serve-http.ts';
import { serveOverStdio } from './serve-stdio.ts';
import { Relay } from './relay.ts';
import type { Ask } from './relay.ts';
import type { ServedMcp } from './served-mcp.ts';
import { serverFactory } from './server-factory.ts';

/** How tools are served. */
export interface ServeMcpOptions<Context = unknown> {
  /** What the server calls itself. Default: the agent's name, or `throughline`. For an agent also the tool's name. */
  readonly name?: string;
  readonly version?: string;
  /** What the agent does and when to ask it: the client's model chooses by these words. Needed for an agent. */
  readonly description?: string;
  /** What the tools get as `context`. */
  readonly context?: Context;
  /** The host's say on every call, as `approve` of an agent. */
  readonly approve?: ApproveCall<Context>;
  /** Asks a person about a call that waits for one. Default: nobody can be asked, so it is refused. */
  readonly ask?: Ask;
  /** Serves over streamable HTTP on 127.0.0.1 with a fresh token and port, or as said. Default: over stdio. */
  readonly http?: true | HttpListen;
  /** Told what the client must not be: why a tool failed. Default: a process warning, which goes to stderr. */
  readonly onWarning?: (words: string) => void;
}

/**
 * Serves tools, or an agent as one tool, over MCP. Calls are checked and approved as those of a model are; a call that
 * waits for a person is put to `ask`, and refused where there is none. Over stdio nothing else may write to stdout.
 * Rejects with `invalid_option` or `invalid_tool`; over HTTP with the system's error where the port is taken.
 */
export async function serveMcp<Context = unknown>(
  served: Plug<Context> | Agent<Context>,
  options: ServeMcpOptions<Context> = {},
): Promise<ServedMcp> {
  checkOptions('serveMcp()', options, known);
  const { context, approve, ask = () => nobody, onWarning = warnProcess } = options;
  const http = options.http === undefined ? undefined : httpOptions(options.http);
  const name = options.name ?? (isAgent(served) ? served.name : 'throughline');
  const plug = isAgent(served) ? asTool(served, name, options.description) : served;
  const relay = new Relay<Context>([plug], { context: context as Context, approve, ask });
  const ending = new AbortController();
  const factory = serverFactory({
    about: { name, version: options.version ?? '0.0.0' },
    plug: plug as Plug,
    relay: relay as Relay<unknown>,
    warn: onWarning,
    ended: ending.signal,
  });
  const end = (reason: string) => ending.abort(new Error(reason));
  return http === undefined ? serveOverStdio(factory, end) : serveHttp(factory, http, end);
}

const known = {
  name: true,
  version: true,
  description: true,
  context: true,
  approve: true,
  ask: true,
  http: true,
  onWarning: true,
} as const;

const nobody: Decision = {
  refuse: 'it needs the approval of a person, and there is nobody to ask here',
};

function isAgent<Context>(served: Plug<Context> | Agent<Context>): served is Agent<Context> {
  return served instanceof Agent;
}

function asTool<Context>(
  agent: Agent<Context>,
  name: string,
  description: string | undefined,
): Plug<Context> {
  if (description === undefined) {
    throw new ThroughlineError(
      'invalid_option',
      'serveMcp() needs a description of the agent: the client’s model chooses by it.',
    );
  }
  return agent.asTool({ name: name.replace(/[^A-Za-z0-9_.-]+/g, '_'), description });
}

function warnProcess(words: string): void {
  process.emitWarning(words, 'ThroughlineWarning');
}
