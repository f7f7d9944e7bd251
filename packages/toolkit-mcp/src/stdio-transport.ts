import type { ChildProcess } from 'node:child_process';
import { serializeMessage } from '@modelcontextprotocol/client';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { getDefaultEnvironment } from '@modelcontextprotocol/client/stdio';
import spawn from 'cross-spawn';
import { JsonLines } from './json-lines.ts';
import { plainText } from './plain-text.ts';
import type { StdioServer } from './server-options.ts';

const keptStderr = 2_000;
/** How long a server has to end at each of: stdin closed, SIGTERM. */
const graceMs = 2_000;
/** What the child started may be gone a moment later than the child itself. One that is gone and that nobody asks for is not waited for. */
const dyingMs = 500;
const drainMs = 200;

/**
 * A server as a child process. It differs from the official transport in two things: the child leads a process group of
 * its own, and the whole group is ended with it, where the official one leaves what the child started; and a child that closes stdout or stdin
 * is ended, since no answer can come any more.
 */
export class StdioTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  /** How the child ended, once it has. */
  ending: string | undefined;
  /** The end of what the child wrote to stderr. Also one of two marks by which the client knows a stdio transport. */
  stderr = '';
  readonly #server: StdioServer;
  readonly #lines = new JsonLines();
  #child: ChildProcess | undefined;
  #exited = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(server: StdioServer) {
    this.#server = server;
  }

  /** How the child ended and what it said last, for the host, each with the space before it. */
  get lastWords(): { readonly ending: string; readonly said: string } {
    const said = plainText(this.stderr.trim(), keptStderr);
    return {
      ending: this.ending === undefined ? '' : ` (${this.ending})`,
      said: said === '' ? '' : ` It last wrote: ${said}`,
    };
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const { command, args = [], env = {}, cwd } = this.#server;
    const child = spawn(command, [...args], {
      env: { ...getDefaultEnvironment(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32', // a group of its own
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    watch(child);
    child.on('error', (error) => this.onerror?.(error));
    child.stdin?.on('error', (error) => this.onerror?.(error));
    child.stdin?.once('close', () => void this.close()); // it hears nothing more, be it alive or not
    child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stdout?.once('end', () => void this.close()); // it says nothing more, be it alive or not
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString()).slice(-keptStderr);
    });
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.ending = signal === null ? `exit code ${code}` : `signal ${signal}`;
        resolve();
        void this.close();
      });
    });
  }

  /** Throws once the child has ended: what is written then is read by nobody. */
  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (stdin === null || stdin === undefined || this.ending !== undefined || !stdin.writable) {
      throw new Error('The server has ended.');
    }
    if (stdin.write(serializeMessage(message))) return;
    await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), this.#exited]);
  }

  /** Resolves when nothing of the child's group is left: stdin is closed, then SIGTERM, then SIGKILL. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child?.pid !== undefined) {
      child.stdin?.end();
      await within(graceMs, () => this.ending !== undefined);
      if (this.ending !== undefined) await this.#drain(child);
      if (isAlive(child)) {
        signalGroup(child, 'SIGTERM');
        await within(graceMs, () => !isAlive(child));
        signalGroup(child, 'SIGKILL');
        await this.#exited;
        await within(dyingMs, () => !isAlive(child));
      }
      // A grandchild that left the group may hold the pipes open for ever.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      forget(child);
    }
    this.onclose?.();
  }

  #read(chunk: Buffer): void {
    try {
      for (const message of this.#lines.push(chunk)) this.onmessage?.(message);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      void this.close();
    }
  }

  /** What a child wrote before its end is still in the pipe; who holds the pipe after it is not waited for. */
  async #drain({ stdout }: ChildProcess): Promise<void> {
    await within(drainMs, () => stdout === null || stdout.readableEnded);
  }
}

/** Looks every 20 ms, until it is so or the time is up. */
async function within(ms: number, isSo: () => boolean): Promise<void> {
  const end = performance.now() + ms;
  while (!isSo() && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Whether the child or anything of its group lives. */
function isAlive(child: ChildProcess): boolean {
  return signalGroup(child, 0);
}

/** False where nobody is left to hear it. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  const { pid } = child;
  if (pid === undefined) return false;
  if (process.platform === 'win32') return child.exitCode === null && child.kill(signal);
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** Children that would outlive this process where the host forgets to dispose of the toolkit. */
const children = new Set<ChildProcess>();

function watch(child: ChildProcess): void {
  if (children.size === 0) process.on('exit', endAll);
  children.add(child);
}

function forget(child: ChildProcess): void {
  children.delete(child);
  if (children.size === 0) process.off('exit', endAll);
}

function endAll(): void {
  for (const child of children) signalGroup(child, 'SIGKILL');
}
