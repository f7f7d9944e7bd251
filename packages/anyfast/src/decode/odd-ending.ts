import { ModelError } from '@throughline/core';
import { parseObject } from '../wire/json.ts';
import type { WireCall } from './calls.ts';
import { knownFinish } from './finish-reason.ts';
import type { Finish } from './finish-reason.ts';

/** What is known of an answer when nothing more comes. */
export interface Ending {
  /** The host's finish reason; hosts leave it out, or invent one. */
  readonly said: string | undefined;
  readonly done: boolean;
  /** It came in one JSON body, which cannot be half there. */
  readonly inOne: boolean;
  readonly calls: readonly WireCall[];
  readonly text: string;
  readonly reasoning: string;
  /** A frame of the answer was unreadable: a piece of it may be missing. */
  readonly torn: boolean;
  warn(message: string): void;
  /** Takes the key out of what the host said. */
  redact(text: string): string;
}

/**
 * Why the model stopped, from the calls it made and what the host said (contract, section 9.9). Throws
 * `incomplete_answer` where a call may lack a piece, and `empty_answer` where nothing came at all.
 */
export function finishOf(ending: Ending): Finish {
  const { said, calls, torn } = ending;
  if (torn && (calls.length > 0 || said === 'tool_calls' || said === 'function_call')) {
    throw incomplete('A frame of the answer was unreadable, so its calls may lack a piece');
  }
  return knownFinish(said, calls.length > 0) ?? unsaid(ending);
}

/** A leaked call or a stream that just stopped. */
export function incomplete(what: string): ModelError {
  return new ModelError('incomplete_answer', `${what}. None of it was acted on; ask again.`, {
    retryable: true,
  });
}

function unsaid({ said, done, inOne, calls, text, reasoning, warn, redact }: Ending): Finish {
  if (said === undefined && !done) throw incomplete('The answer broke off before its end');
  const how =
    said === undefined
      ? 'without a finish reason'
      : `with the unknown finish reason "${redact(said)}"`;
  const broken = calls.find(({ args }) => args.trim() !== '' && parseObject(args) === undefined);
  if (broken !== undefined) {
    throw incomplete(`The answer ended ${how} in the middle of a call to "${redact(broken.name)}"`);
  }
  // That no arguments were written may also mean that they did not come; only one whole body is sure.
  if (!inOne && calls.some(({ args }) => args.trim() === '')) {
    warn(`The answer ended ${how}; the arguments of a call may be missing.`);
    return { ...finish('tool_calls'), unsure: true };
  }
  if (calls.length > 0) {
    warn(`The answer ended ${how}; its calls are complete, so it is taken as whole.`);
    return finish('tool_calls');
  }
  if (text.trim() !== '' && inOne) return finish('stop');
  if (text.trim() !== '') {
    warn(`The answer ended ${how}; its text may be cut short.`);
    // A gateway writes `[DONE]` although its upstream died in the middle of a sentence (section 2.4).
    return said === undefined ? { ...finish('stop'), unsure: true } : finish('stop');
  }
  if (said !== undefined) return finish('stop');
  if (reasoning !== '') throw incomplete('The answer broke off while the model was thinking');
  throw new ModelError('empty_answer', 'The endpoint sent an answer with nothing in it.', {
    retryable: true,
  });
}

function finish(reason: Finish['reason']): Finish {
  return { type: 'finish', reason };
}
