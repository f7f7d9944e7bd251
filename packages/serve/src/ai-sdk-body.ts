import type { ContentPart, Json, UserMessage } from '@throughline/core';
import type { Said } from './decisions.ts';
import { postedImage, postedMessage } from './posted-message.ts';
import { badRequest, isFields, sessionIdIn } from './request-body.ts';
import type { Fields } from './request-body.ts';

/** What counts of a body that the AI SDK's chat posts. */
export interface AiSdkBody {
  readonly id: string;
  /** The new message of the person; undefined where the last message answers calls. */
  readonly input?: UserMessage;
  /** The answers to approval requests. */
  readonly said: readonly Said[];
  /** Results that the client gives of calls, by the call's id. */
  readonly answered: ReadonlyMap<string, Json>;
}

/** Reads the last message alone: what a client says was said before is not believed. Throws 400 for what cannot be taken. */
export function readAiSdkBody(body: Fields): AiSdkBody {
  const id = sessionIdIn(body['id'], 'id');
  const { messages, trigger, messageId } = body;
  if (trigger !== undefined && trigger !== 'submit-message') {
    throw badRequest(
      'A session only grows, so an answer cannot be made again. Send a new message instead of regenerating.',
    );
  }
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  if (!isFields(last) || !Array.isArray(last['parts'])) {
    throw badRequest('messages must be a list whose last message has parts.');
  }
  const parts = last['parts'].filter(isFields);
  if (last['role'] === 'assistant') {
    const said = parts.flatMap(approvalIn);
    return { id, said, answered: new Map(parts.flatMap(resultIn)) };
  }
  if (last['role'] !== 'user')
    throw badRequest("The last message must be a user's or an assistant's.");
  if (messageId !== undefined && messageId === last['id']) {
    throw badRequest(
      'A session only grows, so a message that was sent cannot be edited. Send a new one.',
    );
  }
  return { id, said: [], answered: new Map(), input: postedMessage(parts.flatMap(partOf)) };
}

function approvalIn({ state, approval }: Fields): readonly Said[] {
  if (state !== 'approval-responded' || !isFields(approval)) return [];
  const { id, approved, reason } = approval;
  if (typeof id !== 'string' || typeof approved !== 'boolean') {
    throw badRequest(
      'An answer to an approval request needs its id, and approved as true or false.',
    );
  }
  if (approved) return [{ id, decision: { approve: true } }];
  return [{ id, decision: { refuse: typeof reason === 'string' ? reason : '' } }];
}

function resultIn(part: Fields): readonly (readonly [string, Json])[] {
  const { state, toolCallId, output, preliminary } = part;
  const isResult = state === 'output-available' && preliminary !== true && output !== undefined;
  return isResult && typeof toolCallId === 'string' ? [[toolCallId, output as Json]] : [];
}

function partOf({ type, text, url }: Fields): readonly ContentPart[] {
  if (type === 'text' && typeof text === 'string') return [{ type, text }];
  return type === 'file' ? [postedImage(url)] : []; // data parts and the like are the page's own
}
