import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault, Situation } from './fault/fault.ts';
import { leakWithoutTools } from './fault/leak.ts';
import { FaultPlan, type FiringFault } from './fault/plan.ts';
import { IssuedAnswers } from './memory/issued-answers.ts';
import type { Ledger } from './memory/ledger.ts';
import { inspectRequest } from './memory/lint.ts';
import { PrefixCache, readPrompt, type Prompt } from './memory/prompt-cache.ts';
import type { Settings } from './options.ts';
import { checkCaller } from './rules/caller.ts';
import { checkKey, checkModel, findRoute, readJsonBody } from './rules/gateway.ts';
import { leaksCalls } from './rules/tool.ts';
import { checkUpstream } from './rules/upstream.ts';
import { composeAnswer } from './script/compose.ts';
import { ScriptReader, type TakenAnswer } from './script/script.ts';
import { Exchange } from './serve/exchange.ts';
import { sendAnswer } from './serve/send.ts';
import type { Answer } from './wire/answer.ts';
import { countCalls, type ChatMessage, type ChatRequest } from './wire/chat-request.ts';
import { isObject, type JsonObject } from './wire/json.ts';
import { listModels, showModel } from './wire/model-list.ts';
import { invalid, scriptError, type Refusal } from './wire/refusal.ts';
import { tokensOfBytes } from './wire/token.ts';

/** So many answers with faults of their own remember which of them fired; an older one starts anew. */
const mostPlans = 10_000;

/** The endpoint behind the server: checks a request, asks the script, and answers with faults. */
export class Endpoint {
  readonly ledger: Ledger;
  readonly #settings: Settings;
  readonly #script: ScriptReader;
  readonly #plan: FaultPlan;
  readonly #answerPlans = new Map<number, FaultPlan>();
  readonly #issued = new IssuedAnswers();
  readonly #cache = new PrefixCache();

  constructor(settings: Settings, ledger: Ledger) {
    this.#settings = settings;
    this.#script = new ScriptReader(settings.script, settings);
    this.#plan = new FaultPlan(settings.faults, settings.seed);
    if (typeof settings.script !== 'function') {
      // A wrong fault in a list is told at the start, not at the answer it belongs to.
      for (const [index, answer] of settings.script.entries()) {
        this.#planOf({ index, count: index, answer });
      }
    }
    this.ledger = ledger;
  }

  /** Serves one request to its end. Never rejects. */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    closing: AbortSignal,
  ): Promise<void> {
    const record = this.ledger.open(request);
    const exchange = new Exchange(response, record, this.#settings, closing);
    try {
      await this.#route(request, exchange);
    } catch (error) {
      if (!exchange.signal.aborted) {
        record.error = String(error);
        exchange.destroy();
      }
    } finally {
      this.ledger.close(record);
      exchange.release();
    }
  }

  async #route(request: IncomingMessage, exchange: Exchange): Promise<void> {
    const { method, path } = exchange.record;
    const { host, key, model, maxBodyBytes, strictness } = this.#settings;
    const refused = checkCaller(request.headers, [host, request.socket.localAddress ?? host]);
    if (refused) return exchange.refuse(refused);
    if (method === 'OPTIONS') return exchange.preflight();
    const body = await exchange.readBody(request, maxBodyBytes);
    if (typeof body !== 'string') return exchange.refuse(body);
    this.ledger.countAttempt(exchange.record);
    const route = findRoute(method, path);
    if (typeof route === 'object') return exchange.refuse(route);
    const locked = strictness === 'lenient' ? undefined : checkKey(request.headers, key);
    if (locked) return exchange.refuse(locked);
    switch (route) {
      case 'models':
        return exchange.sendJson(listModels(model));
      case 'model':
        return exchange.sendJson(showModel(model, path));
      case 'chat':
        return this.#chat(exchange, request.headers['content-type']);
    }
  }

  async #chat(exchange: Exchange, contentType: string | undefined): Promise<void> {
    const { record } = exchange;
    const { strictness, model } = this.#settings;
    const read = readJsonBody(record.bodyText, contentType, strictness);
    if ('refusal' in read) return exchange.refuse(read.refusal);
    const request = asRequest(read.body);
    record.body = request;
    if (strictness !== 'lenient') {
      const unknown = checkModel(read.body, model);
      if (unknown) return exchange.refuse(unknown);
    }
    const prompt = readPrompt(request);
    record.promptBytes = prompt.bytes.at(-1) ?? 0;
    this.ledger.lint(record, inspectRequest(request));
    const refusal = this.#checkUpstream(read.body, record.promptBytes);
    if (refusal) return exchange.refuse(refusal);
    this.ledger.lint(record, this.#issued.inspect(request, prompt));
    const early = this.#plan.beforeAnswer();
    if (early) return exchange.fail(early);
    record.cachedBytes = this.#cache.cachedBytes(prompt);
    await this.#answer(exchange, request, prompt);
  }

  #checkUpstream(body: JsonObject, promptBytes: number): Refusal | undefined {
    if (this.#settings.strictness !== 'moonshot') return undefined;
    const { emptyReasoning } = this.#settings;
    const reason = checkUpstream(body, {
      emptyReasoning,
      promptTokens: tokensOfBytes(promptBytes),
    });
    return reason === undefined ? undefined : invalid(reason);
  }

  async #answer(exchange: Exchange, request: ChatRequest, prompt: Prompt): Promise<void> {
    const { record } = exchange;
    let taken: TakenAnswer;
    let own: FaultPlan;
    let answer: Answer;
    try {
      taken = await this.#script.take(request, record.bodyText);
      own = this.#planOf(taken);
      answer = composeAnswer(taken.answer, request, record);
    } catch (error) {
      return exchange.refuse(scriptError(error instanceof Error ? error.message : String(error)));
    }
    const situation = { request, answer, callsBefore: countCalls(request.messages) };
    const firing = this.#faultsOn(own, situation);
    const faults = firing.map(({ fault }) => fault);
    const fatal = faults.some((fault) => fault.fatal || fault.refuse);
    // All is settled before the first byte: the client's next request may overtake our last event.
    const doubtful = faults.some((fault) => fault.doubtful);
    if (fatal || doubtful) {
      this.#script.giveBack(taken, record.bodyText, fatal ? 'anyone' : 'same body');
    }
    const early = firing.find(({ fault }) => fault.refuse || fault.before);
    if (early) return exchange.fail(early);
    const told = faults.reduce((said, fault) => fault.answer?.(said, situation) ?? said, answer);
    if (!fatal) this.#remember(told, prompt, faults);
    record.faults = faults.map(({ name }) => name);
    record.answer = taken.index;
    const { delayMs = 0, callDelayMs, pieceDelayMs = this.#settings.pieceDelayMs } = taken.answer;
    try {
      await exchange.wait(delayMs);
      const sent = { ...situation, answer: told };
      await sendAnswer(exchange, sent, { faults, pieceDelayMs, callDelayMs });
    } catch (error) {
      if (!fatal && !doubtful) this.#script.giveBack(taken, record.bodyText, 'same body');
      throw error;
    }
  }

  #planOf(taken: TakenAnswer): FaultPlan {
    const { faults = [] } = taken.answer;
    const known = this.#answerPlans.get(taken.count);
    if (known) return known;
    const plan = new FaultPlan(faults, this.#settings.seed + taken.count + 1);
    if (faults.length === 0) return plan;
    this.#answerPlans.set(taken.count, plan);
    const [oldest = taken.count] = this.#answerPlans.keys();
    if (this.#answerPlans.size > mostPlans) this.#answerPlans.delete(oldest);
    return plan;
  }

  #faultsOn(own: FaultPlan, situation: Situation): readonly FiringFault[] {
    const early = own.beforeAnswer();
    if (early) return [early];
    const strict = this.#settings.strictness !== 'lenient';
    const leaks = strict && leaksCalls(situation.request) && situation.answer.calls.length > 0;
    const leak = leaks ? [{ fault: leakWithoutTools, setting: {} }] : [];
    const firing = own.onAnswer(situation, leak);
    const more = this.#plan.onAnswer(situation, [...leak, ...firing]);
    return [...firing, ...more, ...leak];
  }

  #remember(answer: Answer, prompt: Prompt, faults: readonly Fault[]): void {
    this.#cache.add(prompt);
    const honest = faults.every((fault) => fault.kind !== 'answer' || fault.echo === true);
    if (honest) this.#issued.add(answer, prompt);
  }
}

function asRequest(body: JsonObject): ChatRequest {
  const { model, messages } = body;
  return {
    ...body,
    model: typeof model === 'string' ? model : '',
    messages: Array.isArray(messages)
      ? (messages.filter(isObject) as unknown as readonly ChatMessage[])
      : [],
  };
}
