import type { ModelPart, Usage } from '@throughline/core';
import type { Finish } from './finish-reason.ts';
import type { ResponseName } from './response-name.ts';

type Open =
  | { type: 'text'; delta: string }
  | { type: 'reasoning'; delta: string; key?: 'reasoning' }
  | ({ type: 'call'; index: number; delta: string } & ToldOfCall);

/** What a part may tell of a call beside a piece of its arguments. */
export interface ToldOfCall {
  id?: string;
  name?: string;
  doubt?: string;
  leaked?: true;
}

/** Who hears what a content really was. */
export interface TextSink {
  text(delta: string): void;
  reasoning(delta: string): void;
}

/**
 * The parts of one network chunk. Pieces that follow each other in the same place are joined, so a chunk of
 * forty frames of text is one part and costs the reader one step.
 */
export class Batch {
  #parts: ModelPart[] = [];
  #open: Open | undefined;
  #usage: Usage | undefined;

  text(delta: string): void {
    if (delta === '') return;
    if (this.#open?.type === 'text') this.#open.delta += delta;
    else this.#begin({ type: 'text', delta });
  }

  reasoning(delta: string, key: 'reasoning' | undefined): void {
    if (delta === '') return;
    if (this.#open?.type === 'reasoning') this.#open.delta += delta;
    else this.#begin({ type: 'reasoning', delta, ...(key === undefined ? {} : { key }) });
  }

  call(index: number, delta: string, told?: ToldOfCall): void {
    if (told === undefined && this.#open?.type === 'call' && this.#open.index === index) {
      this.#open.delta += delta;
    } else this.#begin({ type: 'call', index, ...told, delta });
  }

  warn(message: string): void {
    this.#open = undefined;
    this.#parts.push({ type: 'warning', message });
  }

  /** Hosts that count on every frame would fill the batch: only the last count of a chunk is told. */
  usage(usage: Usage): void {
    this.#usage = usage;
  }

  /** What the endpoint calls the answer comes with its end: before its first part it would be one. */
  finish(finish: Finish, response: ResponseName | undefined): void {
    this.#tellUsage();
    if (response !== undefined) this.#parts.push({ type: 'response', ...response });
    this.#parts.push(finish);
  }

  /** The parts since the last time, which may be none. */
  take(): readonly ModelPart[] {
    this.#tellUsage();
    const parts = this.#parts;
    this.#open = undefined;
    if (parts.length > 0) this.#parts = [];
    return parts;
  }

  #begin(part: Open): void {
    this.#open = part;
    this.#parts.push(part);
  }

  #tellUsage(): void {
    if (this.#usage === undefined) return;
    this.#open = undefined;
    this.#parts.push({ type: 'usage', usage: this.#usage });
    this.#usage = undefined;
  }
}
