import { readFile } from 'node:fs/promises';
import { checkOptions, ThroughlineError } from '@throughline/core';
import type { McpServer } from './server-options.ts';
import { asServerName } from './tool-name.ts';

/** What `fromMcpJson` may use besides the file. */
export interface McpJsonOptions {
  /** The variables that `${NAME}` in the file may stand for. Default: none, so that a file cannot send secrets away. */
  readonly env?: readonly string[];
}

type Entry = Readonly<Record<string, unknown>>;

/**
 * The servers of a `.mcp.json`: `{ "mcpServers": { name: { command, args, env, cwd } | { type: "http", url, headers } } }`.
 * `${NAME}` and `${NAME:-default}` are filled in from the variables of `env`. A server with `disabled: true` is left out;
 * what other clients keep in the file is not looked at: `autoApprove` allows nothing here. A name that `mcp` does not take is
 * changed: `io.github.acme/shop` becomes `io-github-acme-shop`.
 * Such a file names programs to run, so read only one you would run a script of. Rejects with `invalid_option`.
 */
export async function fromMcpJson(
  file: string | URL,
  options: McpJsonOptions = {},
): Promise<Readonly<Record<string, McpServer>>> {
  checkOptions('fromMcpJson()', options, { env: true });
  const refuse = (why: string, cause?: unknown) =>
    new ThroughlineError('invalid_option', `fromMcpJson(): ${String(file)} ${why}.`, { cause });
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw refuse('cannot be read', cause);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('is not JSON'); // the parser's own words would quote the file, which may hold keys
  }
  const servers = isEntry(json) ? (json['mcpServers'] ?? json['servers']) : undefined;
  if (!isEntry(servers)) throw refuse('has no object "mcpServers"');
  const found = new Map<string, McpServer>();
  for (const [name, entry] of Object.entries(servers)) {
    if (!isEntry(entry)) throw refuse(`has a server "${name}" that is no object`);
    if (entry['disabled'] === true) continue;
    const fill = filler(options.env ?? [], (why) => refuse(`has a server "${name}" that ${why}`));
    const server = toServer(fill(entry) as Entry, (why) =>
      refuse(`has a server "${name}" that ${why}`),
    );
    const plain = asServerName(name);
    if (found.has(plain)) throw refuse(`has two servers that would be called "${plain}"`);
    found.set(plain, server);
  }
  return Object.fromEntries(found);
}

function toServer(entry: Entry, refuse: (why: string) => Error): McpServer {
  const { type, command, args, env, cwd, url, headers } = entry;
  if (typeof url === 'string' && command === undefined) {
    if (type === 'sse')
      throw refuse('speaks HTTP+SSE, which is deprecated; use its streamable HTTP');
    const known = [undefined, 'http', 'streamable-http', 'streamableHttp'];
    if (!known.includes(type as string)) throw refuse(`has the type ${JSON.stringify(type)}`);
    return { url, ...(isEntry(headers) ? { headers: texts(headers) } : {}) };
  }
  if (typeof command !== 'string') throw refuse('has neither a command nor a url');
  if (type !== undefined && type !== 'stdio') throw refuse(`has the type ${JSON.stringify(type)}`);
  return {
    command,
    ...(Array.isArray(args) ? { args: args.map(String) } : {}),
    ...(isEntry(env) ? { env: texts(env) } : {}),
    ...(typeof cwd === 'string' ? { cwd } : {}),
  };
}

/** Fills in the variables of every text. */
function filler(allowed: readonly string[], refuse: (why: string) => Error) {
  const filled = (value: unknown): unknown => {
    if (typeof value === 'string') {
      return value.replace(
        /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
        (_, name: string, or?: string) => {
          const known = allowed.includes(name) ? process.env[name] : undefined;
          const found = known ?? or;
          if (found !== undefined) return found;
          throw refuse(
            allowed.includes(name)
              ? `needs the variable ${name}, which is not set`
              : `needs the variable ${name}; to let the file use it, pass { env: ['${name}'] }`,
          );
        },
      );
    }
    if (Array.isArray(value)) return value.map(filled);
    if (!isEntry(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part)]));
  };
  return filled;
}

function texts(entry: Entry): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, String(value)]));
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
