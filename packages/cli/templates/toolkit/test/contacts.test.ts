import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from '@throughline/core';
import { scriptedModel, toolkitSuite } from '@throughline/testing';
import { describe, expect, it } from 'vitest';
import { contacts } from '../src/index.ts';

const ada = { name: 'Ada Lovelace', mail: 'ada@example.com' };

/** A file of its own for each check. */
async function make() {
  const folder = await mkdtemp(join(tmpdir(), 'contacts-'));
  return {
    toolkit: contacts({ file: join(folder, 'contacts.jsonl') }),
    close: () => rm(folder, { recursive: true }),
  };
}

const checks = toolkitSuite({
  make,
  tools: {
    find_contacts: {
      effect: 'read',
      works: { text: 'ada' },
      tellsMuch: async (call) => {
        for (let at = 0; at < 60; at++) {
          await call('add_contact', { name: `${'n'.repeat(97)}${at}`, mail: ada.mail });
        }
        return { text: 'n' };
      },
    },
    add_contact: {
      effect: 'write',
      works: ada,
      fails: async (call) => {
        await call('add_contact', ada);
        return ada;
      },
    },
  },
});

describe('contacts', () => {
  for (const check of checks) it(check.name, () => check.run());
});

it('an agent adds a contact and finds it, and is told why it cannot add it twice', async () => {
  const { toolkit, close } = await make();
  const model = scriptedModel([
    { calls: [{ name: 'add_contact', arguments: ada }] },
    { calls: [{ name: 'add_contact', arguments: ada }] },
    { calls: [{ name: 'find_contacts', arguments: { text: 'LOVE' } }] },
    { text: 'Done.' },
  ]);
  const agent = new Agent({ model, tools: [toolkit] });
  const { messages } = await agent.run('Add Ada.');
  const told = messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
  expect(told).toEqual([
    'Added Ada Lovelace.',
    'There is a contact "Ada Lovelace" already: ada@example.com.',
    '1 of 1 contacts.\nAda Lovelace <ada@example.com>',
  ]);
  await agent.dispose();
  await close();
});
