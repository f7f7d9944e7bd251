import { checkOptions, shown } from '../base/check-options.ts';
import { ThroughlineError } from '../base/error.ts';
import type { Model, ModelPart, ModelRequest, Usage } from '../base/model.ts';
import type { FirstThatAnswers } from './first-that-answers.ts';

export interface FallbackOptions {
  /** For so many milliseconds a model that was down, out of room or out of quota, or broke off twice, is asked last. Default: 60,000. */
  readonly awayMs?: number;
}

/**
 * A model that asks the next of `models` where one is down, out of quota, refuses the key or refuses to speak about this, as long as
 * nothing of its answer was shown; a `warning` of the run tells why. A model whose answers break off in the middle fails them, and is asked last once that
 * happened twice in a row: the run asks again, and no answer is ever of two models. Each model asks again by itself first, as its own options say. What
 * the caller has to mend (`invalid_request`, `context_overflow`, `request_too_large`) is not tried elsewhere. Where none answers, the
 * error has the code of the last one and the words of all. Each model is sent earlier reasoning under the key that it speaks itself.
 *
 * Its id is that of the first. Throws `invalid_option` for an empty list, and for what is no model.
 */
export function fallback(models: readonly Model[], options: FallbackOptions = {}): Model {
  checkOptions('fallback()', options, { awayMs: true });
  const { awayMs = 60_000 } = options;
  const all = checked(models);
  if (typeof awayMs !== 'number' || !(awayMs >= 0)) {
    throw refusal(`awayMs is ${shown(awayMs)}, but it must be a number of milliseconds from 0`);
  }
  let first: FirstThatAnswers | undefined;
  async function* stream(request: ModelRequest, signal: AbortSignal) {
    const { FirstThatAnswers } = await import('./first-that-answers.ts');
    first ??= new FirstThatAnswers(all, awayMs);
    yield* first.parts(request, signal);
  }
  return {
    id: all[0].id,
    // Copied now, because the lists may grow afterwards.
    stream: (request, signal): AsyncIterable<readonly ModelPart[]> =>
      stream({ ...request, messages: [...request.messages], tools: [...request.tools] }, signal),
    costOf: (usage) => dearest(all, usage),
  };
}

function checked(models: readonly Model[]): readonly [Model, ...Model[]] {
  if (!Array.isArray(models)) throw refusal(`models is ${shown(models)}, but it must be a list`);
  const odd = models.findIndex((model) => typeof model?.stream !== 'function');
  if (odd >= 0) throw refusal(`models[${odd}] is no model: it has no stream method`);
  const [first, ...others] = models as readonly Model[];
  if (first === undefined) throw refusal('models is empty, but there must be one to ask');
  return [first, ...others];
}

/** Which one answered is not known here, so an estimate is on the safe side; unknown where one price is. */
function dearest(models: readonly Model[], usage: Usage): number | undefined {
  let most: number | undefined;
  for (const model of models) {
    const cost = model.costOf?.(usage);
    if (cost === undefined) return undefined;
    most = Math.max(most ?? 0, cost);
  }
  return most;
}

function refusal(words: string): ThroughlineError {
  return new ThroughlineError('invalid_option', `fallback(): ${words}.`);
}
