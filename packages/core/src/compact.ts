import { checkOptions } from './check-options.ts';
import type { Shorten } from './compaction.ts';
import type { Model } from './model.ts';

/**
 * The ready-made ways. Each keeps calls and results together, and the reasoning of every call it keeps. They are loaded
 * when they are first needed, which in most runs is never.
 */
export const compact = {
  /** Drops the text of all tool results but those of the last `keep` steps (default 3). The messages stay where they are. */
  dropToolResults: (options: { readonly keep?: number } = {}): Shorten => {
    checkOptions('compact.dropToolResults()', options, { keep: true });
    const { keep = 3 } = options;
    return async (messages) => {
      const { dropResults } = await import('./drop-results.ts');
      return dropResults(messages, keep);
    };
  },
  /** Has a model (default: the agent's own) put all but the last `keep` steps (default 3) into a summary. */
  summarise: (options: { readonly keep?: number; readonly model?: Model } = {}): Shorten => {
    checkOptions('compact.summarise()', options, { keep: true, model: true });
    const { keep = 3, model } = options;
    return async (messages, about) => {
      const { summarise } = await import('./summarise.ts');
      return summarise(messages, keep, { ...about, model: model ?? about.model });
    };
  },
};
