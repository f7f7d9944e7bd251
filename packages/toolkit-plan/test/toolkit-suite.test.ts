import { toolkitSuite } from '@throughline/testing';
import { describe, it } from 'vitest';
import { plan } from '../src/index.ts';

const options = Array.from({ length: 4 }, (_, at) => ({
  label: `${at}${'l'.repeat(99)}`,
  description: 'd'.repeat(300),
}));

describe('the toolkit', () => {
  const cases = {
    make: () => ({ toolkit: plan() }),
    tools: {
      update_plan: {
        effect: 'read',
        works: { items: [{ title: 'Look', status: 'in_progress' }] },
        tellsMuch: {
          items: Array.from({ length: 50 }, (_, at) => ({
            title: `${'t'.repeat(198)}${at}`,
            status: 'in_progress',
          })),
        },
      },
      ask_user: {
        effect: 'read',
        works: { questions: [{ question: 'Tea?', options: [{ label: 'Yes' }, { label: 'No' }] }] },
        tellsMuch: {
          questions: Array.from({ length: 4 }, (_, at) => ({
            question: `${'q'.repeat(499)}${at}`,
            options,
          })),
        },
      },
    },
  } as const;
  for (const check of toolkitSuite(cases)) it(check.name, () => check.run());
});
