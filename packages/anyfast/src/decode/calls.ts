import { isObject, textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import type { Batch, ToldOfCall } from './batch.ts';
import { isRest, joinName, mayGrow } from './call-name.ts';
import { JsonEnd } from './json-end.ts';

/** Which names and ids are known where the calls belong. */
export interface CallScope {
  /** The names of the tools sent, as on the wire. */
  readonly toolNames: readonly string[];
  /** The tool's own name for one that came over the wire. */
  toOwn(wire: string): string;
  /** Whether a call of the conversation so far has this id. */
  isTaken(id: string): boolean;
  /** How many calls the conversation has so far. */
  callCount(): number;
}

/** One call as the wire told it. */
export interface WireCall {
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

interface Growing {
  /** Its place among the calls; undefined while it has said neither a name nor arguments. */
  index: number | undefined;
  /** Settled: told, and unique in the conversation. */
  id: string;
  /** The first id the host gave; it may give others later, or one that is taken. */
  givenId: string;
  /** The last id the host gave. */
  lastId: string;
  name: string;
  nameIsTold: boolean;
  args: string;
  /** No arguments but white space have come. */
  isBlank: boolean;
  /** The end of `args` that is not told yet. A long text is never cut again and again: that copies all of it. */
  untold: string;
  /** Made where it is first asked whether the arguments are whole. */
  end: JsonEnd | undefined;
  /** The end of `args` that `end` has not seen. */
  unseen: string;
  doubt: string | undefined;
  leaked: boolean;
}

/**
 * The calls of one answer, from deltas of every dialect: without index or id, with an id that changes on the way, a
 * name that comes late, again or in pieces, arguments before the name or as an object, one index for all calls, nulls
 * everywhere, entries that say nothing. What it tells has dense indexes and ids that are unique in the conversation.
 */
export class Calls {
  readonly #scope: CallScope;
  readonly #batch: Batch;
  readonly #byWireIndex = new Map<number, Growing>();
  readonly #byGivenId = new Map<string, Growing>();
  readonly #all: Growing[] = [];
  #last: Growing | undefined;
  #open: Growing | undefined;
  readonly #ids = new Set<string>();
  #next: number | undefined;
  #grown = 0;

  constructor(scope: CallScope, batch: Batch) {
    this.#scope = scope;
    this.#batch = batch;
  }

  /** Those that have said something. */
  get all(): readonly WireCall[] {
    return this.#all;
  }

  /** The characters that were said, and the calls. */
  get grown(): number {
    return this.#grown;
  }

  /** The `tool_calls` of one delta. In a whole message each entry is a call of its own, whatever its index. */
  add(entries: readonly unknown[], whole: boolean): void {
    const seen = entries.length > 1 ? new Set<Growing>() : undefined;
    for (const entry of entries) {
      if (!isObject(entry)) continue;
      const call = whole ? this.#begin(undefined) : this.#place(entry, seen);
      seen?.add(call);
      this.#grow(call, entry);
    }
  }

  /** A call that stood in the text. */
  addLeaked(told: WireCall & { readonly isTrusted: boolean }): void {
    const { id, name, args, isTrusted } = told;
    const call = this.#begin(undefined);
    call.leaked = !isTrusted;
    this.#grow(call, { id, function: { name, arguments: args } });
    this.#voice(call);
  }

  /** The answer has ended: calls that never got an id get one. */
  end(): void {
    this.#close();
  }

  #place(entry: JsonObject, seen?: ReadonlySet<Growing>): Growing {
    const index = indexOf(entry['index']);
    const id = textOf(entry['id']);
    if (index === undefined) {
      const known = id === undefined ? undefined : this.#byGivenId.get(id);
      if (known !== undefined && !seen?.has(known)) return known;
    }
    const call = index === undefined ? this.#last : this.#byWireIndex.get(index);
    const goesOn =
      call !== undefined && !this.#startsAnother(call, entry, seen?.has(call) ?? false);
    return goesOn ? call : this.#begin(index);
  }

  /**
   * Whether an entry in the place of a call is another call: hosts give every call the index 0, or none, and others give
   * each delta of one call another id, or its name again. What is left unclear becomes a doubt in `#grow`.
   */
  #startsAnother(call: Growing, entry: JsonObject, isSeen: boolean): boolean {
    const id = textOf(entry['id']);
    const name = nameOf(entry);
    const isOtherId = id !== undefined && call.lastId !== '' && id !== call.lastId;
    const isFirstPiece = argsOf(entry).trimStart().startsWith('{');
    if (name === '' || call.name === '') return isOtherId && isFirstPiece && this.#isWhole(call);
    if (name === call.name) {
      if (isSeen || (isOtherId && indexOf(entry['index']) === undefined)) return true;
      const opens = isFirstPiece || (isOtherId && argsOf(entry) === '');
      return opens && this.#isWhole(call);
    }
    const { toolNames } = this.#scope;
    if (call.isBlank && isRest(call.name, name, toolNames)) return false;
    if (isOtherId || isSeen || this.#isWhole(call)) return true;
    if (name.startsWith(call.name)) return false;
    return call.isBlank && toolNames.includes(call.name) && toolNames.includes(name);
  }

  #begin(wireIndex: number | undefined): Growing {
    this.#close();
    const call: Growing = {
      index: undefined,
      id: '',
      givenId: '',
      lastId: '',
      name: '',
      nameIsTold: false,
      args: '',
      isBlank: true,
      untold: '',
      end: undefined,
      unseen: '',
      doubt: undefined,
      leaked: false,
    };
    this.#last = call;
    if (wireIndex !== undefined) this.#byWireIndex.set(wireIndex, call);
    return call;
  }

  #grow(call: Growing, entry: JsonObject): void {
    if (this.#open !== call) this.#close();
    this.#open = call;
    const id = textOf(entry['id']);
    if (id !== undefined) {
      call.lastId = id;
      if (call.givenId === '') {
        call.givenId = id;
        this.#byGivenId.set(id, call);
      }
    }
    const piece = nameOf(entry);
    if (piece !== '') this.#name(call, piece);
    const delta = argsOf(entry);
    call.args += delta;
    call.untold += delta;
    call.unseen += delta;
    call.isBlank &&= !/\S/.test(delta);
    this.#grown += delta.length + piece.length;
    if (call.index === undefined && (call.name !== '' || !call.isBlank)) this.#voice(call);
    if (!call.isBlank) this.#tell(call, false);
  }

  #name(call: Growing, piece: string): void {
    if (call.nameIsTold && piece === call.name) return;
    if (call.nameIsTold) {
      call.doubt ??= `its name came in pieces, "${call.name}" and then "${piece}"`;
      this.#batch.call(call.index ?? 0, '', { doubt: call.doubt });
      return;
    }
    const { name, doubt } = joinName(call.name, piece, this.#scope.toolNames);
    call.name = name;
    if (doubt !== undefined) call.doubt ??= doubt;
  }

  /** The call has said something: from here on it is one. */
  #voice(call: Growing): void {
    if (call.index !== undefined) return;
    call.index = this.#all.length;
    this.#all.push(call);
    this.#grown++;
  }

  /** Tells what is new of a call. A name is told once it can have no further piece; a missing id may still come. */
  #tell(call: Growing, over: boolean): void {
    const { index, name } = call;
    if (index === undefined) return;
    const delta = call.untold;
    call.untold = '';
    const id = this.#settle(call, over);
    const isNamed =
      !call.nameIsTold && name !== '' && (over || !mayGrow(name, this.#scope.toolNames));
    if (isNamed) call.nameIsTold = true;
    if (id === undefined && !isNamed) {
      if (delta !== '') this.#batch.call(index, delta);
      return;
    }
    const told: ToldOfCall = {};
    if (id !== undefined) told.id = id;
    if (isNamed) told.name = this.#scope.toOwn(name);
    if (isNamed && call.doubt !== undefined) told.doubt = call.doubt;
    if (call.leaked) told.leaked = true;
    this.#batch.call(index, delta, told);
  }

  #close(): void {
    const call = this.#open;
    this.#open = undefined;
    if (call !== undefined) this.#tell(call, true);
  }

  /**
   * The call's id, once. The host's own is kept if no other call has it; otherwise one is made of the name and a
   * counter over the whole conversation, the form the model itself was trained on. A missing id may still come,
   * so one is made only when the call is over.
   */
  #settle(call: Growing, over: boolean): string | undefined {
    if (call.id !== '') return undefined;
    if (call.givenId === '' && !over) return undefined;
    if (call.givenId !== '' && !this.#isTaken(call.givenId)) call.id = call.givenId;
    else if (!over && (call.name === '' || mayGrow(call.name, this.#scope.toolNames))) {
      return undefined;
    } else call.id = this.#made(call.name || 'unknown');
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

  /** Whether the arguments are one whole object. Each of their characters is looked at once. */
  #isWhole(call: Growing): boolean {
    call.end ??= new JsonEnd();
    call.end.push(call.unseen);
    call.unseen = '';
    return call.end.isClosed;
  }
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
