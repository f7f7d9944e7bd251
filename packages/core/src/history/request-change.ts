import type { RequestChange } from '../base/event.ts';
import type { Message } from '../base/message.ts';
import type { ModelRequest } from '../base/model.ts';
import type { Writable } from '../base/writable.ts';
import type { RequestSetup } from './request-setup.ts';

/** What a question was, and what of the conversation it was about. */
export interface AskedWith {
  readonly model: string;
  readonly instructions: string;
  readonly request: ModelRequest;
  /** All that would have been sent, the instructions included. */
  readonly messages: readonly Message[];
}

/** What differs from the question before, to be recorded; nothing where all is the same, as nearly always. */
export function changeOf(
  before: RequestSetup | undefined,
  { model, instructions, request, messages }: AskedWith,
): RequestChange | undefined {
  const { tools, toolChoice, thinking, parameters } = request;
  const change: Writable<RequestChange> = {};
  if (before?.model !== model) change.model = model;
  if ((before?.instructions ?? '') !== instructions) change.instructions = instructions;
  if (before === undefined || !isSame(before.tools, tools)) change.tools = tools;
  if (before === undefined || !isSame(before.toolChoice, toolChoice))
    change.toolChoice = toolChoice;
  if (before?.thinking !== thinking) change.thinking = thinking ?? null;
  if (!isSame(before?.parameters, parameters)) change.parameters = parameters ?? null;
  if (request.messages !== messages) change.messages = chosen(request.messages, messages);
  return Object.keys(change).length === 0 ? undefined : change;
}

/** Messages that the host chose: a number stands for one of the conversation. */
function chosen(sent: readonly Message[], all: readonly Message[]): readonly (number | Message)[] {
  const places = new Map(all.map((message, index) => [message, index]));
  return sent.map((message) => places.get(message) ?? message);
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
