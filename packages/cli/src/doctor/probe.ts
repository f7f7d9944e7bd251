import type { Endpoint, Reply } from './endpoint-client.ts';
import { isFields } from './endpoint-client.ts';
import { wireAnswer } from './wire-answer.ts';
import type { WireAnswer } from './wire-answer.ts';

/** What a probe found out. `odd`: it works, in another way than expected. `skipped`: what it needs did not work. */
export interface Verdict {
  readonly outcome: 'good' | 'odd' | 'bad' | 'skipped';
  /** For a person. */
  readonly says: string;
  /** The options of `anyfast()` that work round it. */
  readonly option?: string;
}

/** The answer with a call that later probes go on from. */
export interface Called {
  readonly messages: readonly object[];
  /** The same with the thought under `reasoning_content`; absent where it came under that key. */
  readonly underUsualKey?: readonly object[];
  readonly withoutReasoning: readonly object[];
}

/** What earlier probes have learnt. */
export interface Learnt {
  called?: Called;
}

/** One question to the endpoint, and what its answer means. */
export interface Probe {
  readonly name: string;
  /** Whether an agent can work without it. */
  readonly need: 'must' | 'should' | 'may';
  /** What it costs at list price, in US dollars, as estimated. 0: it asks no model. */
  readonly usd: number;
  readonly about: string;
  /** The page that tells more. */
  readonly docs: string;
  run(endpoint: Endpoint, learnt: Learnt): Promise<Verdict>;
}

export function verdict(outcome: Verdict['outcome'], says: string, option?: string): Verdict {
  return { outcome, says, ...(option === undefined ? {} : { option }) };
}

/** What an answer says; where none came, that is bad, and `option` is what works round it. */
export function judged(
  reply: Reply,
  judge: (answer: WireAnswer) => Verdict,
  option?: string,
): Verdict {
  return reply.status === 200 ? judge(wireAnswer(reply)) : verdict('bad', refusal(reply), option);
}

/** What the endpoint said instead of an answer. It may have written anything: 200 characters of it are shown. */
export function refusal({ status, json, frames }: Reply): string {
  const error = (json ?? frames[0])?.['error'];
  const words = isFields(error) ? error['message'] : error;
  const said = typeof words === 'string' ? words.slice(0, 200) : 'no reason that can be read';
  return `It answers ${status}: ${said}`;
}
