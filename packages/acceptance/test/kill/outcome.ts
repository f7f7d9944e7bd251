import type { Message } from '@throughline/core';
import type { ChatRequest } from '@throughline/simulator';
import { expect } from 'vitest';
import type { Deed } from './world.ts';

/** What a conversation has come to, whatever was killed on the way. */
export interface Outcome {
  /** The stored conversation. */
  readonly messages: readonly Message[];
  /** What the endpoint was asked, byte for byte. */
  readonly requests: readonly string[];
  readonly deeds: readonly Deed[];
}

/**
 * No `write` ran twice, no `read` is lost, and history and requests are, byte for byte, those of the undisturbed conversation; only what is
 * said of a call that was cut may differ.
 */
export function checkOutcome(found: Outcome, expected: Outcome): void {
  const history = asExpected(found.messages, expected.messages);
  expect(JSON.stringify(history)).toBe(JSON.stringify(expected.messages));
  checkDeeds(found, expected);
  const wanted = new Map(expected.requests.map((text) => [placeOf(text), text]));
  expect(new Set(found.requests.map(placeOf))).toEqual(new Set(wanted.keys()));
  for (const text of found.requests) {
    const expectedText = wanted.get(placeOf(text)) ?? '';
    const body = JSON.parse(text) as Said;
    const { messages } = JSON.parse(expectedText) as Said;
    const same = { ...body, messages: asExpected(body.messages, messages) };
    expect(JSON.stringify(same)).toBe(expectedText);
  }
}

function checkDeeds({ messages, deeds }: Outcome, expected: Outcome): void {
  // A person may have a `destructive` call begin again, where they see that it has not acted.
  const once = deeds.filter(({ what, effect }) => {
    return effect === 'write' ? what === 'begun' : effect === 'destructive' && what === 'acted';
  });
  const keys = once.map(({ key }) => key);
  expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted());
  const count = (all: readonly Deed[], read: boolean) => {
    const acted = all.filter(({ what, effect }) => {
      return what === 'acted' && (effect === 'read') === read;
    });
    return new Set(acted.map(({ key }) => key)).size;
  };
  expect(count(deeds, true)).toBe(count(expected.deeds, true));
  // Whatever the model was told to be done was done. (What the agent inside was told is not in this history.)
  const outer = (all: readonly Deed[]) => all.filter(({ key }) => key.split('/call/').length === 2);
  const cut = messages.filter((message) => wordsOfCut(message) !== undefined).length;
  const atLeast = count(outer(expected.deeds), false) - cut;
  expect(count(outer(deeds), false)).toBeGreaterThanOrEqual(atLeast);
}

/** Messages as they were expected, where all that differs is what is said of a call that was cut. */
function asExpected(
  messages: readonly Message[],
  expected: readonly Message[],
): readonly Message[] {
  return messages.map((message, at) => {
    const other = expected[at];
    if (wordsOfCut(message) === undefined || other?.role !== 'tool') return message;
    return { ...message, content: other.content } as Message;
  });
}

/** What is said of a `write` that was cut, or by a person of a `destructive` call that was. */
function wordsOfCut(message: Message): string | undefined {
  if (message.role !== 'tool') return undefined;
  const content = String(message.content);
  const { tool_call_id: id } = message;
  const isCut =
    (id.startsWith('pay') && content.startsWith('The outcome of this call is unknown')) ||
    (id.startsWith('wipe') && content === 'This call was not approved: It has run already.');
  return isCut ? content : undefined;
}

/** Which request of the conversation, or of the agent inside a call of it, this is. */
function placeOf(text: string): string {
  const { messages } = JSON.parse(text) as ChatRequest;
  const given = messages.filter(({ role }) => role === 'assistant').length;
  return `${String(messages[0]?.content)} ${given}`;
}

/** The body of a request. */
interface Said {
  readonly messages: readonly Message[];
}
