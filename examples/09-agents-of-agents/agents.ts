import { writeFile } from 'node:fs/promises';
import { Agent, limit, tool } from '@throughline/core';
import type { Model } from '@throughline/core';
import { files } from '@throughline/toolkit-files';
import * as z from 'zod';

/** A lead that has each offer read by a reader, and hands the result over to a writer, who writes the letter. */
export function lead(model: Model, { offers, letter }: { offers: string; letter: string }): Agent {
  const folder = files({ root: offers });
  const reader = new Agent({
    name: 'reader',
    model,
    instructions: 'Read the offer you are asked about. Say its price and its time in one line.',
    tools: [folder],
  });
  const writer = new Agent({
    name: 'writer',
    model,
    instructions: 'Write the letter that is wanted, then say to whom you wrote.',
    tools: [writeLetter(letter)],
  });
  return new Agent({
    name: 'lead',
    model,
    instructions: 'Compare the offers. Have each read on its own; then hand over to the writer.',
    tools: [
      folder,
      reader.asTool({
        name: 'ask_reader',
        description: 'Has one offer read. Say which file, and what you want to know.',
        limits: [limit.steps(5)],
      }),
      writer.asHandover({ name: 'hand_over', description: 'Has the writer write the letter.' }),
    ],
  });
}

function writeLetter(file: string) {
  return tool({
    name: 'write_letter',
    description: 'Writes the letter.',
    inputSchema: z.object({ to: z.string(), text: z.string() }),
    effect: 'write',
    async execute({ to, text }) {
      await writeFile(file, `To ${to}\n\n${text}\n`);
      return `Written to ${to}.`;
    },
  });
}
