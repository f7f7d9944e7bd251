import type { Answer } from '../wire/answer.ts';
import { isThinking, type ChatMessage, type ChatRequest } from '../wire/chat-request.ts';
import type { Finding } from './ledger.ts';
import type { Prompt } from './prompt-cache.ts';

interface Issued {
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; arguments: string }[];
  readonly before: string;
  readonly tools: string;
}

/** So many answers are remembered; of an older one nothing is said. */
const mostAnswers = 10_000;

/** Remembers what was answered to which prompt, and compares it with what histories make of it. */
export class IssuedAnswers {
  readonly #all: Issued[] = [];
  readonly #byPrompt = new Map<string, Issued[]>();
  /** Messages that were told of already; a history repeats them in every later request. */
  readonly #told = new Set<string>();

  /** Remembers an answer as it was sent. */
  add(answer: Answer, prompt: Prompt): void {
    const before = prompt.before.at(-1) ?? '';
    const issued: Issued = {
      reasoning: answer.reasoning,
      text: answer.text ?? '',
      calls: answer.calls.map((call) => ({
        id: call.id ?? '',
        name: call.name ?? '',
        arguments: String(call.arguments),
      })),
      before,
      tools: this.#sameTools(prompt.tools),
    };
    this.#all.push(issued);
    this.#forgetOldest();
    this.#byPrompt.set(before, [...(this.#byPrompt.get(before) ?? []), issued]);
  }

  #tell(key: string): void {
    this.#told.add(key);
    const [oldest = key] = this.#told;
    if (this.#told.size > mostAnswers) this.#told.delete(oldest);
  }

  /** The tools as one text in memory: they are the same in nearly every request. */
  #sameTools(tools: string): string {
    const latest = this.#all.at(-1)?.tools;
    return latest === tools ? latest : tools;
  }

  #forgetOldest(): void {
    if (this.#all.length <= mostAnswers) return;
    const oldest = this.#all.shift();
    if (!oldest) return;
    const rest = this.#byPrompt.get(oldest.before)?.filter((issued) => issued !== oldest) ?? [];
    if (rest.length > 0) this.#byPrompt.set(oldest.before, rest);
    else this.#byPrompt.delete(oldest.before);
  }

  /** Lints of a request whose history is not what the endpoint saw and said. */
  inspect(request: ChatRequest, prompt: Prompt): readonly Finding[] {
    const findings: Finding[] = [];
    let latest: Issued | undefined;
    let shifted = false;
    for (const [at, message] of request.messages.entries()) {
      if (message.role !== 'assistant') continue;
      const here = this.#byPrompt.get(prompt.before[at] ?? '');
      const issued = here && closest(here, message);
      const found = issued ?? this.#all.findLast((known) => isLike(known, message));
      if (!found) continue;
      latest = found;
      const key = prompt.before[at + 1] ?? '';
      if (this.#told.has(key)) continue;
      const differences = compare(found, message, request, at);
      if (!issued && !shifted) {
        shifted = true;
        differences.push({
          name: 'prefix-unstable',
          message: `The messages before the answer at index ${at} are not those it was the answer to.`,
        });
      }
      if (differences.length > 0 || !issued) this.#tell(key);
      findings.push(...differences);
    }
    return latest ? [...findings, ...compareTools(latest.tools, prompt.tools)] : findings;
  }
}

function closest(candidates: readonly Issued[], message: ChatMessage): Issued | undefined {
  return candidates.findLast((issued) => isSame(issued, message)) ?? candidates.at(-1);
}

function isSame(issued: Issued, message: ChatMessage): boolean {
  return (
    issued.text === textOf(message) &&
    issued.reasoning === (message.reasoning_content ?? '') &&
    JSON.stringify(issued.calls) === JSON.stringify(callsOf(message))
  );
}

function isLike(issued: Issued, message: ChatMessage): boolean {
  if (issued.reasoning !== '' && issued.reasoning === message.reasoning_content) return true;
  if (issued.calls.length === 0) return issued.text !== '' && issued.text === textOf(message);
  const bare = (calls: Issued['calls']): string =>
    JSON.stringify(calls.map((call) => [call.name, call.arguments]));
  return bare(issued.calls) === bare(callsOf(message));
}

function compare(
  issued: Issued,
  message: ChatMessage,
  request: ChatRequest,
  at: number,
): Finding[] {
  const findings: Finding[] = [];
  const calls = callsOf(message);
  const reasoning = message.reasoning_content ?? '';
  const altered = (what: string): Finding => ({
    name: 'history-altered',
    message: `The ${what} of the answer at index ${at} is not what was sent.`,
  });
  if (reasoning.trim() === '' && issued.reasoning !== '') {
    const needed = isThinking(request) && (calls.length > 0 || request.thinking?.keep === 'all');
    const lost = `The reasoning of the answer at index ${at} was not sent back.`;
    if (needed) findings.push({ name: 'reasoning-lost', message: lost });
  } else if (reasoning !== issued.reasoning && reasoning.trim() !== '') {
    findings.push(altered('reasoning'));
  }
  if (textOf(message) !== issued.text) findings.push(altered('text'));
  const part = (pick: (call: Issued['calls'][number]) => string): boolean =>
    JSON.stringify(calls.map(pick)) === JSON.stringify(issued.calls.map(pick));
  if (!part((call) => call.id)) {
    const ids = `The call ids of the answer at index ${at} are not those that were sent.`;
    findings.push({ name: 'ids-changed', message: ids });
  }
  if (!part((call) => call.name)) findings.push(altered('calls'));
  if (!part((call) => call.arguments)) findings.push(altered('arguments'));
  return findings;
}

function compareTools(before: string, now: string): readonly Finding[] {
  if (before === now) return [];
  if (now === '' || now === '[]') {
    return [{ name: 'tools-dropped', message: 'The tools of the request before are gone.' }];
  }
  const sorted = (text: string): string => {
    const list: unknown = text === '' ? [] : JSON.parse(text);
    return JSON.stringify((Array.isArray(list) ? list : []).map((t) => JSON.stringify(t)).sort());
  };
  return sorted(before) === sorted(now)
    ? [{ name: 'tools-reordered', message: 'The tools are the same, in another order.' }]
    : [{ name: 'tools-changed', message: 'The tools are not those of the request before.' }];
}

function textOf(message: ChatMessage): string {
  const { content } = message;
  if (!Array.isArray(content)) return typeof content === 'string' ? content : '';
  return content.map((part) => part?.text ?? '').join('');
}

function callsOf(message: ChatMessage): Issued['calls'] {
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  return calls.map((call) => ({
    id: String(call?.id ?? ''),
    name: String(call?.function?.name ?? ''),
    arguments: String(call?.function?.arguments),
  }));
}
