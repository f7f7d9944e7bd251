/** What the server answers. */
export interface Scenario {
  /** Answers in a run; all but the last make calls. */
  readonly steps: number;
  /** Pieces of reasoning in an answer. */
  readonly deltas: number;
  /** Calls in an answer. */
  readonly calls: number;
  /** Deltas in one write to the socket. */
  readonly perChunk: number;
  /** How long the server waits between its writes. */
  readonly pauseMs: number;
}

/** What the last answer of every run says. */
export const lastText = 'Nothing there.';

const usual: Scenario = { steps: 50, deltas: 36, calls: 1, perChunk: 6, pauseMs: 0 };

/** The segment of the URL that stands for a scenario. */
export function toSegment(scenario: Partial<Scenario>): string {
  return new URLSearchParams(
    Object.entries(scenario).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
}

const scenarios = new Map<string, Scenario>();

export function toScenario(segment: string): Scenario {
  const known = scenarios.get(segment);
  if (known !== undefined) return known;
  const given = Object.fromEntries(
    [...new URLSearchParams(segment)].map(([key, value]) => [key, Number(value)]),
  );
  const scenario = { ...usual, ...given };
  scenarios.set(segment, scenario);
  return scenario;
}

const answers = new WeakMap<Scenario, (readonly Buffer[])[]>();

/** The chunks of the answer after `given` others. Written when it is first asked for, which warming up does. */
export function answerAt(scenario: Scenario, given: number): readonly Buffer[] {
  const kept = answers.get(scenario) ?? [];
  answers.set(scenario, kept);
  return (kept[given] ??= toChunks(scenario, given));
}

function toChunks(scenario: Scenario, given: number): readonly Buffer[] {
  const { steps, deltas, calls, perChunk } = scenario;
  const last = given >= steps - 1;
  // Some frameworks take two answers of one id for the same answer.
  const frame = framesOf(`chatcmpl-${given}`);
  const thoughts = Array.from({ length: deltas }, (_, at) =>
    frame({ reasoning_content: `a thought ${at} ` }),
  );
  const made = Array.from({ length: calls }, (_, index) => {
    const id = `functions.look:${given * calls + index}`;
    const place = { name: 'look', arguments: JSON.stringify({ at: `place ${given}` }) };
    return frame({ tool_calls: [{ index, id, type: 'function', function: place }] });
  });
  const said = lastText.split(/(?<= )/).map((content) => frame({ content }));
  const rest = last ? said : made;
  const frames = [frame({ role: 'assistant', content: '' }), ...thoughts, ...rest];
  const chunks: string[] = [];
  for (let at = 0; at < frames.length; at += perChunk) {
    chunks.push(frames.slice(at, at + perChunk).join(''));
  }
  const usage = { prompt_tokens: 100, completion_tokens: deltas, total_tokens: 100 + deltas };
  const ending = [frame({}, last ? 'stop' : 'tool_calls'), frame(undefined, null, usage)].join('');
  chunks[chunks.length - 1] += `${ending}data: [DONE]\n\n`;
  return chunks.map((chunk) => Buffer.from(chunk));
}

/** Writes frames of one answer; one without a delta carries the usage only. */
function framesOf(id: string) {
  const head = { id, object: 'chat.completion.chunk', created: 1, model: 'kimi-k2.6' };
  return (
    delta: object | undefined,
    finish_reason: string | null = null,
    usage?: object,
  ): string => {
    const choices = delta === undefined ? [] : [{ index: 0, delta, finish_reason }];
    return `data: ${JSON.stringify({ ...head, choices, ...(usage === undefined ? {} : { usage }) })}\n\n`;
  };
}
