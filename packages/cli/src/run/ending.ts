import process from 'node:process';
import type { Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';

/**
 * Ends a command that a signal or a broken pipe stops: aborts what is under way, and knows the exit code. A second signal ends the process
 * at once, for a tool that does not listen.
 */
export class Ending {
  readonly #abort = new AbortController();
  readonly #host: Host;
  #code: number | undefined;

  constructor(host: Host) {
    this.#host = host;
    process.on('SIGHUP', this.#hangUp);
    process.on('SIGINT', this.#interrupt);
    process.on('SIGTERM', this.#terminate);
    host.stdout.on('error', this.#broken);
    host.stderr.on('error', ignore);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit code, where something has stopped the command. */
  get code(): number | undefined {
    return this.#code;
  }

  /** The same as `code`, once stdout has taken all that was written, or has failed: what was written last may fail, too. */
  async codeOnceWritten(): Promise<number | undefined> {
    if (this.#code !== undefined) return this.#code;
    await new Promise<void>((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
      this.#host.stdout.write('', () => setImmediate(resolve)); // its failure is told a moment later
    });
    return this.#code;
  }

  /** Listens no more. A pipe that breaks later is still ignored: what is buffered may yet fail. */
  release(): void {
    process.off('SIGHUP', this.#hangUp);
    process.off('SIGINT', this.#interrupt);
    process.off('SIGTERM', this.#terminate);
    this.#host.stdout.off('error', this.#broken);
    this.#host.stdout.on('error', ignore);
  }

  readonly #hangUp = () => this.#signalled(exitCode.hungUp, 'SIGHUP');
  readonly #interrupt = () => this.#signalled(exitCode.interrupted, 'SIGINT');
  readonly #terminate = () => this.#signalled(exitCode.terminated, 'SIGTERM');
  readonly #broken = (error: NodeJS.ErrnoException) => {
    const isPipe = error.code === 'EPIPE';
    this.#stop(isPipe ? exitCode.brokenPipe : exitCode.failed, `stdout: ${error.message}`);
  };

  #signalled(code: number, name: string): void {
    if (this.#code !== undefined) process.exit(code);
    this.#stop(code, `${name} ended the command.`);
  }

  #stop(code: number, reason: string): void {
    this.#code ??= code;
    this.#abort.abort(new DOMException(reason, 'AbortError'));
  }
}

function ignore(): void {}
