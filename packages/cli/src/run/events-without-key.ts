import type { RunEvent } from '@throughline/core';
import type { Host } from '../command.ts';
import { keyOf, PiecesWithoutKey, withoutKey } from '../terminal/without-key.ts';

/** The events of a run, none of which tells the endpoint's key: neither whole, nor spelled over several deltas. */
export async function* eventsWithoutKey(
  run: AsyncIterable<RunEvent>,
  env: Host['env'],
): AsyncGenerator<RunEvent, void, void> {
  const key = keyOf(env);
  const streams = new DeltaStreams(key ?? '');
  for await (const event of run) {
    if (key === undefined) yield event;
    else yield* streams.take(event).map((one) => struck(one, env));
  }
}

type Delta = Extract<RunEvent, { readonly delta: string }>;

/** The texts that deltas spell: the answer, the thoughts and the arguments of each call, of a run and of the agents inside it. */
class DeltaStreams {
  readonly #key: string;
  readonly #streams = new Map<string, { readonly pieces: PiecesWithoutKey; last: Delta }>();

  constructor(key: string) {
    this.#key = key;
  }

  /** What is to be told now. What a delta held back comes before the event that ends its text. */
  take(event: RunEvent): readonly RunEvent[] {
    if (event.type === 'call.event') {
      return this.take(event.event).map((inner) => ({ ...event, event: inner }));
    }
    if ('delta' in event) return told(event, this.#streamOf(event).push(event.delta));
    if (event.type === 'output.partial') return [{ ...event, output: this.#partial(event.output) }];
    return [...this.#rest(endedBy(event)), event];
  }

  #streamOf(event: Delta): PiecesWithoutKey {
    const name = nameOf(event);
    const stream = this.#streams.get(name) ?? {
      pieces: new PiecesWithoutKey(this.#key),
      last: event,
    };
    stream.last = event;
    this.#streams.set(name, stream);
    return stream.pieces;
  }

  /** The ends of the texts whose names begin so. */
  #rest(prefix: string | undefined): readonly RunEvent[] {
    if (prefix === undefined) return [];
    const ended = [...this.#streams].filter(([name]) => name.startsWith(prefix));
    return ended.flatMap(([name, { pieces, last }]) => {
      this.#streams.delete(name);
      return told(last, pieces.end());
    });
  }

  /** Half an answer is repeated whole each time: of a text in it, what may begin the key is left out. */
  #partial<Value>(output: Value): Value {
    const text = JSON.stringify(output, (_, value: unknown) =>
      typeof value === 'string' ? new PiecesWithoutKey(this.#key).push(value) : value,
    );
    return JSON.parse(text) as Value;
  }
}

function told(event: Delta, delta: string): readonly RunEvent[] {
  return delta === '' ? [] : [{ ...event, delta }];
}

function nameOf(event: Delta): string {
  const call = 'call' in event ? event.call : '';
  return `${event.runId} ${event.step} ${event.type} ${call} `;
}

/** The beginning of the names of the texts that an event ends. */
function endedBy(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'call.start':
    case 'call.pending':
    case 'call.end':
      return `${event.runId} ${event.step} call.delta ${event.call} `;
    case 'answer':
    case 'step.retry':
    case 'step.end':
      return `${event.runId} ${event.step} `;
    case 'run.end':
      return `${event.runId} `;
    default:
      return undefined;
  }
}

/** Events are plain data, so a copy by way of JSON is the same event. */
function struck(event: RunEvent, env: Host['env']): RunEvent {
  const json = JSON.stringify(event);
  const without = withoutKey(json, env);
  return without === json ? event : (JSON.parse(without) as RunEvent);
}
