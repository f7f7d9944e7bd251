import { isObject, parseObject, textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import type { Batch } from './batch.ts';

/** Which names and ids are known where the calls belong. */
export interface CallScope {
  /** The tool's own name for one that came over the wire. */
  toOwn(wire: string): string;
  /** Whether a call of the conversation so far has this id. */
  isTaken(id: string): boolean;
  /** How many calls the conversation has so far. */
  callCount(): number;
}

/** One call while it is written, as the wire told it. */
export interface WireCall {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

interface Growing {
  readonly index: number;
  /** Settled: told, and unique in the conversation. */
  id: string;
  /** The first id the host gave; it may give others later, or one that is taken. */
  givenId: string;
  /** The last id the host gave. */
  lastId: string;
  name: string;
  args: string;
}

/**
 * The calls of one answer, from deltas of every dialect: without index or id, with an id that changes on the
 * way, a name that comes late or again, arguments before the name, arguments as an object, nulls everywhere.
 * What it tells has dense indexes and ids that are unique in the conversation.
 */
export class Calls {
  readonly #scope: CallScope;
  readonly #batch: Batch;
  readonly #byWireIndex = new Map<number, Growing>();
  readonly #all: Growing[] = [];
  #open: Growing | undefined;
  readonly #ids = new Set<string>();
  #next: number | undefined;

  constructor(scope: CallScope, batch: Batch) {
    this.#scope = scope;
    this.#batch = batch;
  }

  get all(): readonly WireCall[] {
    return this.#all;
  }

  /** The `tool_calls` of one delta. In a whole message each entry is a call of its own, whatever its index. */
  add(entries: readonly unknown[], whole: boolean): void {
    const seen = entries.length > 1 ? new Set<Growing>() : undefined;
    for (const entry of entries) {
      if (!isObject(entry)) continue;
      const call = this.#place(entry, whole, seen);
      if (call === undefined) continue;
      seen?.add(call);
      this.#grow(call, entry);
    }
  }

  /** A call that came whole, by another way than `tool_calls`. */
  addWhole(id: string, name: string, args: string): void {
    this.add([{ id, function: { name, arguments: args } }], true);
  }

  /** The answer has ended: calls that never got an id get one. */
  end(): void {
    this.#close();
  }

  #place(entry: JsonObject, whole: boolean, seen?: ReadonlySet<Growing>): Growing | undefined {
    if (whole) return this.#begin(undefined);
    const index = indexOf(entry['index']);
    if (index !== undefined) {
      const call = this.#byWireIndex.get(index);
      return call === undefined || startsAnother(call, entry) ? this.#begin(index) : call;
    }
    return this.#placeByNature(entry, seen);
  }

  /** Without an index only the entry itself can tell whether it continues the last call or begins one. */
  #placeByNature(entry: JsonObject, seen?: ReadonlySet<Growing>): Growing | undefined {
    const id = textOf(entry['id']);
    const known = id === undefined ? undefined : this.#all.find((call) => call.givenId === id);
    if (known !== undefined && !seen?.has(known)) return known;
    const last = this.#all.at(-1);
    const name = nameOf(entry);
    if (last === undefined)
      return name === '' && id === undefined && argsOf(entry) === ''
        ? undefined
        : this.#begin(undefined);
    if (name === '' || last.name === '') return last;
    if (seen?.has(last) || name !== last.name || id !== undefined) return this.#begin(undefined);
    return parseObject(last.args) === undefined ? last : this.#begin(undefined);
  }

  #begin(wireIndex: number | undefined): Growing {
    this.#close();
    const call = { index: this.#all.length, id: '', givenId: '', lastId: '', name: '', args: '' };
    this.#all.push(call);
    if (wireIndex !== undefined) this.#byWireIndex.set(wireIndex, call);
    return call;
  }

  #grow(call: Growing, entry: JsonObject): void {
    if (this.#open !== call) this.#close();
    this.#open = call;
    const id = textOf(entry['id']);
    if (id !== undefined) {
      call.lastId = id;
      call.givenId ||= id;
    }
    const delta = argsOf(entry);
    call.args += delta;
    const name = call.name === '' ? nameOf(entry) : '';
    if (name !== '') call.name = name;
    const settled = this.#settle(call, false);
    if (name === '' && settled === undefined) {
      if (delta !== '') this.#batch.call(call.index, delta);
      return;
    }
    this.#batch.call(call.index, delta, {
      ...(settled === undefined ? {} : { id: settled }),
      ...(name === '' ? {} : { name: this.#scope.toOwn(name) }),
    });
  }

  #close(): void {
    const call = this.#open;
    this.#open = undefined;
    if (call === undefined) return;
    const id = this.#settle(call, true);
    if (id !== undefined) this.#batch.call(call.index, '', { id });
  }

  /**
   * The call's id, once. The host's own is kept if nobody has it; otherwise one is made of the name and a
   * counter over the whole conversation, the form the model itself was trained on. A missing id may still come,
   * so one is made only when the call is over.
   */
  #settle(call: Growing, over: boolean): string | undefined {
    if (call.id !== '') return undefined;
    if (call.givenId === '' && !over) return undefined;
    if (call.givenId !== '' && !this.#isTaken(call.givenId)) call.id = call.givenId;
    else if (call.name === '' && !over) return undefined;
    else call.id = this.#made(call.name || 'unknown');
    this.#ids.add(call.id);
    return call.id;
  }

  #isTaken(id: string): boolean {
    return this.#ids.has(id) || this.#scope.isTaken(id);
  }

  #made(name: string): string {
    this.#next ??= this.#scope.callCount();
    let id: string;
    do id = `functions.${name}:${this.#next++}`;
    while (this.#isTaken(id));
    return id;
  }
}

/** Hosts that give every call the index 0 begin the next one with a new id, a name and new arguments. */
function startsAnother(call: Growing, entry: JsonObject): boolean {
  const id = textOf(entry['id']);
  if (id === undefined || id === call.lastId || nameOf(entry) === '') return false;
  if (call.name === '' || parseObject(call.args) === undefined) return false;
  return nameOf(entry) !== call.name || argsOf(entry).trimStart().startsWith('{');
}

function indexOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}

function nameOf(entry: JsonObject): string {
  const told = entry['function'];
  return (isObject(told) ? textOf(told['name']) : undefined) ?? '';
}

function argsOf(entry: JsonObject): string {
  const told = entry['function'];
  const args = isObject(told) ? told['arguments'] : undefined;
  if (typeof args === 'string') return args;
  return args === undefined || args === null ? '' : JSON.stringify(args);
}
