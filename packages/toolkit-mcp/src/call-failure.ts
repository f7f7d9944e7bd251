import {
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
} from '@modelcontextprotocol/client';
import { isNoAnswer } from './no-answer.ts';
import { plainText } from './plain-text.ts';

/** The errors of JSON-RPC that a server gives before it runs anything. */
const refusals: ReadonlySet<number> = new Set([
  ProtocolErrorCode.ParseError,
  ProtocolErrorCode.InvalidRequest,
  ProtocolErrorCode.MethodNotFound,
  ProtocolErrorCode.InvalidParams,
]);

/** What the model reads of a call that failed, and whether the connection is of no more use. */
export function callFailure(
  subject: string,
  error: unknown,
): { readonly words: string; readonly isLost: boolean } {
  if (error instanceof ProtocolError) {
    return { words: answeredError(subject, error), isLost: false };
  }
  if (error instanceof SdkHttpError && error.data?.status === 404) {
    const words = `This call did not run: ${subject} no longer knows this session. The next call opens a new one.`;
    return { words, isLost: true };
  }
  if (error instanceof SdkError && error.code === SdkErrorCode.UnsupportedResultType) {
    const words = `${subject} asks a question before it answers, and nobody can answer it here.`;
    return { words, isLost: false };
  }
  if (error instanceof SdkError && error.code === SdkErrorCode.InvalidResult) {
    const words = 'The call ran, but its answer is no result of a tool.';
    return { words, isLost: false };
  }
  return { words: unanswered(subject, error), isLost: true };
}

function answeredError(subject: string, error: ProtocolError): string {
  if (isNoAnswer(error)) return unanswered(subject, error);
  const what = refusals.has(error.code) ? 'refused the call' : 'answered the call with an error';
  return `${subject} ${what}: ${plainText(error.message, 2_000)}`;
}

function unanswered(subject: string, error: unknown): string {
  return `${subject} did not answer: ${reasonOf(error)}. The call may or may not have taken effect.`;
}

/** Why it failed, in the words of the system or the library, bounded. What was first is found at the end of the causes. */
export function reasonOf(error: unknown): string {
  const reasons: string[] = [];
  for (let at = error; at instanceof Error && reasons.length < 5; at = at.cause) {
    const words = (at.message || codeOf(at)).replace(/[.]$/, '');
    if (!reasons.some((known) => known.includes(words))) reasons.push(words);
  }
  return plainText(reasons.join(': '), 500) || 'for an unknown reason';
}

/** An error of several addresses has a code and no words. */
function codeOf(error: Error): string {
  return String((error as NodeJS.ErrnoException).code ?? error.name);
}
