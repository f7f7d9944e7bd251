import { answersIn } from '../calls-made.ts';
import { named } from '../scorer.ts';
import type { EventScorer } from '../scorer.ts';
import { checkLimit } from './limit.ts';

/** 1 where the runs took so many steps at most; with twice as many, 0.5. */
export function steps({ most }: { readonly most: number }): EventScorer {
  checkLimit('steps', 'most', most);
  return named(`steps(≤ ${most})`, ({ events }) => {
    const taken = answersIn(events).length;
    return { score: taken <= most ? 1 : most / taken, metadata: { steps: taken } };
  });
}
