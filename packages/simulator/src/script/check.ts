import { isObject, type JsonObject } from '../wire/json.ts';
import type { Script, ScriptedAnswer, ScriptedCall, ScriptedUsage } from './scripted-answer.ts';

/** Beyond this a timer of Node rings at once. */
export const mostMs = 2_147_483_647;

/** Throws a TypeError with a sentence for the first answer of a list that is none. */
export function checkScript(script: Script): void {
  // What a function gives is seen only when it gives it.
  if (typeof script === 'function') return;
  for (const [at, answer] of script.entries()) {
    const breach = breachOfAnswer(answer);
    if (breach) throw new TypeError(`Answer ${at + 1} of the script ${breach}.`);
  }
}

/** What keeps a value from being an answer, in words that follow its name; undefined if nothing does. */
export function breachOfAnswer(answer: unknown): string | undefined {
  if (!isObject(answer)) return 'is not an object';
  const unknown = unknownMemberIn(answer, Object.keys(members));
  if (unknown) return unknown;
  for (const [name, { wanted, holds }] of Object.entries(members)) {
    const value = answer[name];
    if (value !== undefined && !holds(value)) return `must have ${wanted}`;
  }
  const { calls = [], usage = {} } = answer;
  const unknowns = (calls as readonly JsonObject[]).map((call) =>
    unknownMemberIn(call, Object.keys(callMembers), ' of a call'),
  );
  return (
    unknowns.find((found) => found !== undefined) ??
    unknownMemberIn(usage as JsonObject, Object.keys(usageMembers), ' of usage')
  );
}

function unknownMemberIn(value: JsonObject, known: readonly string[], of = ''): string | undefined {
  const name = Object.keys(value).find((key) => !known.includes(key));
  if (name === undefined) return undefined;
  return `has an unknown member "${name}"${of}; there are ${known.join(', ')}`;
}

interface Member {
  /** What the answer must have, in words. */
  readonly wanted: string;
  readonly holds: (value: unknown) => boolean;
}

// Objects and not lists, so that the compiler sees when one lacks a member of its type.
const members: Readonly<Record<keyof ScriptedAnswer, Member>> = {
  reasoning: text('a reasoning'),
  text: text('a text'),
  calls: {
    wanted: 'calls that are a list, each with a name',
    holds: (value) => Array.isArray(value) && value.every(isNamed),
  },
  finishReason: text('a finishReason'),
  usage: { wanted: 'a usage that is an object', holds: isObject },
  delayMs: wait('delayMs'),
  pieceDelayMs: wait('pieceDelayMs'),
  callDelayMs: wait('callDelayMs'),
  faults: { wanted: 'faults that are a list', holds: Array.isArray },
};

const callMembers: Readonly<Record<keyof ScriptedCall, true>> = {
  name: true,
  arguments: true,
  id: true,
};

const usageMembers: Readonly<Record<keyof ScriptedUsage, true>> = {
  prompt_tokens: true,
  completion_tokens: true,
  cached_tokens: true,
  reasoning_tokens: true,
};

function isNamed(call: unknown): boolean {
  return isObject(call) && typeof call['name'] === 'string';
}

function text(what: string): Member {
  return {
    wanted: `${what} that is a string`,
    holds: (value) => typeof value === 'string',
  };
}

function wait(name: string): Member {
  return {
    wanted: `a ${name} that is a number from 0 to ${mostMs}`,
    holds: (value) => typeof value === 'number' && value >= 0 && value <= mostMs,
  };
}
