// options/ owns what a caller may set: the options, their checks, the prices, and what strikes secrets out of a text. It does not own
// what becomes of a valid option (encode/, http/).

import type { Prices } from './pricing.ts';

/** What an answer must look like. For a schema the endpoint documents JSON mode only. */
export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly json_schema: {
        readonly name: string;
        readonly schema: Readonly<Record<string, unknown>>;
        readonly strict?: boolean;
      };
    };

/** How to reach the endpoint; what `anyfast.models()` needs. */
export interface ConnectionOptions {
  /**
   * The endpoint's key. Default: `ANYFAST_API_KEY` from the environment. It may be missing only where `baseURL`
   * is on this machine. It appears in no error, event or log line.
   */
  readonly apiKey?: string | undefined;
  /** Default: `ANYFAST_BASE_URL` from the environment, else `https://www.anyfast.ai/v1`. */
  readonly baseURL?: string | undefined;
  /** Sent with every request. The key has its own option. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sends the requests. Default: `node:http` on Node, which is cheaper, and the platform's `fetch` elsewhere. */
  readonly fetch?: Fetch | undefined;
  /**
   * How long to wait for the first data of an answer, in milliseconds. Default: 300,000, since a thinking model
   * may be silent for minutes. Node's own `fetch`, where it is passed, gives up after that long too. Where only keep-alive comments come, it also bounds the wait for further data.
   */
  readonly firstByteTimeoutMs?: number | undefined;
  /** How long an answer that has begun may be without a byte, in milliseconds. Default: 180,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** When to ask again before the first part of an answer; what is left out has its default. */
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Sees each request as it goes over the wire, the key struck out. */
  readonly onRequest?: ((request: SentRequest) => void) | undefined;
  /** Sees each response once it has ended, the key struck out. */
  readonly onResponse?: ((response: ReceivedResponse) => void) | undefined;
  /** Prints requests and responses readably: to stderr, or to a function that takes lines. */
  readonly debug?: boolean | ((line: string) => void) | undefined;
}

/**
 * How to reach the endpoint and what to ask of it. The ranges are those of the endpoint's page. For a single
 * step `request.parameters` overrides every field that is sent, in the wire's own words.
 */
export interface AnyfastOptions extends ConnectionOptions {
  /** Whether answers are streamed. Default: true. Both give the same parts. */
  readonly stream?: boolean | undefined;
  /**
   * Default: `{ type: 'enabled', keep: 'all' }`, which shows the model all its earlier thoughts. `true` is the
   * default, `false` is `{ type: 'disabled' }`. A step may switch it with `request.thinking`.
   */
  readonly thinking?: boolean | Thinking | undefined;
  /** A whole number from 1, shared by reasoning and answer. Unset, the endpoint takes 32,768. */
  readonly maxCompletionTokens?: number | undefined;
  /** 0 to 2. Leave it out: kimi-k2.6 upstream takes only 1 while thinking and only 0.6 otherwise. */
  readonly temperature?: number | undefined;
  /** 0 to 1. Leave it out: upstream takes only 0.95. */
  readonly topP?: number | undefined;
  /** -2 to 2. Leave it out: upstream takes only 0. */
  readonly frequencyPenalty?: number | undefined;
  /** -2 to 2. Leave it out: upstream takes only 0. */
  readonly presencePenalty?: number | undefined;
  /** JSON mode is `{ type: 'json_object' }`: the fields must also be described in a message. */
  readonly responseFormat?: ResponseFormat | undefined;
  /** Where the model stops writing: up to 5 texts of up to 32 bytes each. */
  readonly stop?: string | readonly string[] | undefined;
  /** The same for all requests of one conversation, to find its cached prefix more often. */
  readonly promptCacheKey?: string | undefined;
  /** A stable, anonymous id of the person behind the request. */
  readonly safetyIdentifier?: string | undefined;
  /**
   * Which calls may run that the model wrote into its text in its own tokens, because the host made no calls of them. Only
   * whole ones count, outside of code, with nothing behind them. `read` (the default): a tool of effect `read`;
   * for another one the model is told to make a proper call. `all`: any tool. `none`: they are text.
   */
  readonly leakedCalls?: 'read' | 'all' | 'none' | undefined;
  /** Prices to count with instead of `priceList`; `null` counts none. */
  readonly prices?: Prices | null | undefined;
  /**
   * What `throughline doctor --write FILE` found out about this model at this base URL: the parsed file. It stands for the options that work
   * round what was found; an option given beside it wins. A file of another model or base URL is refused.
   */
  readonly capabilities?: object | undefined;
}
/** What opens a connection in the way of `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
/** When to ask again, before the first part of an answer. Times are in milliseconds. */
export interface RetryPolicy {
  /** How often to ask in all. */
  readonly attempts: number;
  /** The first wait; each further one is twice as long, up to `maxWaitMs`, shortened at random by up to half. */
  readonly firstWaitMs: number;
  /** No wait is longer; an endpoint that asks for a longer one is not asked again. */
  readonly maxWaitMs: number;
  /** No attempt begins later than this after the first one began. */
  readonly budgetMs: number;
}
/** The options read here. */
export const connectionOptions: Readonly<Record<keyof ConnectionOptions, true>> = {
  apiKey: true,
  baseURL: true,
  headers: true,
  fetch: true,
  firstByteTimeoutMs: true,
  idleTimeoutMs: true,
  retry: true,
  onRequest: true,
  onResponse: true,
  debug: true,
};
/** Whether the model thinks before it answers, and whether it is shown its earlier thoughts again. */
export type Thinking =
  | { readonly type: 'enabled'; readonly keep?: 'all' | null }
  | { readonly type: 'disabled' };
/** A request as it went over the wire. The key is struck out, in the headers and in the text. */
export interface SentRequest {
  /** 1 for the first attempt, 2 for the first repetition. */
  readonly attempt: number;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The very body; empty for a GET. */
  readonly body: string;
}
/** A response as it came over the wire, told once it has ended, however it ended. */
export interface ReceivedResponse {
  readonly attempt: number;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** All that was read of the body, as text: a stream's frames and keep-alives too. */
  readonly body: string;
  /** From sending the request to the end of the body, in milliseconds. */
  readonly durationMs: number;
  readonly requestId?: string;
}
