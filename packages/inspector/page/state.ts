import { batch, computed, signal } from '@preact/signals';
import type { Abilities, Row, Summary } from '../src/shown.ts';
import { LiveView } from './live-view.ts';
import { chunk, RowStore } from './row-store.ts';
import type { LiveEvent, Source } from './source.ts';

export const source = signal<Source | undefined>(undefined);
export const abilities = signal<Abilities>({});
export const sessions = signal<readonly Summary[] | undefined>(undefined);
export const words = signal('');
export const problem = signal<string | undefined>(undefined);
export const offline = signal<string | undefined>(undefined);
/** What was done last, for a screen reader. */
export const said = signal('');

export const openId = signal<string | undefined>(undefined);
export const opened = signal<Summary | undefined>(undefined);
export const total = signal(0);
export const selected = signal<number | undefined>(undefined);
/** Whether the end of the timeline is kept in view. */
export const following = signal(false);
/** The time, as often as a bar that grows needs it. */
export const now = signal(Date.now());
/** Counts up when rows have come or changed. */
export const rowsVersion = signal(0);
export const live = signal<LiveView>(new LiveView());

/** One for each session that is opened: an answer that comes late is of the one before. */
let rows = new RowStore();
let stopFollowing: (() => void) | undefined;
let searching: AbortController | undefined;

export function rowAt(index: number): Row | undefined {
  return rows.at(index);
}

export const selectedRow = computed(() => {
  void rowsVersion.value;
  return selected.value === undefined ? undefined : rows.at(selected.value);
});

/** Shows an error in the page, and says it. */
export function tellProblem(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DOMException && error.name === 'AbortError') return;
  problem.value = message;
}

export async function loadSessions(): Promise<void> {
  searching?.abort();
  const { signal } = (searching = new AbortController());
  try {
    const list = await source.value?.sessions(words.value, signal);
    if (signal.aborted || list === undefined) return;
    batch(() => {
      sessions.value = list;
      const current = list.find(({ id }) => id === openId.value);
      if (current !== undefined) opened.value = current;
    });
  } catch (error) {
    if (!signal.aborted) tellProblem(error);
  }
}

export function open(id: string, at?: number): void {
  if (openId.value === id) {
    if (at !== undefined) selected.value = at;
    return;
  }
  stopFollowing?.();
  rows = new RowStore();
  batch(() => {
    openId.value = id;
    opened.value = sessions.value?.find((one) => one.id === id);
    total.value = 0;
    selected.value = at;
    following.value = opened.value?.live !== undefined;
    live.value = new LiveView();
    problem.value = undefined;
    offline.value = undefined;
  });
  void loadRows(0, chunk);
  stopFollowing = source.value?.follow(id, {
    rows: ({ total: count, changed, reload, summary }) => {
      later(() => {
        if (openId.value !== id) return;
        if (reload) rows.readAgain();
        rows.tell(changed);
        total.value = count;
        opened.value = summary;
        const { hits: _, ...told } = summary;
        sessions.value = sessions.value?.map((one) => (one.id === id ? { ...one, ...told } : one));
        live.value = live.value.withoutStored(changed.map(([, row]) => row));
        rowsVersion.value++;
      });
    },
    live: (events) => later(() => void (openId.value === id && hear(events))),
    problem: (message) => {
      offline.value = message;
      // What changed while the page was away, or before it was here, is not told again.
      if (message === undefined && openId.value === id) readAgain();
    },
  });
}

function readAgain(): void {
  rows.readAgain();
  batch(() => {
    live.value = new LiveView();
    rowsVersion.value++;
  });
}

export function close(): void {
  stopFollowing?.();
  stopFollowing = undefined;
  batch(() => {
    offline.value = undefined;
    openId.value = undefined;
    opened.value = undefined;
    selected.value = undefined;
  });
}

/** Asks for rows that are not here yet, a chunk at a time. */
export async function loadRows(from: number, to: number): Promise<void> {
  const id = openId.value;
  const into = rows;
  for (let at = Math.floor(from / chunk) * chunk; at < to; at += chunk) {
    const data = source.value;
    if (id === undefined || data === undefined || !into.isWanted(at, total.value)) continue;
    try {
      const answer = await into.read(at, () => data.rows(id, at, chunk));
      if (openId.value !== id) return;
      total.value = Math.max(total.value, answer.total);
      if (answer.rows.length > 0) rowsVersion.value++;
    } catch (error) {
      tellProblem(error);
      return;
    }
  }
}

export async function openHit(id: string, seq: number): Promise<void> {
  open(id);
  const before = selected.value;
  try {
    const at = await source.value?.rowOf(id, seq);
    // Who has chosen another row meanwhile keeps it.
    if (openId.value === id && selected.value === before) selected.value = at;
  } catch (error) {
    tellProblem(error);
  }
}

/** Does what a person asks, and says how it went. */
export async function act(
  name: string,
  body: unknown,
  done: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const answer = await source.value?.act(name, body);
    problem.value = undefined;
    said.value = done;
    await loadSessions();
    return answer;
  } catch (error) {
    tellProblem(error);
    return undefined;
  }
}

function hear(events: readonly LiveEvent[]): void {
  live.value = live.value.with(events);
}

let waiting: (() => void)[] = [];

/** All that comes between two frames is one change of the page. */
function later(work: () => void): void {
  waiting.push(work);
  if (waiting.length > 1) return;
  const flush = () => {
    const all = waiting;
    waiting = [];
    batch(() => {
      for (const one of all) one();
    });
  };
  // No frames are drawn in a tab that is not seen.
  if (document.hidden) setTimeout(flush, 200);
  else requestAnimationFrame(flush);
}
