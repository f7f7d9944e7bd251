import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPrograms as build } from '../../../../.ci/programs.ts';

/** A process of one of the programs. */
export interface Started {
  readonly process: ChildProcess;
  /** What it has written so far, line by line. */
  readonly lines: readonly string[];
  /** The points that it has passed so far. */
  readonly points: readonly string[];
  /** Resolves when it has written this line. Rejects where it ends before. */
  said(line: string): Promise<void>;
  /** Resolves when it is over: whether it came to its end. Rejects where it failed, rather than was killed. */
  readonly ended: Promise<boolean>;
}

export interface Programs {
  start(name: string, setting: object): Started;
  remove(): Promise<void>;
}

/** Builds each program into one file, so that a process starts in no time. */
export async function buildPrograms(...names: readonly string[]): Promise<Programs> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-kill-'));
  const source = (name: string) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  await build(dir, Object.fromEntries(names.map((name) => [name, source(name)])));
  return {
    start: (name, setting) => start(join(dir, `${name}.mjs`), setting),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

function start(path: string, setting: object): Started {
  const child = spawn(process.execPath, [path, JSON.stringify(setting)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let [out, err] = ['', ''];
  let wake = () => {};
  child.stdout.on('data', (data: Buffer) => {
    const read = (out + data.toString()).split('\n');
    out = read.pop() ?? '';
    lines.push(...read);
    wake();
  });
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const ended = new Promise<boolean>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      wake();
      if (code === null || code === 0) resolve(code === 0);
      else reject(new Error(`${path} failed: ${err}`));
    });
  });
  ended.catch(() => {}); // it is told to those who wait for it
  return {
    process: child,
    lines,
    get points() {
      return lines.flatMap((line) => /^point (.*)$/.exec(line)?.[1] ?? []);
    },
    ended,
    async said(line) {
      while (!lines.includes(line)) {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`${path} ended before it said "${line}": ${err}`);
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
