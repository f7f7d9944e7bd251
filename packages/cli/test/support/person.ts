import { spawn } from '@lydell/node-pty';
import type { IPty } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { expect, onTestFinished } from 'vitest';
import { asBuilt, environment } from './throughline.ts';

export interface Seat {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** How Node starts the command, where not as it is built. */
  readonly node?: readonly string[];
}

/** A person at a terminal: types keys, and sees what a terminal shows, cell by cell. */
export class Person {
  /** All that the process has written, as it came. */
  written = '';
  readonly #pty: IPty;
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  readonly #exit: Promise<number>;

  constructor(args: readonly string[], seat: Seat) {
    const { cwd, columns: cols = 80, rows = 24, env, node = asBuilt } = seat;
    this.#terminal = new xterm.Terminal({ cols, rows, scrollback: 5000, allowProposedApi: true });
    this.#pty = spawn(process.execPath, [...node, ...args], {
      cwd,
      cols,
      rows,
      env: environment(cwd, env),
    });
    this.#pty.onData((data) => {
      this.written += data;
      this.#terminal.write(data);
    });
    this.#exit = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)));
    onTestFinished(() => {
      try {
        this.#pty.kill('SIGKILL');
      } catch {
        // it has ended
      }
    });
  }

  /** Presses keys, as the terminal sends them. */
  type(keys: string): void {
    this.#pty.write(keys);
  }

  /** Types a line and Enter. */
  say(text: string): void {
    this.type(text);
    this.type('\r');
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  /** What stands on the screen now. */
  get screen(): string {
    const { baseY, viewportY: _ } = this.#terminal.buffer.active;
    return this.#rows(baseY);
  }

  /** The scrollback and the screen. */
  get all(): string {
    return this.#rows(0);
  }

  /** Waits until the screen and what has left it say something. */
  async sees(text: string | RegExp): Promise<void> {
    await expect
      .poll(() => this.all, { timeout: 40_000, interval: 50 })
      .toMatch(typeof text === 'string' ? new RegExp(escaped(text)) : text);
  }

  /** Waits until the screen says it no more. */
  async seesNoMore(text: string): Promise<void> {
    await expect.poll(() => this.screen, { timeout: 40_000, interval: 50 }).not.toContain(text);
  }

  /** The cell at the beginning of a text on the screen. */
  cellOf(text: string) {
    const { active } = this.#terminal.buffer;
    for (let row = 0; row < active.length; row++) {
      const line = active.getLine(row);
      const column = line?.translateToString(true).indexOf(text) ?? -1;
      if (column >= 0) return line?.getCell(column);
    }
    return undefined;
  }

  /** The exit code, once the process has ended. */
  leaves(): Promise<number> {
    return this.#exit;
  }

  #rows(from: number): string {
    const { active } = this.#terminal.buffer;
    const rows: string[] = [];
    for (let row = from; row < active.length; row++) {
      rows.push(active.getLine(row)?.translateToString(true) ?? '');
    }
    return rows.join('\n');
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
