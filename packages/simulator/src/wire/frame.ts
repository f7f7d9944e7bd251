import type { Answer, AnswerCall, Usage } from './answer.ts';
import { pieces } from './token.ts';

/** The members every chunk and every completion of one answer share. */
export interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** The JSON of one `data:` line. */
export interface Chunk {
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
}

/** One choice of a chunk. */
export interface Choice {
  readonly index: number;
  readonly delta: Delta;
  readonly finish_reason?: string | null;
  readonly usage?: Usage;
}

/** What a chunk adds to the message. */
export interface Delta {
  readonly role?: string;
  readonly content?: string | null | readonly object[];
  readonly tool_calls?: readonly CallDelta[] | null;
  readonly [key: string]: unknown;
}

/** What a chunk adds to one call. */
export interface CallDelta {
  readonly index?: number;
  readonly id?: string | null;
  readonly type?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown };
}

/** A frame that is a chunk, with the part of the answer it belongs to. */
export interface ChunkFrame {
  readonly part: 'role' | 'reasoning' | 'text' | 'call' | 'arguments' | 'finish' | 'usage';
  readonly chunk: Chunk;
  readonly pauseMs?: number;
}

/** One step of a streamed answer, in the order in which it is written. */
export type Frame =
  | ChunkFrame
  | { readonly part: 'raw'; readonly text: string; readonly pauseMs?: number }
  | {
      readonly part: 'ping' | 'done' | 'cut' | 'reset' | 'stall';
      readonly pauseMs?: number;
    };

/** The frames of an answer as the endpoint streams it: role, reasoning, text, calls, finish, usage. */
export function toFrames(
  answer: Answer,
  options: { readonly includeUsage: boolean; readonly callDelayMs?: number | undefined },
): readonly Frame[] {
  const frames: Frame[] = [
    { part: 'role', chunk: say({ role: 'assistant', content: '' }) },
    { part: 'ping' },
  ];
  for (const piece of pieces(answer.reasoning)) {
    frames.push({ part: 'reasoning', chunk: say(reasoningDelta(answer.reasoningKey, piece)) });
  }
  for (const piece of pieces(answer.text ?? '')) {
    frames.push({ part: 'text', chunk: say({ content: piece }) });
  }
  for (const [index, call] of answer.calls.entries()) {
    const [first, ...rest] = callFrames(call, index);
    const pauseMs = index > 0 ? options.callDelayMs : undefined;
    if (first) frames.push(pauseMs ? { ...first, pauseMs } : first, ...rest);
  }
  const { usage, finishReason } = answer;
  const finish = finishReason === undefined ? {} : { finish_reason: finishReason };
  const choice = { index: 0, delta: {}, ...finish, usage };
  frames.push({ part: 'finish', chunk: { choices: [choice] } });
  if (options.includeUsage) frames.push({ part: 'usage', chunk: { choices: [], usage } });
  frames.push({ part: 'done' });
  return frames;
}

/** The delta that carries a piece of reasoning under the key a host uses. */
export function reasoningDelta(key: Answer['reasoningKey'], piece: string): Delta {
  if (key === 'reasoning object') return { reasoning: { content: piece } };
  if (key === 'thinking part') return { content: [{ type: 'thinking', thinking: piece }] };
  if (key !== 'reasoning_details') return { [key]: piece };
  return { reasoning_details: [{ type: 'reasoning.text', text: piece, index: 0 }] };
}

/** A chunk whose only choice says this delta and is not finished. */
export function say(delta: Delta): Chunk {
  return { choices: [{ index: 0, delta, finish_reason: null }] };
}

function callFrames(call: AnswerCall, index: number): readonly ChunkFrame[] {
  const { id, name, arguments: given } = call;
  const opening: CallDelta = {
    index,
    ...(id !== undefined && { id }),
    type: 'function',
    function: { ...(name !== undefined && { name }), arguments: '' },
  };
  if (typeof given !== 'string') {
    const whole = { ...opening.function, ...(given !== undefined && { arguments: given }) };
    if (given === undefined) delete whole.arguments;
    return [{ part: 'call', chunk: say({ tool_calls: [{ ...opening, function: whole }] }) }];
  }
  return [
    { part: 'call', chunk: say({ tool_calls: [opening] }) },
    ...pieces(given).map((piece): ChunkFrame => {
      const chunk = say({ tool_calls: [{ index, function: { arguments: piece } }] });
      return { part: 'arguments', chunk };
    }),
  ];
}

/** How frames become bytes. */
export interface Wire {
  readonly newline: '\n' | '\r\n';
  readonly space: boolean;
  /** Whether one event is spread over several `data:` lines. */
  readonly multiline: boolean;
  /** Whether two frames in the middle stand on one line. */
  readonly concatenated: boolean;
}

/** The text of a frame on the wire; empty for what is no text, like a cut. */
export function encodeFrame(frame: Frame, head: Head, wire: Wire): string {
  const end = wire.newline + wire.newline;
  switch (frame.part) {
    case 'raw':
      return frame.text;
    case 'ping':
      return `: PING${end}`;
    case 'done':
      return `${dataLine('[DONE]', wire)}${end}`;
    case 'cut':
    case 'reset':
    case 'stall':
      return '';
    case 'role':
    case 'reasoning':
    case 'text':
    case 'call':
    case 'arguments':
    case 'finish':
    case 'usage':
      return `${dataLine(chunkJson(frame.chunk, head), wire)}${end}`;
  }
}

/** The JSON text of a chunk with its head. */
export function chunkJson(chunk: Chunk, head: Head): string {
  const { id, created, model } = head;
  const { choices, ...rest } = chunk;
  const fingerprint = choices.length > 0 && { system_fingerprint: 'fpv0_10a6da87' };
  const object = 'chat.completion.chunk';
  return JSON.stringify({ id, object, created, model, choices, ...rest, ...fingerprint });
}

function dataLine(json: string, wire: Wire): string {
  const prefix = wire.space ? 'data: ' : 'data:';
  if (!wire.multiline) return prefix + json;
  // A line end may stand between two members of an object, nowhere inside a string.
  return prefix + json.replace('"choices":', `${wire.newline}${prefix}"choices":`);
}
