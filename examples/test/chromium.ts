import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

/** Nothing that the browser would do on its own account. */
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

/** A page in Chromium: the one that CHROMIUM names, else Debian's. Gone with the test, its profile too. */
export async function openPage(): Promise<Page> {
  const profile = await mkdtemp(join(tmpdir(), 'throughline-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: [
      ...quiet,
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  onTestFinished(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  });
  return context.newPage();
}
