import { evaluate } from '@throughline/evals';
import { ExactMatch, JSONDiff, Levenshtein } from 'autoevals';

evaluate('scorers of autoevals', {
  data: [{ input: 'a', expected: 'abcd' }],
  task: (input: string) => `${input}bcx`,
  scorers: [Levenshtein, ExactMatch, ({ output, expected }) => JSONDiff({ output, expected })],
  threshold: { Levenshtein: 0.75 },
});
