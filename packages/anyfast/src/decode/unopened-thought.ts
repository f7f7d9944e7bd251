import { CodeMarks } from './code-marks.ts';
import { thinkBegin, thinkEnd } from './native-tokens.ts';

/** What is known of the thoughts of an answer. */
export interface ThoughtScope {
  /** Whether the model was asked to think, so that its template may put thoughts into the content. */
  readonly thinks: boolean;
  /** Whether thoughts came where they belong. */
  hasReasoning(): boolean;
}

/** Whether a `</think>` behind this text ends thoughts that the host let begin without a tag. */
export function closesUnopened(marks: CodeMarks, { thinks, hasReasoning }: ThoughtScope): boolean {
  return thinks && !hasReasoning() && !marks.isCode && marks.isGlued;
}

/** Whether a whole content begins with thoughts that end in a `</think>` and lack the tag at their beginning. */
export function beginsUnopened(content: string, scope: ThoughtScope): boolean {
  const close = content.indexOf(thinkEnd);
  const open = content.indexOf(thinkBegin);
  if (close === -1 || (open !== -1 && open < close)) return false;
  const marks = new CodeMarks();
  marks.push(content.slice(0, close));
  return closesUnopened(marks, scope);
}
