import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Agent, tool } from '@throughline/core';
import type { Model, Tool } from '@throughline/core';
import * as z from 'zod';

/** An agent that answers questions about the files of one folder. */
export function folderAgent(model: Model, folder: string): Agent {
  return new Agent({
    name: 'folder-agent',
    model,
    instructions:
      'Answer questions about the files of a folder. Look before you answer, and be brief.',
    tools: [largestFiles(folder)],
  });
}

/** So many files are looked at: a tool must come to an end. */
const mostFiles = 20_000;

function largestFiles(folder: string): Tool<unknown> {
  return tool({
    name: 'largest_files',
    description:
      'Names the largest files of the folder and of all folders in it, the largest first. Leaves out .git and node_modules.',
    inputSchema: z.object({
      count: z.int().min(1).max(50).default(5).describe('How many files to name.'),
    }),
    effect: 'read',
    async execute({ count }, { signal }) {
      const files: { readonly path: string; readonly bytes: number }[] = [];
      for await (const path of walk(folder)) {
        signal.throwIfAborted();
        files.push({ path, bytes: (await stat(path)).size });
        if (files.length === mostFiles) break;
      }
      files.sort((a, b) => b.bytes - a.bytes);
      const lines = files
        .slice(0, count)
        .map(({ path, bytes }) => `${bytes} bytes: ${relative(folder, path)}`);
      const more = files.length === mostFiles ? ' There are more, which were not looked at.' : '';
      return [`${files.length} files were looked at.${more}`, ...lines].join('\n');
    },
  });
}

/** The paths of all files below a folder. Links are not followed. */
async function* walk(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && !['.git', 'node_modules'].includes(entry.name))
      yield* walk(path);
  }
}
