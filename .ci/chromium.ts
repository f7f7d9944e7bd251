/** The browser of the tests: the one that CHROMIUM names, else Debian's. */
export const browser = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** How it is started: without a window, and without anything that it would do on its own account. */
export const quietly = {
  executablePath: browser,
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
