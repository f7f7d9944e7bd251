import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ToolError } from '@throughline/core';
import type { Job, ResultOf, Said } from './job.ts';
import { Line } from './line.ts';
import { count } from './words.ts';

/** How many pages are read at once, each in a process of its own. */
const mostProcesses = 2;
/** How long a process may take to start: on a busy machine, before it has done anything. */
const mostStartingMs = 60_000;
/** A process that has nothing to do for so long is ended. */
const idleMs = 10_000;

/** What one page may take. Its process is ended then. */
export interface ReaderBounds {
  readonly readingMs: number;
  readonly megabytes: number;
}

/**
 * Reads pages in processes, which are kept for the next page. A page that takes too long or too much memory, or that
 * nobody waits for any more, ends its process and nothing else. A thread would not do: where V8 finds no more memory
 * for a thread, it may end all of them.
 */
export class Reader {
  readonly #bounds: ReaderBounds;
  readonly #program: URL;
  readonly #line = new Line(mostProcesses);
  readonly #idle = new Set<ChildProcess>();
  readonly #all = new Set<ChildProcess>();

  /** `program` is what the processes run. Default: the file beside this one. */
  constructor(bounds: Partial<ReaderBounds> = {}, program = besideThis()) {
    this.#bounds = { readingMs: 10_000, megabytes: 512, ...bounds };
    this.#program = program;
  }

  /** Rejects with a `ToolError` that says why the page cannot be read, or with the reason of an abort. */
  async read<J extends Job>(job: J, signal: AbortSignal): Promise<ResultOf<J>> {
    const leave = await this.#line.enter(signal);
    const child = this.#take();
    let isSound = false;
    try {
      const said = await this.#ask(child, job, signal);
      isSound = true;
      if (said.type === 'done') return said.result as ResultOf<J>;
      throw new ToolError(`It cannot be read: ${said.why}.`);
    } finally {
      if (isSound) this.#rest(child);
      else await this.#end(child);
      leave();
    }
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((child) => this.#end(child)));
  }

  /** How many processes there are, at work or waiting. */
  get processes(): number {
    return this.#all.size;
  }

  #take(): ChildProcess {
    const [known] = this.#idle;
    const child = known ?? startProcess(this.#program, this.#bounds.megabytes);
    this.#idle.delete(child);
    this.#all.add(child);
    clearTimeout(clocks.get(child));
    child.removeAllListeners();
    child.ref();
    child.channel?.ref();
    return child;
  }

  /** Posts the job to a process that is ready, and starts the clock only then. */
  async #ask(child: ChildProcess, job: Job, signal: AbortSignal): Promise<Exclude<Said, Ready>> {
    const isNew = !ready.has(child);
    if (isNew) await said(child, mostStartingMs, signal);
    ready.add(child);
    child.send(job, () => undefined); // a process that cannot be told has ended, which is heard below
    const answer = await said(child, this.#bounds.readingMs, signal);
    if (answer.type === 'ready') throw new ToolError('It cannot be read.');
    return answer;
  }

  #rest(child: ChildProcess): void {
    child.removeAllListeners();
    child.on('error', () => undefined); // it may still die, which is nobody's loss
    child.unref();
    child.channel?.unref();
    this.#idle.add(child);
    const clock = setTimeout(() => void this.#end(child), idleMs);
    clock.unref();
    child.once('exit', () => {
      clearTimeout(clock);
      this.#forget(child);
    });
    clocks.set(child, clock);
  }

  async #end(child: ChildProcess): Promise<void> {
    clearTimeout(clocks.get(child));
    this.#forget(child);
    child.on('error', () => undefined);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  #forget(child: ChildProcess): void {
    this.#idle.delete(child);
    this.#all.delete(child);
  }
}

type Ready = Extract<Said, { type: 'ready' }>;

const ready = new WeakSet<ChildProcess>();
const clocks = new WeakMap<ChildProcess, NodeJS.Timeout>();

/** What a process says next. Rejects when it says nothing for too long, when it ends, and on an abort. */
async function said(child: ChildProcess, mostMs: number, signal: AbortSignal): Promise<Said> {
  signal.throwIfAborted();
  const done = new AbortController();
  try {
    return await new Promise<Said>((resolve, reject) => {
      const fail = (why: string, cause?: unknown) =>
        reject(new ToolError(`It cannot be read: ${why}.`, { cause }));
      const late = () => fail(`that took longer than ${count(mostMs / 1_000, 'second')}`);
      const clock = setTimeout(late, mostMs);
      const died = (cause: unknown) =>
        reject(new Error('The process that reads pages failed.', { cause }));
      const gone = (code: number | null, signal: string | null) => {
        // What Node ends with when there is no more memory: an abort, as the system tells it.
        if (signal === 'SIGABRT' || signal === 'SIGTRAP' || code === 134)
          fail('it takes too much memory');
        else died(new Error(`It ended with ${signal ?? code}.`));
      };
      const stop = () => reject(signal.reason as Error);
      child.on('message', resolve).on('error', died).on('exit', gone);
      signal.addEventListener('abort', stop, { once: true });
      done.signal.addEventListener('abort', () => {
        clearTimeout(clock);
        child.off('message', resolve).off('error', died).off('exit', gone);
        signal.removeEventListener('abort', stop);
      });
    });
  } finally {
    done.abort();
  }
}

function besideThis(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./page-process.${extension}`, import.meta.url);
}

function startProcess(program: URL, megabytes: number): ChildProcess {
  // From source, in this repository, the file is TypeScript, which Node 20 reads by tsx.
  const isSource = program.href.endsWith('.ts');
  const tsx = () => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const { SystemRoot } = process.env; // Windows starts nothing without it
  return fork(fileURLToPath(program), [], {
    execArgv: [`--max-old-space-size=${megabytes}`, ...(isSource ? ['--import', tsx()] : [])],
    env: SystemRoot === undefined ? {} : { SystemRoot },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
