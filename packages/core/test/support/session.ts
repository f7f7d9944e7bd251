import { Session } from '../../src/index.ts';
import type { SessionLine, SessionLog } from '../../src/index.ts';

/** A log without a store. `opened` reads it again, as another process would. */
export class MemoryLog implements SessionLog {
  readonly id = 'chat';
  readonly inheritedSeq = 0;
  readonly texts: string[] = [];
  /** Thrown by the appends while it is set. */
  failure: Error | undefined;
  appends = 0;

  constructor(texts: readonly string[] = []) {
    this.texts.push(...texts);
  }

  async *read(fromSeq = 1): AsyncGenerator<readonly SessionLine[]> {
    yield this.texts.slice(fromSeq - 1).map((text) => JSON.parse(text) as SessionLine);
  }

  async append(lastSeq: number, lines: readonly SessionLine[]): Promise<void> {
    this.appends++;
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.failure !== undefined) throw this.failure;
    if (lastSeq !== this.texts.length) throw new Error('somebody else has written');
    this.texts.push(...lines.map((line) => JSON.stringify(line)));
  }

  async close(): Promise<void> {}

  /** As it would be after a crash that let only so many lines through. */
  opened(lines = this.texts.length): Promise<Session> {
    return Session.load(new MemoryLog(this.texts.slice(0, lines)));
  }
}
