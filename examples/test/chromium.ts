import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';
import { quietly } from '../../.ci/chromium.ts';

/** Chromium for all tests of a file. To be called outside of them. */
export function chromiumOfFile(): { openPage(): Promise<Page> } {
  let browser: Promise<Browser> | undefined;
  afterAll(async () => (await browser)?.close());
  return {
    /** A page with cookies and storage of its own, gone with the test. */
    async openPage() {
      browser ??= chromium.launch(quietly);
      const context = await (await browser).newContext();
      onTestFinished(() => context.close());
      return context.newPage();
    },
  };
}

/** A page in a Chromium of its own, gone with the test. */
export async function openPage(): Promise<Page> {
  const browser = await chromium.launch(quietly);
  onTestFinished(() => browser.close());
  return browser.newPage();
}
