// A toolkit over one file: find contacts, add one.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { checkOptions, tool, ToolError } from '@throughline/core';
import type { Tool, Toolkit } from '@throughline/core';
import * as z from 'zod';

export interface ContactsOptions {
  /** The file that holds the contacts, one JSON object a line. It is made when it is not there. */
  readonly file: string;
}

/** `find_contacts` and `add_contact`, over one file. `dispose` closes it. */
export function contacts(options: ContactsOptions): Toolkit<unknown> {
  checkOptions('contacts()', options, { file: true });
  const book = new Book(options.file);
  return {
    name: 'contacts',
    tools: [findContacts(book), addContact(book)],
    dispose: () => book.close(),
  };
}

function findContacts(book: Book): Tool<unknown> {
  return tool({
    name: 'find_contacts',
    description: 'Finds contacts by a part of their name or address, 50 at a time.',
    inputSchema: z.object({
      text: z
        .string()
        .max(100)
        .default('')
        .describe('The part to look for; all where it is empty.'),
      offset: z.int().min(0).default(0).describe('How many to leave out at the start.'),
    }),
    effect: 'read',
    async execute({ text, offset }, { signal }) {
      const wanted = text.toLowerCase();
      const found = (await book.all(signal)).filter(({ name, mail }) =>
        `${name} ${mail}`.toLowerCase().includes(wanted),
      );
      const page = found.slice(offset, offset + 50);
      const end = offset + page.length;
      const rest = end < found.length ? ` The rest: offset ${end}.` : '';
      const lines = page.map(({ name, mail }) => `${name} <${mail}>`);
      return [`${page.length} of ${found.length} contacts.${rest}`, ...lines].join('\n');
    },
  });
}

function addContact(book: Book): Tool<unknown> {
  return tool({
    name: 'add_contact',
    description: 'Adds a contact. Fails where there is one of the same name.',
    inputSchema: z.object({
      name: z.string().min(1).max(100).describe('The full name.'),
      mail: z.email().max(200).describe('The mail address.'),
    }),
    effect: 'write',
    locks: () => [book.file],
    async execute({ name, mail }, { signal }) {
      const known = (await book.all(signal)).find((contact) => contact.name === name);
      if (known !== undefined) {
        throw new ToolError(`There is a contact "${name}" already: ${known.mail}.`);
      }
      await book.add({ name, mail });
      return `Added ${name}.`;
    },
  });
}

interface Contact {
  readonly name: string;
  readonly mail: string;
}

class Book {
  readonly file: string;
  #open: Promise<FileHandle> | undefined;

  constructor(file: string) {
    this.file = file;
  }

  async all(signal: AbortSignal): Promise<readonly Contact[]> {
    signal.throwIfAborted();
    const text = await this.#handle().then(async (handle) => {
      const { size } = await handle.stat();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
      return buffer.subarray(0, bytesRead).toString();
    });
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Contact);
  }

  async add(contact: Contact): Promise<void> {
    await (await this.#handle()).appendFile(`${JSON.stringify(contact)}\n`);
  }

  async close(): Promise<void> {
    const handle = await this.#open?.catch(() => undefined);
    this.#open = undefined;
    await handle?.close();
  }

  /** Opened by the first call, so that making the toolkit costs nothing. */
  #handle(): Promise<FileHandle> {
    this.#open ??= open(this.file, 'a+');
    return this.#open;
  }
}
