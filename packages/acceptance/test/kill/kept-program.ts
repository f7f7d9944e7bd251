import type { Programs, Started } from './programs.ts';

/** A program that is started again whenever it is killed, until it comes to its end by itself or is closed. */
export interface KeptProgram {
  readonly pid: number | undefined;
  /** How often it was killed. */
  readonly kills: number;
  /** The points that all of its processes have passed. */
  readonly points: readonly string[];
  /** Resolves when its process of now has written this line. */
  said(line: string): Promise<void>;
  /** Resolves when it has come to its end, or is closed. Rejects where it fails. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** `first` is what only its first process is started with. */
export function keepProgram(
  programs: Programs,
  name: string,
  setting: object,
  first: object = {},
): KeptProgram {
  let started: Started = programs.start(name, { ...setting, ...first });
  let [kills, closing] = [0, false];
  const points: string[] = [];
  const ended = keep();
  ended.catch(() => {}); // it is told to those who wait for it
  return {
    get pid() {
      return started.process.pid;
    },
    get kills() {
      return kills;
    },
    points,
    said: (line) => started.said(line),
    ended,
    async close() {
      closing = true;
      started.process.kill('SIGKILL');
      await ended;
    },
  };

  async function keep(): Promise<void> {
    for (;;) {
      const isOver = await started.ended;
      points.push(...started.points);
      if (isOver || closing) return;
      kills++;
      started = programs.start(name, setting);
    }
  }
}
