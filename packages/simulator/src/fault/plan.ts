import { isObject, shown } from '../wire/json.ts';
import { allFaults, type FaultName } from './all.ts';
import type { Fault, FaultSetting, Need, Situation } from './fault.ts';
import { seededRandom } from './random.ts';
/** A fault to fire: its name, or its name with how often and when. */
export type FaultUse = FaultName | FaultUseObject;

/** A fault with how often and when it fires. Only requests it fits are counted. */
export interface FaultUseObject extends FaultSetting {
  readonly fault: FaultName;
  /** How many times; default once, or without end if a probability is given. */
  readonly times?: number | undefined;
  /** How many requests it fits are let through first; default 0. */
  readonly after?: number | undefined;
  /** How likely it fires at each request it fits, drawn from the seed; default 1. */
  readonly probability?: number | undefined;
}

/** A fault that fires now, with what its use set. */
export interface FiringFault {
  readonly fault: Fault;
  readonly setting: FaultSetting;
}

interface PlannedUse {
  readonly use: FaultUseObject;
  readonly fault: Fault;
  seen: number;
  fired: number;
}

/** Decides which faults fire at which request. */
export class FaultPlan {
  readonly #uses: readonly PlannedUse[];
  readonly #random: () => number;

  /** Throws a TypeError that names the value if a use is no use. */
  constructor(uses: readonly FaultUse[], seed: number) {
    this.#uses = uses.map((given) => {
      if (typeof given !== 'string' && !isObject(given)) {
        throw new TypeError(`A fault is a name or an object, not ${shown(given)}.`);
      }
      const use = typeof given === 'string' ? { fault: given } : given;
      const fault = allFaults.find(({ name }) => name === use.fault);
      if (!fault)
        throw new TypeError(
          `There is no fault called "${String(use.fault)}"; the export faults and --list-faults name them all.`,
        );
      checkUse(use);
      return { use, fault, seen: 0, fired: 0 };
    });
    this.#random = seededRandom(seed);
  }

  /** The first error or socket fault that is due before any answer is made. */
  beforeAnswer(): FiringFault | undefined {
    for (const planned of this.#uses) {
      if (needsAnswer(planned.fault) || !this.#isDue(planned)) continue;
      return { fault: planned.fault, setting: planned.use };
    }
    return undefined;
  }

  /**
   * All faults that are due on an answer, beside those that fire already. A fault that keeps the answer from the client
   * fires beside no fault that changes the answer: the change could take away what the other breaks, and the client
   * would get an answer that is then served again.
   */
  onAnswer(situation: Situation, already: readonly FiringFault[] = []): readonly FiringFault[] {
    const firing: FiringFault[] = [];
    for (const planned of this.#uses) {
      const { fault, use } = planned;
      if (!needsAnswer(fault) || !fits(fault, situation)) continue;
      const clashes = [...already, ...firing].some((other) => clash(other.fault, fault));
      if (clashes || !this.#isDue(planned)) continue;
      firing.push({ fault, setting: use });
    }
    return firing;
  }

  #isDue(planned: PlannedUse): boolean {
    const { probability, after = 0 } = planned.use;
    const { times = probability === undefined ? 1 : Infinity } = planned.use;
    if (planned.fired >= times) return false;
    planned.seen += 1;
    if (planned.seen <= after) return false;
    if (probability !== undefined && this.#random() >= probability) return false;
    planned.fired += 1;
    return true;
  }
}

function clash(one: Fault, other: Fault): boolean {
  if (one.fatal && other.fatal) return true;
  return (one.fatal === true && changes(other)) || (other.fatal === true && changes(one));
}

function changes(fault: Fault): boolean {
  const { answer, frames, completion, instead, otherForm } = fault;
  return Boolean(answer ?? frames ?? completion ?? instead ?? otherForm);
}

function checkUse(use: FaultUseObject): void {
  const { times, after, probability, retryAfter } = use;
  const unknown = Object.keys(use).find((key) => !Object.hasOwn(members, key));
  if (unknown !== undefined) {
    const known = Object.keys(members).join(', ');
    throw new TypeError(
      `The use of fault "${use.fault}" has an unknown member "${unknown}"; there are ${known}.`,
    );
  }
  if (times !== undefined && !(times >= 0)) {
    throw new TypeError(`The times of fault "${use.fault}" must be 0 or more, not ${times}.`);
  }
  if (after !== undefined && !(after >= 0)) {
    throw new TypeError(`The after of fault "${use.fault}" must be 0 or more, not ${after}.`);
  }
  if (probability !== undefined && !(probability >= 0 && probability <= 1)) {
    throw new TypeError(
      `The probability of fault "${use.fault}" must be from 0 to 1, not ${probability}.`,
    );
  }
  if (!isWait(retryAfter)) {
    throw new TypeError(
      `The retryAfter of fault "${use.fault}" must be seconds of 0 or more, a date as text, or false, not ${shown(retryAfter)}.`,
    );
  }
}

function isWait(value: unknown): boolean {
  if (typeof value === 'number') return value >= 0;
  return value === undefined || value === false || typeof value === 'string';
}

const members: Readonly<Record<keyof FaultUseObject, true>> = {
  fault: true,
  times: true,
  after: true,
  probability: true,
  retryAfter: true,
};

function needsAnswer(fault: Fault): boolean {
  return !fault.refuse && !fault.before;
}

function fits(fault: Fault, situation: Situation): boolean {
  return (fault.needs ?? []).every((need) => holds(need, situation));
}

function holds(need: Need, { request, answer, callsBefore }: Situation): boolean {
  const { messages, tools } = request;
  switch (need) {
    case 'stream':
      return request.stream === true;
    case 'whole':
      return request.stream !== true;
    case 'reasoning':
      return answer.reasoning !== '';
    case 'text':
      return typeof answer.text === 'string' && answer.text !== '';
    case 'no text':
      return !answer.text;
    case 'no calls':
      return answer.calls.length === 0;
    case 'calls':
      return answer.calls.length > 0;
    case 'arguments':
      return answer.calls.some((call) => String(call.arguments).length > 2);
    case 'two calls':
      return answer.calls.length > 1;
    case 'tool result last':
      return messages.at(-1)?.role === 'tool';
    case 'no include_usage':
      return request.stream_options?.include_usage !== true;
    case 'odd ids in history':
      return messages.some(({ tool_calls: calls }) =>
        calls?.some((call) => isObject(call) && !/^[\w.-]+:\d+$/.test(String(call.id))),
      );
    case 'calls without tools':
      return callsBefore > 0 && !(Array.isArray(tools) && tools.length > 0);
  }
}
