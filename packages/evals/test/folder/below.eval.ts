import { evaluate } from '@throughline/evals';

evaluate('half right', {
  data: [
    { input: 1, expected: 2 },
    { input: 2, expected: 5 },
  ],
  task: (input: number) => input * 2,
  scorers: [({ output, expected }) => (output === expected ? 1 : 0)],
  threshold: 0.8,
});
