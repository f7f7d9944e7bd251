import { readdirSync, readFileSync } from 'node:fs';
import { codeOf } from './trouble.ts';

/** How the processes of one command are known. */
export interface Family {
  /** The id of its first process, which leads a group and a session of its own. */
  readonly leader: number;
  /** A variable that stands in the environment of each. */
  readonly mark: string;
  /** When the leader started, as the system counts it. Nothing older has been started by the command, so its environment is not read. */
  readonly since: number;
  /** When those started that were found before, by their ids: one that lost its parent meanwhile, and has no mark, is known still. */
  readonly known: Map<number, string>;
}

/** What a process and those that it starts are known by. To be called while the leader's code has not been asked for. */
export function familyOf(leader: number, mark: string): Family {
  return { leader, mark, since: startOf(leader), known: new Map() };
}

/** 0 where the system does not say: then every environment is read. */
function startOf(leader: number): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(statOf(leader)[19] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Ends every process of a command for good, also those that left its group, and says how many there were. On Linux they are found
 * by group, by session, by their parents and by the mark in their environment; elsewhere only the group is known.
 */
export async function endAll(family: Family): Promise<number> {
  if (process.platform !== 'linux') return Number(signalGroup(family.leader, 'SIGKILL'));
  try {
    return await endFound(family);
  } catch {
    return Number(signalGroup(family.leader, 'SIGKILL')); // /proc cannot be read: what is known by number ends at least
  }
}

async function endFound(family: Family): Promise<number> {
  const ended = new Set<number>();
  // Again, because one that was found may have started another before it ended.
  for (let pass = 0; pass < mostPasses; pass++) {
    const found = await members(family);
    if (found.length === 0) break;
    for (const { id } of found) ended.add(id);
    signalEach(family, found, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return ended.size;
}

const mostPasses = 20;

/** Asks every process of a command to end. A stopped one is woken, to hear it. */
export async function askAll(family: Family): Promise<void> {
  const isLinux = process.platform === 'linux';
  const group = [{ id: family.leader, inGroup: true }];
  const found = isLinux ? await members(family).catch(() => group) : group;
  signalEach(family, found, 'SIGTERM');
  signalEach(family, found, 'SIGCONT');
}

/** The group at one stroke, so that none of it can start another in between; those outside one by one. */
function signalEach(family: Family, found: readonly Member[], name: NodeJS.Signals): void {
  if (found.some(({ inGroup }) => inGroup)) signalGroup(family.leader, name);
  for (const { id, inGroup } of found) if (!inGroup) signal(id, name);
}

/** Signals the group that `leader` leads, if there is one. */
export function signalGroup(leader: number, name: NodeJS.Signals): boolean {
  return signal(-leader, name);
}

function signal(id: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(id, name);
  } catch {
    return false; // it has ended, or belongs to another user
  }
}

interface Member {
  readonly id: number;
  readonly inGroup: boolean;
}

interface Seen extends Member {
  readonly parent: number;
  /** In the system's own count. An id that is used again has another. */
  readonly started: string;
  readonly isMember: boolean;
}

/** The command's living processes. */
async function members(family: Family): Promise<readonly Member[]> {
  const all = await lookPatiently(family);
  const found = new Set(all.filter(({ isMember }) => isMember));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    const parents = new Set([...found].map(({ id }) => id));
    for (const seen of all) if (parents.has(seen.parent)) found.add(seen);
  }
  for (const { id, started } of found) family.known.set(id, started);
  return [...found];
}

/** A host that is short of file handles must not overlook a process for it. */
async function lookPatiently(family: Family): Promise<readonly Seen[]> {
  for (let tries = 0; ; tries++) {
    try {
      return await look(family);
    } catch (error) {
      if (tries >= 50 || !isShortOfHandles(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function isShortOfHandles(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(codeOf(error) ?? '');
}

/** Every living process of the machine. One file at a time: those of `/proc` are on no disk. */
async function look(family: Family): Promise<readonly Seen[]> {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const all: Seen[] = [];
  for (const [at, id] of ids.entries()) {
    if (at % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
    const seen = lookAt(Number(id), family);
    if (seen !== undefined) all.push(seen);
  }
  return all;
}

/** A process that has ended, though nobody has asked for its code yet, is none. */
function lookAt(id: number, { leader, mark, since, known }: Family): Seen | undefined {
  const fields = statOf(id);
  const [state, parent, group, session] = fields;
  const started = fields[19] ?? '';
  if (started === '' || id === process.pid || state === 'Z' || state === 'X') return undefined;
  const inGroup = Number(group) === leader;
  const isKnown = inGroup || Number(session) === leader || known.get(id) === started;
  const isOlder = Number(started) < since;
  const isMember = isKnown || (!isOlder && read(`/proc/${id}/environ`).includes(mark));
  return { id, parent: Number(parent), started, inGroup, isMember };
}

/** What the system says of a process, from its state on. */
function statOf(id: number): readonly string[] {
  const stat = read(`/proc/${id}/stat`);
  // The name in parentheses may hold spaces and parentheses of its own.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Empty where the process has ended meanwhile, or is another user's. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (isShortOfHandles(error)) throw error;
    return '';
  }
}
