import { checkOptions, ThroughlineError } from '@throughline/core';
import { linksInMemory } from './trace-links.ts';
import type { TraceLinks } from './trace-links.ts';

/** What the telemetry says, and whether it says what was said. */
export interface OtelOptions {
  /**
   * Whether spans carry what people, the model and tools said: messages, arguments, results, texts of errors. Default: false, unless
   * `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is `true`, `SPAN_ONLY` or `SPAN_AND_EVENT`.
   */
  readonly content?: boolean | undefined;
  /**
   * Asked as a run begins or resumes, in the async context of its caller: the id of its session, told as `gen_ai.conversation.id` and
   * `session.id` on all its spans. Where it returns undefined, or is left out, neither is told.
   */
  readonly conversation?: (() => string | undefined) | undefined;
  /** `gen_ai.provider.name`. Default: `moonshot_ai`. */
  readonly provider?: string | undefined;
  /** The base URL of the endpoint, told as `server.address` and `server.port`. Default: neither is told. */
  readonly baseURL?: string | undefined;
  /** The names of the metrics: the current ones, or those of the conventions v1.41, which older dashboards read. Default: `current`. */
  readonly metrics?: 'current' | 'v1.41' | undefined;
  /** Whether the time between the chunks of each answer is measured. It costs a listener on every delta. Default: false. */
  readonly chunkTimes?: boolean | undefined;
  /**
   * Where the trace of a run is kept until the run has come to its end, so that the span of a resumed run links to it. Default: in this process; give a
   * store where another process resumes.
   */
  readonly links?: TraceLinks | undefined;
}

/** The options with their defaults. */
export interface Settings {
  readonly content: boolean;
  readonly metrics: 'current' | 'v1.41';
  readonly chunkTimes: boolean;
  readonly links: TraceLinks;
  conversation(): string | undefined;
  /** On every chat span and every metric of the client. */
  readonly endpoint: Readonly<Record<string, string | number>>;
}

/** Throws `invalid_option` for an option that does not exist or has a value it cannot have. */
export function toSettings(options: OtelOptions): Settings {
  checkOptions('otel()', options, known);
  const { content = contentByEnvironment(), provider = 'moonshot_ai', baseURL } = options;
  const { metrics = 'current', conversation = () => undefined, chunkTimes = false } = options;
  const { links = ofThisProcess } = options;
  if (typeof conversation !== 'function') throw unfit('conversation', conversation, 'a function');
  if (typeof content !== 'boolean') throw unfit('content', content, 'true or false');
  if (typeof chunkTimes !== 'boolean') throw unfit('chunkTimes', chunkTimes, 'true or false');
  if (!isStore(links))
    throw unfit('links', links, 'an object with get, set and delete, e.g. a Map');
  if (typeof provider !== 'string' || provider === '') throw unfit('provider', provider, 'a name');
  if (metrics !== 'current' && metrics !== 'v1.41') {
    throw unfit('metrics', metrics, '"current" or "v1.41"');
  }
  const server = baseURL === undefined ? {} : serverOf(baseURL);
  return {
    content,
    metrics,
    chunkTimes,
    links,
    conversation,
    endpoint: { 'gen_ai.provider.name': provider, ...server },
  };
}

/** One for all agents: a host may make an agent for each request. */
const ofThisProcess = linksInMemory();

function isStore(links: TraceLinks): boolean {
  return ([links?.get, links?.set, links?.delete] as unknown[]).every(
    (method) => typeof method === 'function',
  );
}

function serverOf(baseURL: string): Record<string, string | number> {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : undefined;
  if (url === undefined) throw unfit('baseURL', baseURL, 'a URL, e.g. https://www.anyfast.ai/v1');
  const port = url.port === '' ? defaultPorts[url.protocol] : Number(url.port);
  const address = { 'server.address': url.hostname };
  return port === undefined ? address : { ...address, 'server.port': port };
}

const defaultPorts: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

/** The switch that other instrumentations read, too. `EVENT_ONLY` is no yes: content is told on spans alone. */
function contentByEnvironment(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const said = process?.env?.['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'];
  return ['true', 'span_only', 'span_and_event'].includes(said?.trim().toLowerCase() ?? '');
}

/** A URL may hold a password, so only the kind of a value is shown. */
function unfit(option: string, value: unknown, expected: string): ThroughlineError {
  const found = option === 'metrics' ? JSON.stringify(value) : `no such value (${typeof value})`;
  const message = `otel(): ${option} is ${found}, but it must be ${expected}.`;
  return new ThroughlineError('invalid_option', message);
}

const known: Readonly<Record<keyof OtelOptions, true>> = {
  content: true,
  provider: true,
  baseURL: true,
  metrics: true,
  conversation: true,
  chunkTimes: true,
  links: true,
};
