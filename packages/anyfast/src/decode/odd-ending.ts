import { ModelError } from '@throughline/core';
import { parseObject } from '../wire/json.ts';
import type { WireCall } from './calls.ts';
import { knownFinish } from './finish-reason.ts';
import type { Finish, Said } from './finish-reason.ts';

/** What is known of an answer when nothing more comes. */
export interface Ending {
  /** The host's finish reason; hosts leave it out, or invent one. */
  readonly said: Said | undefined;
  readonly done: boolean;
  /** It came in one JSON body, which cannot be half there. */
  readonly inOne: boolean;
  readonly calls: readonly WireCall[];
  readonly text: string;
  readonly reasoning: string;
  /** Why the calls may lack a piece, though all looks well. */
  readonly torn: string | undefined;
  /** Why it cannot be told what the answer is. */
  readonly unclear: string | undefined;
  /** The text ends in the middle of a call written in the model's own tokens. */
  readonly brokeOff: boolean;
  warn(message: string): void;
  /** Takes the key out of what the host said. */
  redact(text: string): string;
}

/**
 * Why the model stopped, from the calls it made and what the host said. Throws `incomplete_answer` where the host says that
 * it failed and where a call may lack a piece, and `empty_answer` where nothing came at all.
 */
export function finishOf(ending: Ending): Finish {
  const { said, calls, torn, unclear, brokeOff, redact, warn } = ending;
  if (unclear !== undefined) throw incomplete(unclear);
  if (said?.kind === 'failed') {
    throw incomplete(
      `The endpoint ended the answer with the finish reason "${redact(said.word).slice(0, 60)}"`,
    );
  }
  if (torn !== undefined && (calls.length > 0 || /tool|function/.test(said?.word ?? ''))) {
    throw incomplete(torn);
  }
  const known = knownFinish(said, calls.length > 0);
  if (known === undefined) return unsaid(ending);
  if (!brokeOff || known.reason !== 'stop') return known;
  warn("The answer's text ends in the middle of a call.");
  return { ...known, unsure: true };
}

/** An answer that lacks a piece. */
function incomplete(what: string): ModelError {
  return new ModelError('incomplete_answer', `${what}. Nothing of it was run. A retry may help.`, {
    retryable: true,
  });
}

function unsaid({ said, done, inOne, calls, text, reasoning, warn, redact }: Ending): Finish {
  if (said === undefined && !done) throw incomplete('The answer broke off before its end');
  const how =
    said === undefined
      ? 'without a finish reason'
      : `with the unknown finish reason "${redact(said.word).slice(0, 60)}"`;
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
  // A whole body without a finish reason is whole: the endpoint's own example has none.
  if (text.trim() !== '' && inOne && said === undefined) return finish('stop');
  if (text.trim() !== '') {
    warn(`The answer ended ${how}; its text may be cut short.`);
    // A gateway writes `[DONE]` although its upstream died in the middle of a sentence: new-api always does.
    return { ...finish('stop'), unsure: true };
  }
  if (said !== undefined) {
    warn(`The answer ended ${how}.`);
    return finish('stop');
  }
  if (reasoning !== '') throw incomplete('The answer broke off while the model was thinking');
  throw new ModelError(
    'empty_answer',
    'The endpoint sent an answer without text, reasoning and calls.',
    {
      retryable: true,
    },
  );
}

function finish(reason: Finish['reason']): Finish {
  return { type: 'finish', reason };
}
