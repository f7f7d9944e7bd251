import type { Turn } from './round.ts';

/** Where progress is told: standard error, as a rule. */
interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Tells which turn it is: in one line that is written anew on a terminal, line by line elsewhere. */
export function tellTurns(screen: Screen, total: number) {
  const fromMs = performance.now();
  return {
    tell({ runner, measure, round }: Turn, at: number): void {
      const seconds = Math.round((performance.now() - fromMs) / 1000);
      const line = `${at + 1}/${total}  ${seconds} s  round ${round + 1}  ${measure}  ${runner.label}`;
      // Some terminals say they are 0 wide.
      const room = (screen.columns || 80) - 1;
      screen.write(screen.isTTY === true ? `\r\u001b[K${line.slice(0, room)}` : `${line}\n`);
    },
    /** Clears the line, so that what follows begins in an empty one. */
    end(): void {
      if (screen.isTTY === true) screen.write('\r\u001b[K');
    },
  };
}
