import { checkOptions, shown } from '../base/check-options.ts';
import { ThroughlineError } from '../base/error.ts';
import type { Model } from '../base/model.ts';
import type { Shorten } from './shorten.ts';

/**
 * The ready-made ways. Each keeps calls and results together, and the reasoning of every call it keeps. They are loaded
 * when they are first needed, which in most runs is never.
 */
export const compact = {
  /** Drops the text of all tool results but those of the last `keep` steps (default 3). The messages stay where they are. */
  dropToolResults: (options: { readonly keep?: number } = {}): Shorten => {
    checkOptions('compact.dropToolResults()', options, { keep: true });
    const keep = toKeep(options.keep);
    return async (messages) => {
      const { dropResults } = await import('./drop-results.ts');
      return dropResults(messages, keep);
    };
  },
  /** Has a model (default: the agent's own) put all but the last `keep` steps (default 3) into a summary. */
  summarise: (options: { readonly keep?: number; readonly model?: Model } = {}): Shorten => {
    checkOptions('compact.summarise()', options, { keep: true, model: true });
    const { model } = options;
    const keep = toKeep(options.keep);
    return async (messages, about) => {
      const { summarise } = await import('./summarise.ts');
      return summarise(messages, keep, { ...about, model: model ?? about.model });
    };
  },
};

function toKeep(keep: number | undefined): number {
  if (keep === undefined) return 3;
  if (Number.isInteger(keep) && keep >= 0) return keep;
  const message = `compact: keep is ${shown(keep)}, but it must be a whole number from 0.`;
  throw new ThroughlineError('invalid_option', message);
}
