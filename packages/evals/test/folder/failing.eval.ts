import { evaluate } from '@throughline/evals';

const scorers = [
  function fits({ output }: { readonly output: string }) {
    return output === 'good' ? 1 : 0;
  },
  function throwing({ output }: { readonly output: string }) {
    if (output === 'odd') throw new Error('I do not know odd');
    return 1;
  },
  function outOfRange({ output }: { readonly output: string }) {
    return output === 'odd' ? 7 : 1;
  },
];
const data = ['good', 'odd', 'bad\u001b[31m'].map((input) => ({ input }));
function task(input: string): string {
  if (input.startsWith('bad')) throw new Error('the task broke');
  return input;
}

evaluate('without a threshold', { data, task, scorers });
evaluate('with a threshold', { data, task, scorers, threshold: 0.2 });
evaluate('with data that cannot be had', {
  data: () => Promise.reject(new Error('no such data')),
  task,
  scorers,
});
evaluate('with no data', { data: [], task, scorers });
evaluate.skip('left out', { data, task, scorers });
