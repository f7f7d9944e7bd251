import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { markPrefix } from './environment.ts';
import type { Output } from './output.ts';
import { askAll, endAll, familyOf, signalGroup } from './processes.ts';
import type { Family } from './processes.ts';

/** Why a command was made to end. */
export type Stop = 'timeout' | 'stopped' | 'aborted';

/** How a command ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set where it did not end by itself. */
  readonly stop: Stop | undefined;
  readonly ranMs: number;
  /** How many processes it left behind, which were ended too. */
  readonly leftBehind: number;
  /** The system did not let it end; it may still run. */
  readonly undead: boolean;
}

/** So long a process may take to end when it is asked to. */
const graceMs = 1_000;
/** So long output is awaited after the end: a process that was left behind may hold the pipe open for ever. */
const drainMs = 200;
/** So long the system may take to end what cannot refuse. */
const killMs = 5_000;

/**
 * One shell command and all that it starts: its own group and session, no terminal, no input. `start` resolves once
 * it runs, and rejects with the system's error where it cannot. When its first process ends, so does all the rest.
 */
export class Command {
  readonly id: string;
  readonly output: Output;
  /** Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #family: Family;
  readonly #startedMs = performance.now();
  #wroteMs = performance.now();
  #ending: Ending | undefined;
  #stop: Stop | undefined;
  #stopping: Promise<Ending> | undefined;
  #tellEnd: (ending: Ending) => void = () => {};

  static async start(about: {
    readonly id: string;
    readonly argv: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly output: Output;
  }): Promise<Command> {
    const [program = '', ...words] = about.argv;
    const mark = markPrefix + randomUUID().replaceAll('-', '');
    const child = spawn(program, words, {
      cwd: about.cwd,
      env: { ...about.env, [mark]: '1' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Made at once: a short command may have ended before `spawn` is heard.
    const command = new Command(about, child, mark);
    await once(child, 'spawn');
    return command;
  }

  private constructor(
    { id, output }: { readonly id: string; readonly output: Output },
    child: ChildProcess,
    mark: string,
  ) {
    this.id = id;
    this.output = output;
    this.#child = child;
    this.#family = familyOf(child.pid ?? 0, mark);
    this.ended = new Promise((resolve) => (this.#tellEnd = resolve));
    const streams = [child.stdout, child.stderr].map((stream) => this.#listen(stream));
    if (child.pid === undefined) return;
    hold(child.pid);
    child.once('exit', () => void this.#follow(Promise.all(streams)));
  }

  /** Undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  get ranMs(): number {
    return performance.now() - this.#startedMs;
  }

  get silentMs(): number {
    return performance.now() - this.#wroteMs;
  }

  /** The host may end without waiting for it. */
  unref(): void {
    this.#child.unref();
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      (stream as { unref?(): void } | null)?.unref?.();
    }
  }

  /** Whether it ends within so many milliseconds, at most 24 days. Rejects with the signal's reason when that is aborted. */
  endsWithin(ms: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        act();
      };
      const abort = () => settle(() => reject(signal?.reason));
      const timer = setTimeout(() => settle(() => resolve(false)), ms);
      signal?.addEventListener('abort', abort, { once: true });
      void this.ended.then(() => settle(() => resolve(true)));
      if (signal?.aborted === true) abort();
    });
  }

  /** Ends it: it is asked first, then made to. Does nothing once it has ended; the first reason counts. */
  stop(why: Stop): Promise<Ending> {
    if (this.#ending !== undefined) return Promise.resolve(this.#ending);
    this.#stop ??= why;
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<Ending> {
    await askAll(this.#family);
    if (!(await this.#exitsWithin(graceMs))) {
      await endAll(this.#family);
      if (!(await this.#exitsWithin(killMs))) this.#settle(0, true);
    }
    return this.ended;
  }

  #exitsWithin(ms: number): Promise<boolean> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return Promise.resolve(true);
    return within(ms, once(this.#child, 'exit'));
  }

  /** Resolves when nothing more can come. */
  #listen(stream: Readable | null): Promise<void> {
    stream?.on('data', (chunk: Buffer) => {
      this.#wroteMs = performance.now();
      this.output.write(chunk);
    });
    return new Promise((resolve) => {
      stream?.once('error', () => resolve());
      stream?.once('close', () => resolve());
    });
  }

  async #follow(written: Promise<unknown>): Promise<void> {
    const drained = await within(drainMs, written);
    const leftBehind = await endAll(this.#family);
    // What was written by those that are ended now still stands in the pipe.
    if (!drained) await within(drainMs, written);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#settle(leftBehind, false);
  }

  #settle(leftBehind: number, undead: boolean): void {
    if (this.#ending !== undefined) return;
    this.output.close();
    letGo(this.#family.leader);
    const { exitCode: code, signalCode: signal } = this.#child;
    this.#ending = { code, signal, stop: this.#stop, ranMs: this.ranMs, leftBehind, undead };
    this.#tellEnd(this.#ending);
  }
}

/** The leaders of what runs now. When the host's process ends, which waits for nothing, their groups end with it. */
const running = new Set<number>();

function hold(leader: number): void {
  if (running.size === 0) process.on('exit', endRunning);
  running.add(leader);
}

function letGo(leader: number): void {
  running.delete(leader);
  if (running.size === 0) process.off('exit', endRunning);
}

function endRunning(): void {
  for (const leader of running) signalGroup(leader, 'SIGKILL');
}

/** Whether `work` is done within so many milliseconds. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
