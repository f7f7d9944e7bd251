import { Worker } from 'node:worker_threads';
import { ToolError } from '@throughline/core';
import type { Job, ResultOf, Said } from './job.ts';
import { Line } from './line.ts';
import { count } from './words.ts';

/** How many pages are read at once, each in a thread of its own. */
const mostWorkers = 2;
/** How long a thread may take to start: on a busy machine, before it has done anything. */
const mostStartingMs = 60_000;
/** A thread that has nothing to do for so long is ended. */
const idleMs = 10_000;

/** What one page may take. Its thread is ended then. */
export interface ReaderBounds {
  readonly readingMs: number;
  readonly megabytes: number;
}

/**
 * Reads pages in worker threads, which are kept for the next page. A page that takes too long or too much memory, or
 * that nobody waits for any more, ends its thread and nothing else.
 */
export class Reader {
  readonly #bounds: ReaderBounds;
  readonly #line = new Line(mostWorkers);
  readonly #idle = new Set<Worker>();
  readonly #all = new Set<Worker>();

  constructor(bounds: Partial<ReaderBounds> = {}) {
    this.#bounds = { readingMs: 10_000, megabytes: 512, ...bounds };
  }

  /** Rejects with a `ToolError` that says why the page cannot be read, or with the reason of an abort. */
  async read<J extends Job>(job: J, signal: AbortSignal): Promise<ResultOf<J>> {
    const leave = await this.#line.enter(signal);
    const worker = this.#take();
    let isSound = false;
    try {
      const said = await this.#ask(worker, job, signal);
      isSound = true;
      if (said.type === 'done') return said.result as ResultOf<J>;
      throw new ToolError(`It cannot be read: ${said.why}.`);
    } finally {
      if (isSound) this.#rest(worker);
      else await this.#end(worker);
      leave();
    }
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => this.#end(worker)));
  }

  /** How many threads there are, at work or waiting. */
  get threads(): number {
    return this.#all.size;
  }

  #take(): Worker {
    const [known] = this.#idle;
    const worker = known ?? startWorker(this.#bounds.megabytes);
    this.#idle.delete(worker);
    this.#all.add(worker);
    clearTimeout(clocks.get(worker));
    worker.removeAllListeners();
    worker.ref();
    return worker;
  }

  /** Posts the job to a thread that is ready, and starts the clock only then. */
  async #ask(worker: Worker, job: Job, signal: AbortSignal): Promise<Exclude<Said, Ready>> {
    const isNew = !ready.has(worker);
    if (isNew) await said(worker, mostStartingMs, signal);
    ready.add(worker);
    worker.postMessage(job);
    const answer = await said(worker, this.#bounds.readingMs, signal);
    if (answer.type === 'ready') throw new ToolError('It cannot be read.');
    return answer;
  }

  #rest(worker: Worker): void {
    worker.removeAllListeners();
    // It may still die, which is nobody's loss. Without a listener it would end the process.
    worker.on('error', () => undefined);
    worker.unref();
    this.#idle.add(worker);
    const clock = setTimeout(() => void this.#end(worker), idleMs);
    clock.unref();
    worker.once('exit', () => {
      clearTimeout(clock);
      this.#forget(worker);
    });
    clocks.set(worker, clock);
  }

  async #end(worker: Worker): Promise<void> {
    clearTimeout(clocks.get(worker));
    this.#forget(worker);
    worker.on('error', () => undefined);
    await worker.terminate();
  }

  #forget(worker: Worker): void {
    this.#idle.delete(worker);
    this.#all.delete(worker);
  }
}

type Ready = Extract<Said, { type: 'ready' }>;

const ready = new WeakSet<Worker>();
const clocks = new WeakMap<Worker, NodeJS.Timeout>();

/** What a thread says next. Rejects when it says nothing for too long, when it ends, and on an abort. */
async function said(worker: Worker, mostMs: number, signal: AbortSignal): Promise<Said> {
  signal.throwIfAborted();
  const done = new AbortController();
  try {
    return await new Promise<Said>((resolve, reject) => {
      const fail = (why: string, cause?: unknown) =>
        reject(new ToolError(`It cannot be read: ${why}.`, { cause }));
      const late = () => fail(`that took longer than ${count(mostMs / 1_000, 'second')}`);
      const clock = setTimeout(late, mostMs);
      const died = (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') fail('it takes too much memory', error);
        else reject(new Error('The thread that reads pages failed.', { cause: error }));
      };
      const gone = () => fail('its thread ended');
      const stop = () => reject(signal.reason as Error);
      worker.on('message', resolve).on('error', died).on('exit', gone);
      signal.addEventListener('abort', stop, { once: true });
      done.signal.addEventListener('abort', () => {
        clearTimeout(clock);
        worker.off('message', resolve).off('error', died).off('exit', gone);
        signal.removeEventListener('abort', stop);
      });
    });
  } finally {
    done.abort();
  }
}

function startWorker(megabytes: number): Worker {
  // From source, in this repository, the thread's file is TypeScript, which needs a way in.
  const isSource = import.meta.url.endsWith('.ts');
  const file = isSource ? '../source-worker.mjs' : './page-worker.js';
  return new Worker(new URL(file, import.meta.url), {
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: megabytes },
    stdout: true,
    stderr: true,
  });
}
