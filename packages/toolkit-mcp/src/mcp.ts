import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Tool, Toolkit } from '@throughline/core';
import { Connection } from './connection.ts';
import type { Offer } from './connection.ts';
import { plainText } from './plain-text.ts';
import { remoteTool } from './remote-tool.ts';
import { checkServer } from './server-options.ts';
import type { McpServer } from './server-options.ts';
import { isServerName } from './tool-name.ts';

/** What `mcp` needs to know. */
export interface McpOptions {
  /** The servers by name: a letter, then letters, digits, `-` and single `_`. The name stands before each tool's. */
  readonly servers: Readonly<Record<string, McpServer>>;
  /** Told what a host should know and no run can tell: a tool left out, a server that ended. Default: a process warning. */
  readonly onWarning?: (words: string) => void;
  /** How long a server may take to start and list its tools, in milliseconds. Default: 60,000. */
  readonly connectTimeoutMs?: number;
}

/**
 * The tools of MCP servers, each called `server__tool`. Resolves when every server is connected and has listed its tools;
 * rejects with `invalid_option`, `connection` or `timeout`, naming the server, and then leaves nothing running.
 * `dispose` (or `agent.dispose()`) ends the connections, and the servers that are child processes with all they started.
 * The next step sees a list that has changed.
 */
export async function mcp(options: McpOptions): Promise<Toolkit<unknown>> {
  checkOptions('mcp()', options, { servers: true, onWarning: true, connectTimeoutMs: true });
  const { servers, connectTimeoutMs = 60_000, onWarning = warnProcess } = options;
  if (typeof onWarning !== 'function') throw invalid('onWarning is no function');
  if (!(typeof connectTimeoutMs === 'number' && connectTimeoutMs >= 1)) {
    throw invalid(`connectTimeoutMs is ${String(connectTimeoutMs)}; it must be 1 or more`);
  }
  if (typeof servers !== 'object' || servers === null) throw invalid('servers is no object');
  for (const [name, server] of Object.entries(servers)) {
    checkServer(name, server);
    if (!isServerName(name)) {
      throw invalid(
        `a server cannot be called ${JSON.stringify(name)}: a name has at most 32 letters, digits, "-" and single "_", ` +
          'and begins with a letter',
      );
    }
  }
  const mounted = Object.entries(servers).map(
    ([name, server]) => new Mounted(name, server, { connectTimeoutMs, warn: onWarning }),
  );
  const opened = await Promise.allSettled(mounted.map(({ connection }) => connection.open()));
  const dispose = async () => {
    await Promise.all(mounted.map(({ connection }) => connection.close()));
  };
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await dispose();
    throw failed.reason;
  }
  const instructions = mounted.flatMap((one) => one.instructions ?? []).join('\n\n');
  return {
    name: 'mcp',
    get tools() {
      return mounted.flatMap(({ tools }) => tools);
    },
    ...(instructions === '' ? {} : { instructions }),
    dispose,
  };
}

/** A server, and its tools as ours. */
class Mounted {
  readonly connection: Connection;
  tools: readonly Tool<unknown>[] = [];
  readonly #warn: (words: string) => void;
  /** By the text of the offer, so that a tool that stays is the same object, and what was told once is not told again. */
  #known = new Map<string, Tool<unknown> | undefined>();

  constructor(
    name: string,
    server: McpServer,
    about: { readonly connectTimeoutMs: number; readonly warn: (words: string) => void },
  ) {
    this.#warn = about.warn;
    this.connection = new Connection(name, server, {
      ...about,
      onOffers: (offers) => this.#take(offers),
    });
  }

  /** Words for the model are taken from a trusted server only. */
  get instructions(): string | undefined {
    const { server, name, instructions } = this.connection;
    if (server.trust !== true || instructions === undefined) return undefined;
    return `About the tools that begin with ${name}__:\n${plainText(instructions, 10_000)}`;
  }

  async #take(offers: readonly Offer[]): Promise<void> {
    const { name, server } = this.connection;
    const wanted = server.tools;
    const known = new Map<string, Tool<unknown> | undefined>();
    const taken = new Map<string, Tool<unknown>>();
    for (const offer of offers) {
      if (wanted !== undefined && !wanted.includes(offer.name)) continue;
      const made = this.#known.has(offer.text)
        ? this.#known.get(offer.text)
        : await this.#make(offer);
      known.set(offer.text, made);
      if (made === undefined) continue;
      if (taken.has(made.name)) {
        this.#warn(
          `The MCP server "${name}" has two tools that would be called "${made.name}"; the second is left out.`,
        );
      } else taken.set(made.name, made);
    }
    for (const missing of wanted ?? []) {
      if (offers.some((offer) => offer.name === missing)) continue;
      this.#warn(`The MCP server "${name}" has no tool ${JSON.stringify(missing)}.`);
    }
    this.#known = known;
    this.tools = [...taken.values()];
  }

  /** A tool that cannot be used costs itself alone. */
  async #make(offer: Offer): Promise<Tool<unknown> | undefined> {
    try {
      return await remoteTool(this.connection, offer);
    } catch (error) {
      const why = error instanceof Error ? plainText(error.message, 500) : 'it cannot be read';
      const about = `The tool ${JSON.stringify(plainText(offer.name, 100))} of the MCP server "${this.connection.name}"`;
      this.#warn(`${about} is left out: ${why}`);
      return undefined;
    }
  }
}

function invalid(why: string): ThroughlineError {
  return new ThroughlineError('invalid_option', `mcp(): ${why}.`);
}

function warnProcess(words: string): void {
  process.emitWarning(words, 'ThroughlineWarning');
}
