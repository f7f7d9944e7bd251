import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Toolkit } from '@throughline/core';
import { aboutFence } from './fence.ts';
import { fetchPage } from './fetch-page.ts';
import { exactHostList, hostList } from './host-list.ts';
import type { FetchRules, PageFetcher, Seams } from './page-fetcher.ts';
import { searchWeb } from './search-web.ts';
import type { SearchWeb } from './search-web.ts';

/** What `web` can be told. All of it may be left out. */
export interface WebOptions {
  /**
   * The only hosts that may be fetched: `example.com` (itself alone), `*.example.com` (all below it), either with a port,
   * which is the way to a port other than 80, 443, 8080 and 8443. Default: all on the public internet.
   */
  readonly allow?: readonly string[];
  /** Hosts that may not be fetched, written as in `allow`. It wins over `allow`. */
  readonly deny?: readonly string[];
  /**
   * Exact hosts with ports, such as `127.0.0.1:3000`, that may be fetched though they stand at a loopback or private
   * address. Default: none. Link-local and metadata addresses stay closed.
   */
  readonly allowPrivate?: readonly string[];
  /** Whether to keep to robots.txt. Default: true. */
  readonly robots?: boolean;
  /** Searches the web. Without it there is no `search_web`. */
  readonly search?: SearchWeb;
  /** The most time for one page in milliseconds, without waiting for its turn. Default: 30,000. */
  readonly timeoutMs?: number;
  /** What the requests call themselves; robots.txt is read for the word before the `/`. Default: `Throughline`. */
  readonly userAgent?: string;
}

/**
 * Tools for the web, of effect `read`: `fetch_page`, which reads pages of the public internet by GET, and with `search`
 * also `search_web`. Throws `invalid_option` for an option that cannot be.
 */
export function web(options: WebOptions = {}): Toolkit<unknown> {
  checkOptions('web()', options, {
    allow: true,
    deny: true,
    allowPrivate: true,
    robots: true,
    search: true,
    timeoutMs: true,
    userAgent: true,
  });
  return webWith(options, {});
}

/** The toolkit, with its ties to the machine. Not exported from the package. */
export function webWith(options: WebOptions, seams: Seams): Toolkit<unknown> {
  const { allow, deny = [], allowPrivate = [], robots = true, search } = options;
  checkValues(options);
  const ended = new AbortController();
  const rules: FetchRules = {
    borders: {
      allow: allow === undefined ? undefined : hostList('allow', allow),
      deny: hostList('deny', deny),
      allowPrivate: exactHostList('allowPrivate', allowPrivate),
    },
    userAgent: options.userAgent ?? 'Throughline',
    timeoutMs: options.timeoutMs ?? 30_000,
    robots,
    ended: ended.signal,
  };
  let loading: Promise<PageFetcher> | undefined;
  const load = async () => {
    const { PageFetcher } = await import('./page-fetcher.ts');
    return new PageFetcher(rules, seams);
  };
  const fetching = fetchPage(() => (loading ??= load()), ended.signal);
  return {
    name: 'web',
    tools: search === undefined ? [fetching] : [fetching, searchWeb(search, ended.signal)],
    instructions: aboutFence,
    async dispose() {
      ended.abort(new Error('The toolkit was disposed of.'));
      await (await loading)?.close();
    },
  };
}

function checkValues({ robots, search, timeoutMs, userAgent }: WebOptions): void {
  const refuse = (why: string) => new ThroughlineError('invalid_option', `web(): ${why}.`);
  if (robots !== undefined && typeof robots !== 'boolean') {
    throw refuse(`robots is ${String(robots)}, but it must be true or false`);
  }
  if (search !== undefined && typeof search !== 'function') {
    throw refuse(`search is ${typeof search}, but it must be a function`);
  }
  if (
    timeoutMs !== undefined &&
    !(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs < 2 ** 31)
  ) {
    throw refuse(
      `timeoutMs is ${String(timeoutMs)}, but it must be a whole number of milliseconds from 1`,
    );
  }
  if (userAgent !== undefined && !/^[!#-~][ -~]{0,199}$/.test(String(userAgent))) {
    throw refuse('userAgent must be 1 to 200 printable ASCII characters');
  }
}
