import { toolkitSuite } from '@throughline/testing';
import { describe, it } from 'vitest';
import { mcp } from '../src/index.ts';
import { hostile } from './support/servers.ts';

// What a server's tool tells is bounded by core: nobody here knows how to ask such a tool for the rest.
const input = {
  works: { how: 'well' },
  fails: { how: 'fail' },
  waits: { how: 'wait' },
};

describe('the toolkit', () => {
  const cases = {
    make: async () => ({
      toolkit: await mcp({ servers: { shop: { ...hostile('plain'), trust: true } } }),
    }),
    tools: {
      shop__look: { effect: 'read', ...input },
      shop__store: { effect: 'write', ...input },
      shop__remove: { effect: 'destructive', ...input },
    },
  } as const;
  for (const check of toolkitSuite(cases)) it(check.name, () => check.run());
});
