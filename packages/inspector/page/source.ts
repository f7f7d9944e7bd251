import { excerptOf } from '../src/excerpt.ts';
import type {
  Abilities,
  Exported,
  Hit,
  RequestAnswer,
  RowsAnswer,
  RowsChange,
  Summary,
} from '../src/shown.ts';

/** What a followed session tells. */
export interface Heard {
  rows(change: RowsChange): void;
  live(events: readonly LiveEvent[]): void;
  /** `undefined`: the connection stands again. */
  problem(message: string | undefined): void;
}

/** An event of a run, as loosely as a page reads what strangers wrote. */
export interface LiveEvent {
  readonly type: string;
  readonly runId: string;
  readonly step?: number;
  readonly call?: number;
  readonly name?: string;
  readonly delta?: string;
  readonly arguments?: string;
  readonly progress?: unknown;
  readonly reason?: string;
  readonly message?: unknown;
  readonly event?: LiveEvent;
}

/** Where the page has its data from: the server, or the file that it is. */
export interface Source {
  readonly isFile: boolean;
  abilities(): Promise<Abilities>;
  sessions(words: string, signal: AbortSignal): Promise<readonly Summary[]>;
  rows(id: string, from: number, count: number): Promise<RowsAnswer>;
  /** The row where a line is shown. */
  rowOf(id: string, seq: number): Promise<number>;
  line(id: string, seq: number): Promise<Readonly<Record<string, unknown>>>;
  request(id: string, runId: string, step: number): Promise<RequestAnswer>;
  /** The request itself, as it is sent. */
  requestText(id: string, runId: string, step: number): Promise<string>;
  /** Tells what happens from now on, until the result is called. */
  follow(id: string, heard: Heard): () => void;
  act(name: string, body: unknown): Promise<Readonly<Record<string, unknown>>>;
  download(path: string, name: string): Promise<void>;
}

/** The source of this page. */
export async function openSource(): Promise<Source> {
  const data = document.getElementById('exported')?.textContent;
  return data ? fromFile(await unpacked(data)) : fromServer(takeToken());
}

/** The token stands behind `#` in the address that the inspector printed. It stays in this tab alone. */
function takeToken(): string {
  const given = location.hash.slice(1);
  if (/^[\w-]{20,}$/.test(given)) {
    sessionStorage.setItem('throughline', given);
    history.replaceState(undefined, '', location.pathname);
  }
  return sessionStorage.getItem('throughline') ?? '';
}

function fromServer(token: string): Source {
  const headers = { 'x-throughline-token': token };
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(`api/${path}`, { ...init, headers });
    if (response.ok) return response;
    const told = (await response.json().catch(() => ({}))) as { error?: { message?: string } };
    throw new Error(told.error?.message ?? `The inspector answered ${response.status}.`);
  };
  const json = async <T>(path: string, init?: RequestInit) =>
    (await ask(path, init)).json() as Promise<T>;
  return {
    isFile: false,
    abilities: () => json('abilities'),
    sessions: (words, signal) => json(`sessions?${query({ q: words })}`, { signal }),
    rows: (id, from, count) => json(`rows?${query({ id, from, count })}`),
    rowOf: async (id, seq) => (await json<{ at: number }>(`row?${query({ id, seq })}`)).at,
    line: (id, seq) => json(`line?${query({ id, seq })}`),
    request: (id, run, step) => json(`request?${query({ id, run, step })}`),
    requestText: async (id, run, step) =>
      (await ask(`request?${query({ id, run, step, raw: 1 })}`)).text(),
    follow: (id, heard) => following((signal) => ask(`follow?${query({ id })}`, { signal }), heard),
    act: (name, body) => json(name, { method: 'POST', body: JSON.stringify(body) }),
    async download(path, name) {
      const url = URL.createObjectURL(await (await ask(path)).blob());
      const link = Object.assign(document.createElement('a'), { href: url, download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
  };
}

export function query(parameters: Readonly<Record<string, string | number>>): string {
  const entries = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return new URLSearchParams(entries).toString();
}

/** Reads the stream, and asks again where it breaks off. */
function following(open: (signal: AbortSignal) => Promise<Response>, heard: Heard): () => void {
  const stop = new AbortController();
  const read = async () => {
    for (let wait = 500; !stop.signal.aborted; wait = Math.min(wait * 2, 10_000)) {
      try {
        const response = await open(stop.signal);
        heard.problem(undefined);
        wait = 500;
        for await (const { type, data } of messages(response)) {
          if (type === 'rows') heard.rows(data as RowsChange);
          if (type === 'live') heard.live(data as readonly LiveEvent[]);
          if (type === 'problem') heard.problem((data as { message: string }).message);
        }
      } catch (error) {
        if (!stop.signal.aborted) heard.problem(`Not live: ${(error as Error).message}`);
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  };
  void read();
  return () => stop.abort();
}

async function* messages(response: Response): AsyncGenerator<{ type: string; data: unknown }> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) return;
    const parts = (text + value).split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [first = '', second = ''] = part.split('\n');
      yield {
        type: first.slice('event: '.length),
        data: JSON.parse(second.slice('data: '.length)),
      };
    }
  }
}

async function unpacked(data: string): Promise<Exported> {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as Exported;
}

/** So many places of an exported session are told. */
const mostHits = 20;

function fromFile({ summary, rows, lines, rowOfLine }: Exported): Source {
  const nothing = () =>
    Promise.reject(new Error('This page is a file: nothing can be done from it.'));
  const noRequest = () =>
    Promise.reject(
      new Error('An exported file does not hold the requests. Open the session itself.'),
    );
  const hitsOf = (words: string): readonly Hit[] => {
    const hits: Hit[] = [];
    for (const [seq, line] of Object.entries(lines)) {
      const excerpt = excerptOf(line, words.toLowerCase());
      const type = String((line as { readonly type?: unknown } | null)?.type);
      if (excerpt !== undefined) hits.push({ seq: Number(seq), type, excerpt });
      if (hits.length === mostHits) break;
    }
    return hits;
  };
  return {
    isFile: true,
    abilities: async () => ({}),
    async sessions(words) {
      if (words === '') return [summary];
      const hits = hitsOf(words);
      return hits.length === 0 ? [] : [{ ...summary, hits }];
    },
    rows: async (_, from, count) => ({
      from,
      total: rows.length,
      rows: rows.slice(from, from + count),
    }),
    rowOf: async (_, seq) => rowOfLine[seq] ?? 0,
    line: async (_, seq) => (lines[seq] ?? {}) as Record<string, unknown>,
    request: noRequest,
    requestText: noRequest,
    follow: () => () => {},
    act: nothing,
    download: nothing,
  };
}
