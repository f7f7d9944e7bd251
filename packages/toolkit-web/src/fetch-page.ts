import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { aboutFence } from './fence.ts';
import type { PageFetcher, PageToFetch } from './page-fetcher.ts';

const input = z.object({
  url: z.string().describe('The whole URL, http: or https:.'),
  offset: z
    .int()
    .min(1)
    .default(1)
    .describe('The first character to tell, counted from 1: for the rest of a long page.'),
  full: z
    .boolean()
    .default(false)
    .describe('Tells the whole of an HTML page, with its navigation, and not its main text alone.'),
});

/** The tool `fetch_page`. `ended` is aborted when the toolkit is disposed of. */
export function fetchPage(fetcher: () => Promise<PageFetcher>, ended: AbortSignal): Tool<unknown> {
  return tool({
    name: 'fetch_page',
    description:
      'Fetches a web page by GET and tells its text: HTML as Markdown with its links, JSON and text as they are, the text ' +
      `of a PDF. The first line says which part follows and how to get the rest. ${aboutFence}`,
    inputSchema: input,
    effect: 'read',
    execute: async (asked: PageToFetch, scope) => {
      // One of its own, since hundreds of calls may share the signal of their run.
      const signal = AbortSignal.any([scope.signal, ended]);
      return (await fetcher()).fetch(asked, signal);
    },
  });
}
