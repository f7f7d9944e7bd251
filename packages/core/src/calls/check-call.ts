import { readArguments } from '../answer/arguments.ts';
import type { AnswerGiven } from '../base/event.ts';
import type { ToolCall } from '../base/message.ts';
import { issueLines } from '../tool/schema/issue-lines.ts';
import type { Tool } from '../tool/tool.ts';
import { unknownTool } from './unknown-tool.ts';

/** A call that may run, as far as its own form goes. */
export interface SoundCall {
  readonly tool: Tool;
  readonly input: unknown;
  /** The arguments that `input` was read from. */
  readonly text: string;
  /** What `repairCall` changed, in words. */
  readonly repaired?: string;
  readonly reason?: undefined;
}

/** A sound call, or the words that tell the model why it may not run. */
export type Checked = SoundCall | { readonly reason: string };

/** A call that cannot run as the model wrote it. */
export interface BrokenCall {
  readonly name: string;
  /** As the model wrote them, be it JSON or not. */
  readonly arguments: string;
  /** What is wrong, in the words the model would read. */
  readonly reason: string;
  readonly tools: readonly string[];
}

/** What to try instead of a broken call. `name` counts only where the model's own is unknown. */
export interface Repair {
  readonly name?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** May mend a call that cannot run: returns what to try instead, once, or undefined to tell the model. */
export type RepairCall = (call: BrokenCall) => Repair | undefined | Promise<Repair | undefined>;

/** A call and the answer it stands in. */
export interface PlacedCall {
  readonly call: ToolCall;
  /** Counted from 1. */
  readonly callIndex: number;
  readonly answer: Pick<AnswerGiven, 'finishReason' | 'doubts' | 'broken' | 'barred' | 'leaked'>;
}

/**
 * Decides whether a call is complete, allowed in its step, known and valid. Only what is unknown or invalid
 * can be repaired. `known`: what its name and arguments were found to be before.
 */
export async function checkCall(
  placed: PlacedCall,
  tools: ReadonlyMap<string, Tool>,
  repair?: RepairCall,
  known?: SoundCall,
): Promise<Checked> {
  const { call, callIndex, answer } = placed;
  const { name } = call.function;
  const cut = cutShort(placed, tools.get(name));
  if (cut !== undefined) return { reason: cut };
  const barred = answer.barred?.[callIndex];
  if (barred !== undefined) return { reason: `This call did not run: ${barred}.` };
  const quoted = maybeQuoted(placed, tools.get(name));
  if (quoted !== undefined) return { reason: quoted };
  const text = answer.broken?.[callIndex] ?? call.function.arguments;
  const doubt = answer.doubts?.[callIndex];
  const checked =
    doubt === undefined
      ? (known ?? (await checkForm(name, text, tools)))
      : { reason: `This call did not run: ${doubt}. Write it again, as one whole JSON object.` };
  const isOfForm = doubt === undefined || answer.broken?.[callIndex] !== undefined;
  if (checked.reason === undefined || repair === undefined || !isOfForm) return checked;
  const mended = await repaired({ name, text, reason: checked.reason }, tools, repair);
  const reason = mended.reason ?? maybeQuoted(placed, mended.tool);
  return reason === undefined ? mended : { reason };
}

/** Text of a file or a page that the model repeats can look like a call. Reading something on its word is harmless. */
function maybeQuoted(
  { answer, callIndex }: PlacedCall,
  tool: Tool | undefined,
): string | undefined {
  if (tool === undefined || tool.effect === 'read' || !answer.leaked?.includes(callIndex)) {
    return undefined;
  }
  return `This call did not run: it stood in the text of the answer, where it may be a quotation. If it is meant, make it again as a proper call of "${tool.name}".`;
}

/** The call as the host mends it, checked like any other; or the words it had before. */
async function repaired(
  broken: { readonly name: string; readonly text: string; readonly reason: string },
  tools: ReadonlyMap<string, Tool>,
  repair: RepairCall,
): Promise<Checked> {
  const { name, text, reason } = broken;
  const mended = await repair({ name, arguments: text, reason, tools: [...tools.keys()] });
  if (mended === undefined) return { reason };
  const toName = tools.has(name) ? name : (mended.name ?? name);
  const toText = mended.arguments === undefined ? text : JSON.stringify(mended.arguments);
  const checked = await checkForm(toName, toText, tools);
  if (checked.reason !== undefined) return checked;
  return { ...checked, repaired: `the call of ${name} was repaired to ${toName}(${toText})` };
}

/** In an answer that did not end, only a `read` call that was closed by the next one is sure to be whole. */
function cutShort({ answer, callIndex }: PlacedCall, tool: Tool | undefined): string | undefined {
  const { finishReason, doubts } = answer;
  if (finishReason === 'stop' || finishReason === 'tool_calls') return undefined;
  if (finishReason === 'length' && tool?.effect === 'read' && doubts?.[callIndex] === undefined) {
    return undefined;
  }
  const cause =
    finishReason === 'length' ? 'at its token limit' : 'by the endpoint’s content filter';
  return `This call did not run: the answer was cut ${cause}. Make the call again, in a shorter answer.`;
}

async function checkForm(
  name: string,
  text: string,
  tools: ReadonlyMap<string, Tool>,
): Promise<Checked> {
  const tool = tools.get(name);
  if (tool === undefined) return { reason: unknownTool(name, [...tools.keys()]) };
  const read = readArguments(text);
  if ('reason' in read) return { reason: `This call did not run: ${read.reason}.` };
  const parsed = await tool.inputSchema.parse(read.value);
  if (parsed.issues === undefined) return { tool, input: parsed.value, text: read.text };
  return {
    reason: `This call did not run: its arguments do not fit the schema of "${name}".\n${issueLines(parsed.issues)}\nCorrect them and call again.`,
  };
}
