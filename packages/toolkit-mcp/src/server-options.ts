import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Effect } from '@throughline/core';

/** What the host says about a server, over any transport. */
interface AnyServer {
  /**
   * Whether the host believes the server: its annotations become effects (`readOnlyHint` → `read`), and its
   * instructions are added to the agent's. Default: false, and every tool is `destructive` unless `effects` names it.
   */
  readonly trust?: boolean;
  /** The effect of single tools, under the server's own names. It stands above `trust`. */
  readonly effects?: Readonly<Record<string, Effect>>;
  /** The server's own names of the tools to take. Default: all. */
  readonly tools?: readonly string[];
  /** How long one call may take, in milliseconds. Default: 300,000. */
  readonly timeoutMs?: number;
}

/** A server that is a program: it is started as a child process and speaks over stdin and stdout. */
export interface StdioServer extends AnyServer {
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables for the child besides HOME, LOGNAME, PATH, SHELL, TERM and USER. It gets no others of the host's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A server over streamable HTTP. */
export interface HttpServer extends AnyServer {
  readonly url: string | URL;
  /** Sent with every request, e.g. `authorization`. A redirect to another origin is not followed. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type McpServer = StdioServer | HttpServer;

const shared = { trust: true, effects: true, tools: true, timeoutMs: true } as const;
const ofStdio = { ...shared, command: true, args: true, env: true, cwd: true } as const;
const ofHttp = { ...shared, url: true, headers: true } as const;

export function isHttp(server: McpServer): server is HttpServer {
  return 'url' in server;
}

/** Throws `invalid_option` for a server that cannot be reached as it is described, naming it and the value. */
export function checkServer(name: string, server: McpServer): void {
  const where = `mcp(): the server "${name}"`;
  const refuse = (why: string) => new ThroughlineError('invalid_option', `${where} ${why}.`);
  if (typeof server !== 'object' || server === null) throw refuse('is no object');
  if ('url' in server === 'command' in server) {
    throw refuse('needs either a command (stdio) or a url (streamable HTTP)');
  }
  checkOptions(where, server, isHttp(server) ? ofHttp : ofStdio);
  const { effects = {}, tools, timeoutMs } = server;
  for (const [tool, effect] of Object.entries(effects)) {
    if (['read', 'write', 'destructive'].includes(effect)) continue;
    throw refuse(
      `gives "${tool}" the effect ${JSON.stringify(effect)}; it is read, write or destructive`,
    );
  }
  if (tools !== undefined && !isTexts(tools)) throw refuse('has tools that are no list of names');
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 1)) {
    throw refuse(`has timeoutMs ${String(timeoutMs)}; it must be 1 or more`);
  }
  if (isHttp(server)) return checkHttp(server, refuse);
  const { command, args = [], env = {} } = server;
  if (typeof command !== 'string' || command === '') throw refuse('has an empty command');
  if (!isTexts(args)) throw refuse('has args that are no list of texts');
  if (!isTexts(Object.values(env))) throw refuse('has an env whose values are not all texts');
}

function checkHttp({ url, headers = {} }: HttpServer, refuse: (why: string) => Error): void {
  // The URL may hold a key, so it is not shown.
  const parsed = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
  if (parsed === undefined) throw refuse('has a url that is none');
  if (!/^https?:$/.test(parsed.protocol))
    throw refuse(`has a url that begins with ${parsed.protocol}`);
  if (parsed.username !== '' || parsed.password !== '') {
    throw refuse('has a url with a user name or password; give them as headers');
  }
  if (!canBeSent(headers)) throw refuse('has headers that cannot be sent');
}

function canBeSent(headers: Readonly<Record<string, string>>): boolean {
  try {
    return [...new Headers({ ...headers })].length >= 0;
  } catch {
    return false;
  }
}

function isTexts(values: readonly unknown[]): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}
