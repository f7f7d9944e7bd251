import type { EndpointUse } from '@throughline/anyfast';
import type { Endpoint, Reply } from './endpoint-client.ts';
import { isFields } from './endpoint-client.ts';
import { isRefused } from './request-fields.ts';
import { wireAnswer } from './wire-answer.ts';
import type { WireAnswer } from './wire-answer.ts';

/** What a probe found out. `odd`: it works, in another way than expected. `skipped`: what it needs did not work. */
export interface Verdict {
  readonly outcome: 'good' | 'odd' | 'bad' | 'skipped';
  /** For a person. */
  readonly says: string;
  /** What the transport has to know to work round it. The probes that follow go on with it. */
  readonly use?: EndpointUse;
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
  use: EndpointUse;
  called?: Called;
  /** Whether a stream counts its tokens. */
  countsInStream?: boolean;
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

export function verdict(outcome: Verdict['outcome'], says: string, use?: EndpointUse): Verdict {
  return { outcome, says, ...(use === undefined ? {} : { use }) };
}

/** What an answer says. Where none came, that is bad; where the request was refused for good, `use` works round it. */
export function judged(
  reply: Reply,
  judge: (answer: WireAnswer) => Verdict,
  use?: EndpointUse,
): Verdict {
  if (reply.status === 200) return judge(wireAnswer(reply));
  return verdict('bad', refusal(reply), isRefused(reply) ? use : undefined);
}

/** What the endpoint said instead of an answer. It may have written anything: 200 characters of it are shown. */
export function refusal({ status, json, frames }: Reply): string {
  const error = (json ?? frames[0])?.['error'];
  const words = isFields(error) ? error['message'] : error;
  const said = typeof words === 'string' ? words.slice(0, 200) : 'no reason that can be read';
  return `It answers ${status}: ${said}`;
}
