import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ThroughlineError } from '@throughline/core';

/** The built page, and the policy under which a browser runs nothing but its own script. */
export interface Page {
  readonly html: string;
  readonly policy: string;
}

const place = new URL('../dist/page.html', import.meta.url);
let loaded: Promise<Page> | undefined;

/** Reads the page once. Throws where the package was not built. */
export function loadPage(): Promise<Page> {
  loaded ??= readPage().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/** The page as a file that needs no server: with the data of one session, and the policy inside. */
export function pageWith({ html, policy }: Page, data: string): string {
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy.replace(/frame-ancestors [^;]+; ?/, '')}">`;
  // Functions, so that no `$` of the data is read as a pattern.
  return html
    .replace(/<meta charset="utf-8" ?[/]?>/, (charset) => charset + meta)
    .replace(
      '</body>',
      () => `<script type="application/gzip" id="exported">${data}</script></body>`,
    );
}

async function readPage(): Promise<Page> {
  await buildFromSource();
  const html = await readFile(place, 'utf8').catch((cause: unknown) => {
    const words = `The inspector’s page is missing from its package: ${fileURLToPath(place)}. Install the package anew.`;
    throw new ThroughlineError('invalid_input', words, { cause });
  });
  const scripts = [...html.matchAll(/<script type="module">([\s\S]*?)<\/script>/g)];
  const styles = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)];
  const policy = [
    `default-src 'none'`,
    `script-src ${hashes(scripts)}`,
    `style-src ${hashes(styles)}`,
    `connect-src 'self'`,
    `img-src data:`,
    `frame-ancestors 'none'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return { html, policy };
}

/** In the repository the page is built when it is asked for; the package has it in `dist`. */
async function buildFromSource(): Promise<void> {
  if (!import.meta.url.endsWith('/src/page-file.ts')) return;
  const build = new URL('../page/build.ts', import.meta.url).href;
  const { buildPage } = (await import(build)) as { buildPage(): Promise<void> };
  await buildPage();
}

function hashes(found: readonly RegExpMatchArray[]): string {
  return found
    .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    .join(' ');
}
