import { wordsOf } from '../base/error.ts';
import type { AssistantMessage, Message } from '../base/message.ts';
import { addUsage, noUsage } from '../base/model.ts';
import type { Model, Usage } from '../base/model.ts';
import type { Shortened } from './shorten.ts';
import { dropResults, startOfLastSteps } from './drop-results.ts';

/** Has a model put all but the last `keep` steps into a summary. Undefined where there is nothing to put together. */
export async function summarise(
  messages: readonly Message[],
  keep: number,
  { model, signal }: { readonly model: Model; readonly signal: AbortSignal },
): Promise<Shortened | undefined> {
  const from = startOfLastSteps(messages, keep);
  const old = messages.slice(0, from);
  if (old.length < 2) return undefined;
  const { text, reason = 'no whole summary came', ...used } = await summaryOf(old, model, signal);
  if (text === undefined) {
    // Half a summary would lose the rest.
    const dropped = dropResults(messages, keep);
    const note = [reason, dropped?.note].filter(Boolean).join('; ');
    return { messages: dropped?.messages ?? messages, note, ...used };
  }
  const summary: Message = {
    role: 'user',
    content: `What was said and done before, in short:\n\n${text}`,
  };
  const note = `put ${old.length} old messages into a summary of ${text.length} characters`;
  return { messages: [summary, ...messages.slice(from)], note, ...used };
}

interface Summary {
  /** Undefined where none came that was whole. */
  readonly text?: string;
  /** Why the model gave none. */
  readonly reason?: string;
  readonly usage?: Usage;
}

/** Asks twice at most. What a host never says to be whole is taken the second time, as an answer is. */
async function summaryOf(
  old: readonly Message[],
  model: Model,
  signal: AbortSignal,
): Promise<Summary> {
  const request: Message = {
    role: 'user',
    content: `Summarise this conversation for yourself, so that you can go on without it. Keep every fact, name, number, decision and open question.\n\n${old.map(told).join('\n\n')}`,
  };
  const asked = { messages: [request], tools: [], toolChoice: 'none' as const, thinking: false };
  let usage: Usage | undefined;
  for (let attempts = 1; attempts <= 2; attempts++) {
    let text = '';
    let isWhole = false;
    let used: Usage | undefined;
    try {
      for await (const batch of model.stream(asked, signal)) {
        for (const part of batch) {
          if (part.type === 'text') text += part.delta;
          if (part.type === 'usage') used = part.usage;
          if (part.type === 'finish')
            isWhole = part.reason === 'stop' && (part.unsure !== true || attempts === 2);
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      // The history must become shorter all the same: the question for a summary is itself too long, filtered, or failed.
      const reason = `the summary failed (${wordsOf(error)})`;
      return usage === undefined ? { reason } : { reason, usage };
    }
    if (used !== undefined) usage = addUsage(usage ?? noUsage, used);
    if (isWhole && text.trim() !== '') return usage === undefined ? { text } : { text, usage };
  }
  return usage === undefined ? {} : { usage };
}

function told(message: Message): string {
  const content = message.content ?? '';
  const text =
    typeof content === 'string'
      ? content
      : JSON.stringify(content.filter(({ type }) => type === 'text'));
  if (message.role !== 'assistant') return `${message.role}: ${text}`;
  return [`assistant: ${text}`, ...callsOf(message)].join('\n');
}

function callsOf({ tool_calls = [] }: AssistantMessage): readonly string[] {
  return tool_calls.map(({ function: { name, arguments: text } }) => `  calls ${name}(${text})`);
}
