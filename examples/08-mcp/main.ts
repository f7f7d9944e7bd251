// An MCP server plugged in, and an agent served as one: `start 8 [question]`.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Agent } from '@throughline/core';
import type { Model } from '@throughline/core';
import { mcp, serveMcp } from '@throughline/toolkit-mcp';
import { withModel } from '../lib/model.ts';
import { beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { house } from './script.ts';

const [question = 'What is to be done in October?'] = process.argv.slice(2);
const screen = new Screen({ input: process.stdin, output: process.stdout });

await withModel(house, async (model) => {
  const librarian = await makeLibrarian(model);
  librarian.on('call.start', ({ name, arguments: text }) => {
    screen.line('dim', `      in the librarian: ${name}(${text})`);
  });
  const served = await serveMcp(librarian, {
    http: true,
    description: 'Answers questions about our notes.',
  });
  try {
    screen.line('dim', `The librarian is an MCP server at ${served.url}\n`);
    screen.line('bold', `${question}\n`);
    await ask(model, { url: served.url ?? '', token: served.token ?? '' });
  } finally {
    await served.close();
    await librarian.dispose(); // ends the process of the file server
  }
});

// #region plug
/** An agent with the reference file server of the protocol, a process of its own. Only what reads is taken, and believed to read. */
async function makeLibrarian(model: Model): Promise<Agent> {
  const manifest = createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/server-filesystem/package.json',
  );
  const args = [join(manifest, '../dist/index.js'), beside(import.meta.url, 'notes')];
  const tools = ['list_allowed_directories', 'list_directory', 'read_text_file'];
  const effects = Object.fromEntries(tools.map((name) => [name, 'read' as const]));
  const notes = await mcp({
    servers: { notes: { command: process.execPath, args, tools, effects } },
  });
  const instructions = 'Answer questions about the notes. Say in which note it stands.';
  return new Agent({ name: 'librarian', model, instructions, tools: [notes] });
}
// #endregion

/** Another agent, to which the librarian is a tool of an MCP server like any other. */
async function ask(model: Model, { url, token }: { url: string; token: string }): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const library = await mcp({
    servers: { library: { url, headers, effects: { librarian: 'read' } } },
  });
  const desk = new Agent({ name: 'desk', model, instructions: 'Be brief.', tools: [library] });
  try {
    await screen.watch(desk.stream(question));
  } finally {
    await desk.dispose();
  }
}
