import { checkMessages } from './conversation.ts';
import { ThroughlineError } from './error.ts';
import type { AssistantMessage, Content, Message, ToolMessage } from './message.ts';
import type { Model, Usage } from './model.ts';
import { addUsage, noUsage } from './usage.ts';

/** A conversation made shorter. */
export interface Shortened {
  /** What stands for it. */
  readonly messages: readonly Message[];
  /** What was done, in words. */
  readonly note: string;
  /** What a model used for it; it counts for the run. */
  readonly usage?: Usage;
}

/** Makes a conversation shorter. Undefined: it can do no more. */
export type Shorten = (
  messages: readonly Message[],
  about: { readonly model: Model; readonly signal: AbortSignal },
) => Promise<Shortened | undefined>;

/** When and how the history is kept in bounds. */
export interface Compaction {
  /** Before a request that is estimated above so many tokens. Default: only when the endpoint says it is too long. */
  readonly atTokens?: number;
  readonly shorten: Shorten;
}

/** The ready-made ways. Each keeps calls and results together, and the reasoning of every call it keeps. */
export const compact = {
  /** Drops the text of all tool results but those of the last `keep` steps (default 3). The messages stay where they are. */
  dropToolResults: ({ keep = 3 }: { readonly keep?: number } = {}): Shorten => {
    return async (messages) => {
      const from = startOfLastSteps(messages, keep);
      let dropped = 0;
      const shorter = messages.map((message, at) => {
        if (message.role !== 'tool' || at >= from || lengthOf(message.content) < 200)
          return message;
        dropped++;
        return { ...message, content: droppedWords(message) };
      });
      if (dropped === 0) return undefined;
      return { messages: shorter, note: `dropped the text of ${dropped} old tool results` };
    };
  },
  /** Has a model (default: the agent's own) put all but the last `keep` steps (default 3) into a summary. */
  summarise: ({
    keep = 3,
    model,
  }: { readonly keep?: number; readonly model?: Model } = {}): Shorten => {
    return async (messages, about) => {
      const from = startOfLastSteps(messages, keep);
      const old = messages.slice(0, from);
      if (old.length < 2) return undefined;
      const { text, ...used } = await summaryOf(old, model ?? about.model, about.signal);
      if (text === undefined) {
        // Half a summary would lose the rest.
        const dropped = await compact.dropToolResults({ keep })(messages, about);
        const note = ['no whole summary came', dropped?.note].filter(Boolean).join('; ');
        return { messages: dropped?.messages ?? messages, note, ...used };
      }
      const summary: Message = {
        role: 'user',
        content: `What was said and done before, in short:\n\n${text}`,
      };
      const note = `put ${old.length} old messages into a summary of ${text.length} characters`;
      return { messages: [summary, ...messages.slice(from)], note, ...used };
    };
  },
};

/** Shortens, and checks that what came out can be sent. Throws `invalid_option` if the host's strategy broke it. */
export async function shortened(
  { shorten }: Compaction,
  messages: readonly Message[],
  about: { readonly model: Model; readonly signal: AbortSignal },
): Promise<Shortened | undefined> {
  const shorter = await shorten(messages, about);
  try {
    if (shorter !== undefined) checkMessages(shorter.messages, 'messages');
  } catch (cause) {
    const why = (cause as Error).message;
    throw new ThroughlineError(
      'invalid_option',
      `The compaction returned messages that no endpoint takes: ${why}`,
      { cause },
    );
  }
  return shorter;
}

/** A rough count, three characters to a token, which is on the safe side for English and code. */
export function estimateTokens(message: Message): number {
  let characters = lengthOf(message.content ?? '') + 12;
  if (message.role === 'assistant') {
    characters += (message.reasoning_content ?? message.reasoning ?? '').length;
    for (const { function: named } of message.tool_calls ?? []) {
      characters += named.name.length + named.arguments.length + 24;
    }
  }
  return Math.ceil(characters / 3);
}

function lengthOf(content: Content): number {
  if (typeof content === 'string') return content.length;
  // A picture costs tokens by its size, not by its bytes; about a thousand is what hosts count.
  return content.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 3_000), 0);
}

function droppedWords({ content }: ToolMessage): string {
  return `[This result of ${lengthOf(content)} characters was dropped to save room. Call again if you need it.]`;
}

/** Where the last `keep` answers begin: always at an assistant message, so that no result loses its call. */
function startOfLastSteps(messages: readonly Message[], keep: number): number {
  let at = messages.length;
  for (let found = 0; found < keep && at > 0;) {
    at = messages.findLastIndex(({ role }, index) => index < at && role === 'assistant');
    if (at === -1) return 0;
    found++;
  }
  return at;
}

interface Summary {
  /** Undefined where none came that was whole. */
  readonly text?: string;
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
    for await (const batch of model.stream(asked, signal)) {
      for (const part of batch) {
        if (part.type === 'text') text += part.delta;
        if (part.type === 'usage') used = part.usage;
        if (part.type === 'finish')
          isWhole = part.reason === 'stop' && (part.unsure !== true || attempts === 2);
      }
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
