import { orAborted, TimeUp, within } from './abort.ts';
import { issueLines } from './check.ts';
import { ToolError, wordsOf } from './error.ts';
import type { CallOutcome } from './event.ts';
import type { Content } from './message.ts';
import type { Json, Usage } from './model.ts';
import { Suspension } from './recorder.ts';
import { isRepeatable } from './repeatable.ts';
import type { CallScope, Tool } from './tool.ts';
import { cut, tellResult } from './result.ts';

/** How one run of a tool came out. */
export interface Invoked {
  readonly outcome: CallOutcome;
  readonly content: Content;
  readonly output?: Json;
  readonly usage?: Usage;
}

/**
 * Runs a tool on a valid input. Whatever happens becomes an outcome and words for the model;
 * only a `Suspension` passes through.
 * Settles as soon as the scope's signal is aborted or the tool's time is up, even if the tool ignores it.
 */
export async function invoke(
  { tool, timeoutMs }: { readonly tool: Tool; readonly timeoutMs: number | undefined },
  input: unknown,
  scope: CallScope,
  told: { readonly progress: (value: unknown) => void; readonly error: (thrown: unknown) => void },
): Promise<Invoked> {
  const { signal, release } = within(scope.signal, timeoutMs);
  try {
    signal.throwIfAborted();
    const work = run(tool, input, { ...scope, signal }, told.progress).then((output) =>
      toInvoked(tool, output),
    );
    // An agent inside hears the signal, and what it records of its own calls belongs before the end of this one.
    return await (isRepeatable(tool) ? work : orAborted(signal, work));
  } catch (error) {
    if (error instanceof Suspension) throw error; // an agent inside waits for a person
    if (signal.aborted) return stopped(tool, signal.reason);
    const why = cut(wordsOf(error), tool.maxResultChars);
    if (!(error instanceof ToolError)) told.error(error);
    const content = error instanceof ToolError ? why : `The tool "${tool.name}" failed: ${why}`;
    return { outcome: 'failed', content };
  } finally {
    release();
  }
}

async function run(
  tool: Tool,
  input: unknown,
  scope: CallScope,
  onProgress: (progress: unknown) => void,
): Promise<unknown> {
  const output: unknown = await tool.execute(input, scope as CallScope<never>);
  if (!isGenerator(output)) return output;
  for (let yields = 1; ; yields++) {
    const next = await output.next();
    if (next.done === true) return next.value;
    // A generator that never waits would leave no room for a timer or an abort.
    if (yields % 64 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    if (scope.signal.aborted) {
      // Not waited for: a generator that never yields again could not be stopped either.
      void leave(output);
      throw scope.signal.reason;
    }
    onProgress(next.value);
  }
}

async function leave(output: AnyGenerator): Promise<void> {
  try {
    await output.return(undefined);
  } catch {
    // its clean-up failed when nobody waited for it any more
  }
}

type AnyGenerator = AsyncGenerator<unknown, unknown, void> | Generator<unknown, unknown, void>;

function isGenerator(value: unknown): value is AnyGenerator {
  const kind = Object.prototype.toString.call(value);
  return kind === '[object AsyncGenerator]' || kind === '[object Generator]';
}

async function toInvoked(tool: Tool, output: unknown): Promise<Invoked> {
  const parsed = (await tool.outputSchema?.parse(output)) ?? { value: output };
  if (parsed.issues !== undefined) {
    return {
      outcome: 'failed',
      content: `The tool "${tool.name}" ran, but its result does not fit its own output schema, so it is not shown.\n${issueLines(parsed.issues)}`,
    };
  }
  const result = tellResult(tool, parsed.value);
  return 'problem' in result
    ? {
        outcome: 'failed',
        content: `The tool "${tool.name}" ran, but its result cannot be shown: ${result.problem}.`,
      }
    : { outcome: 'ok', ...result };
}

function stopped(tool: Tool, reason: unknown): Invoked {
  const unsure = tool.effect === 'read' ? '' : ' It may or may not have taken effect.';
  if (reason instanceof TimeUp) {
    return {
      outcome: 'timeout',
      content: `The tool "${tool.name}" did not answer within ${reason.timeoutMs} ms and was given up.${unsure}`,
    };
  }
  return { outcome: 'aborted', content: `The run was stopped before this call ended.${unsure}` };
}
