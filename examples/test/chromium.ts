import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';

/** Chromium for all tests of a file. To be called outside of them. */
export function chromiumOfFile(): { openPage(): Promise<Page> } {
  let browser: Promise<Browser> | undefined;
  afterAll(async () => (await browser)?.close());
  return {
    /** A page with cookies and storage of its own, gone with the test. */
    async openPage() {
      browser ??= started();
      const context = await (await browser).newContext();
      onTestFinished(() => context.close());
      return context.newPage();
    },
  };
}

/** A page in a Chromium of its own, gone with the test. */
export async function openPage(): Promise<Page> {
  const browser = await started();
  onTestFinished(() => browser.close());
  return browser.newPage();
}

/** The one that CHROMIUM names, else Debian's, with a profile that is gone with it. */
function started(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: quiet,
  });
}

/** Nothing that the browser would do on its own account. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
