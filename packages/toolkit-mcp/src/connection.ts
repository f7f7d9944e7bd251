import { Client, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import type {
  CallToolResult,
  PriorDiscovery,
  ProgressCallback,
  Transport,
} from '@modelcontextprotocol/client';
import { ThroughlineError, ToolError } from '@throughline/core';
import { callFailure, reasonOf } from './call-failure.ts';
import { HttpTransport } from './http-transport.ts';
import { listTools } from './list-tools.ts';
import type { Offer } from './list-tools.ts';
import { orAborted } from './or-aborted.ts';
import { plainText } from './plain-text.ts';
import { isHttp } from './server-options.ts';
import type { McpServer } from './server-options.ts';
import { StdioTransport } from './stdio-transport.ts';

export type { Offer } from './list-tools.ts';

/** A stdio server of the older protocol may leave the first question unanswered; then it is asked in the older way. */
const probeMs = 10_000;
/** The clock of a call is the tool's own `timeoutMs`; the library's is set out of its way. */
const noTimeoutMs = 2 ** 31 - 1;

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  readonly warn: (words: string) => void;
  /** Told after each reading of the server's tools, also the first. Awaited before any call goes on. */
  readonly onOffers: (offers: readonly Offer[]) => Promise<void>;
}

/**
 * One server, over either transport: connects, connects again when a call finds the connection gone, and reads the list
 * of tools anew whenever the server says that it has changed. It knows nothing of tools of ours.
 */
export class Connection {
  readonly name: string;
  readonly server: McpServer;
  readonly #options: ConnectionOptions;
  #client: Client | undefined;
  #opening: Promise<Client> | undefined;
  /** Of the newest attempt to connect, be it under way or done. */
  #transport: Transport | undefined;
  #reading: Promise<void> = Promise.resolve();
  /** How often the server has said that its list changed, and up to which of these it has been read. */
  #changes = 0;
  #offers: ReadonlyMap<string, Offer> = new Map();
  #prior: PriorDiscovery | undefined;
  #closed = false;

  constructor(name: string, server: McpServer, options: ConnectionOptions) {
    this.name = name;
    this.server = server;
    this.#options = options;
  }

  /** What the server says about itself. */
  get instructions(): string | undefined {
    return this.#client?.getInstructions();
  }

  /** Connects and reads the tools. Rejects with `connection` or `timeout`, naming the server. */
  async open(): Promise<void> {
    await this.#connected();
  }

  /** Calls the tool if the server still offers it as it was when it was offered to the model; else refuses, in words. */
  async call(
    offer: Offer,
    args: Readonly<Record<string, unknown>>,
    about: { readonly signal: AbortSignal; readonly onprogress: ProgressCallback },
  ): Promise<CallToolResult> {
    const client = await this.#readyForCall(about.signal);
    const now = this.#offers.get(offer.name);
    if (now?.text !== offer.text) {
      const what = now === undefined ? 'no longer offers' : 'has changed';
      throw new ToolError(
        `This call did not run: the MCP server "${this.name}" ${what} the tool "${plainText(offer.name, 100)}" since it was offered to you.`,
      );
    }
    try {
      return await client.callTool(
        { name: offer.name, arguments: args },
        {
          ...about,
          timeout: noTimeoutMs,
          toolDefinition: { name: offer.name, inputSchema: offer.inputSchema },
        },
      );
    } catch (error) {
      about.signal.throwIfAborted(); // with its own reason, which the library would wrap
      const { words, isLost } = callFailure(this.#subject, error);
      if (isLost) this.#drop(client);
      throw new ToolError(words, { cause: error });
    }
  }

  /** Ends the server, if it is ours, with all that it started. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#client = undefined; // first, so that nobody is warned of its end
    await this.#transport?.close();
    await this.#opening?.catch(() => {});
  }

  async #readyForCall(signal: AbortSignal): Promise<Client> {
    try {
      return await orAborted(signal, this.#ready());
    } catch (error) {
      if (signal.aborted || !(error instanceof ThroughlineError)) throw error;
      throw new ToolError(`This call did not run: ${error.message}`, { cause: error });
    }
  }

  async #connected(): Promise<Client> {
    if (this.#closed) throw new ThroughlineError('connection', `${this.#subject} was disposed of.`);
    if (this.#client !== undefined) return this.#client;
    this.#opening ??= this.#connect().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** The client, once it is connected and every change of the list that is known of has been read. */
  async #ready(): Promise<Client> {
    const client = await this.#connected();
    for (let read; read !== this.#reading;) {
      read = this.#reading;
      await read;
    }
    if (this.#client === client) return client;
    throw new ThroughlineError('connection', `${this.#subject} has ended.`);
  }

  get #subject(): string {
    return `The MCP server "${this.name}"`;
  }

  async #connect(): Promise<Client> {
    const { connectTimeoutMs } = this.#options;
    const signal = AbortSignal.timeout(connectTimeoutMs);
    const attempt = this.#attempt(this.#prior).catch((error: unknown) => {
      // A child of the older protocol may end at the first question; this transport asks it of the one child there is.
      const ended = error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed;
      if (!ended || isHttp(this.server) || signal.aborted) throw error;
      return this.#attempt({ kind: 'legacy' });
    });
    try {
      return await orAborted(signal, attempt);
    } catch (cause) {
      await this.#transport?.close(); // an attempt that is still under way fails by that
      await attempt.catch(() => {});
      if (signal.aborted) {
        throw new ThroughlineError(
          'timeout',
          `${this.#subject} was not ready within ${connectTimeoutMs} ms.`,
        );
      }
      if (cause instanceof ThroughlineError) throw cause;
      throw new ThroughlineError(
        'connection',
        `${this.#subject} cannot be reached: ${reasonOf(cause)}.`,
        { cause },
      );
    }
  }

  async #attempt(prior: PriorDiscovery | undefined): Promise<Client> {
    const transport = isHttp(this.server)
      ? new HttpTransport(this.server)
      : new StdioTransport(this.server);
    this.#transport = transport;
    const client = new Client(
      { name: 'throughline', version: '0.1.0' },
      {
        versionNegotiation: {
          mode: 'auto',
          ...(isHttp(this.server) ? {} : { probe: { timeoutMs: probeMs } }),
        },
        inputRequired: { autoFulfill: false },
        // Its own validator would run the server's regular expressions.
        jsonSchemaValidator: {
          getValidator: () => (value) => ({
            valid: true,
            data: value as never,
            errorMessage: undefined,
          }),
        },
        listChanged: {
          tools: { autoRefresh: false, debounceMs: 0, onChanged: () => this.#changed(client) },
        },
      },
    );
    const timeout = this.#options.connectTimeoutMs;
    const changes = this.#changes;
    try {
      await client.connect(transport, { timeout, ...(prior === undefined ? {} : { prior }) });
      this.#prior = client.getProtocolEra() === 'legacy' ? { kind: 'legacy' } : undefined;
      await this.#read(client);
    } catch (error) {
      await transport.close();
      if (transport instanceof StdioTransport) {
        const { ending, said } = transport.lastWords;
        if (said !== '') this.#options.warn(`${this.#subject} did not start${ending}.${said}`);
      }
      throw error;
    }
    Object.assign(client, {
      onclose: () => this.#lost(client, transport),
      onerror: (error: Error) => this.#failed(client, transport, error),
    });
    if (this.#closed) {
      await client.close();
      throw new ThroughlineError('connection', `${this.#subject} was disposed of.`);
    }
    this.#client = client;
    if (this.#changes !== changes) this.#changed(client); // told while the list was being read
    // Who no longer hears of changes must not go on with what was offered before.
    void client.autoOpenedSubscription?.closed.then((how) => {
      if (how !== 'local') this.#drop(client);
    });
    return client;
  }

  #lost(client: Client, transport: unknown): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    const { ending, said } =
      transport instanceof StdioTransport ? transport.lastWords : { ending: '', said: '' };
    const next = 'the next call connects again';
    this.#options.warn(`${this.#subject} has ended${ending}; ${next}.${said}`);
  }

  #failed(client: Client, transport: unknown, error: Error): void {
    // Only what ends the connection concerns the host: a stray answer or a line of rubbish does no harm.
    if (!/more than \d+ bytes/.test(error.message)) return;
    this.#options.warn(`${this.#subject}: ${error.message}`);
    if (this.#client === client && !(transport instanceof StdioTransport)) void client.close();
  }

  /** Reads the list again, once for all changes that are told while it is being read. */
  #changed(client: Client): void {
    const change = ++this.#changes;
    this.#reading = this.#reading.then(async () => {
      if (change !== this.#changes || this.#client !== client) return;
      await this.#read(client).catch((error: unknown) => {
        this.#offers = new Map(); // what it offers now is not known, so nothing of it is called
        this.#options.warn(`${this.#subject} did not tell its changed tools: ${reasonOf(error)}.`);
        return this.#options.onOffers([]);
      });
    });
  }

  async #read(client: Client): Promise<void> {
    const { connectTimeoutMs, warn } = this.#options;
    const signal = AbortSignal.timeout(connectTimeoutMs); // for all pages together
    const hasTools = client.getServerCapabilities()?.tools !== undefined;
    const offers = hasTools
      ? await listTools(client, signal, (words) => warn(`${this.#subject} ${words}`))
      : [];
    this.#offers = new Map(offers.map((offer) => [offer.name, offer]));
    await this.#options.onOffers(offers);
  }

  /** The next call connects anew. */
  #drop(client: Client): void {
    if (this.#client === client) this.#client = undefined;
    void client.close().catch(() => {});
  }
}
