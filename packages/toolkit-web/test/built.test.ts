import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pdf } from './pdf.ts';
import { site } from './site.ts';

const run = promisify(execFile);
const home = fileURLToPath(new URL('..', import.meta.url));
const here = site();
const program = `
import { web } from './index.js';
const kit = web({ allowPrivate: [process.argv[2]] });
const { value } = await kit.tools[0].inputSchema.parse({ url: 'http://' + process.argv[2] + process.argv[3] });
console.log(await kit.tools[0].execute(value, { signal: new AbortController().signal }));
`;

/** The package as it is published, beside its dependencies. */
const built = join(home, 'node_modules/.built-for-tests');
beforeAll(async () => {
  const tsup = join(home, '../../node_modules/tsup/dist/cli-default.js');
  const flags = ['--config', '../../tsup.config.ts', '--no-dts', '--silent', '--out-dir', built];
  await run(process.execPath, [tsup, ...flags], { cwd: home });
  await writeFile(join(built, 'program.js'), program);
  await writeFile(join(built, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rm(built, { recursive: true, force: true }));

test('the built package reads pages and robots.txt in its threads, and lets the process end by itself', async () => {
  here.on('/robots.txt', (_, response) => void response.end('User-agent: *\nDisallow: /shut'));
  here.on('/page', '<title>Built</title><p>It works.</p><p hidden>SECRET</p>');
  // Core is read from source, which needs tsx; the thread gets no loader.
  const flags = ['--conditions=throughline-source', '--import=tsx', join(built, 'program.js')];
  const { stdout } = await run(process.execPath, [...flags, here.host, '/page'], { cwd: home });
  expect(stdout).toContain('Title: Built\n\nIt works.');
  expect(stdout).not.toContain('SECRET');
  const shut = run(process.execPath, [...flags, here.host, '/shut'], { cwd: home });
  await expect(shut).rejects.toThrow(/robots.txt forbids it/);
});

test('where unpdf is not installed, a PDF is refused with the name of what is missing', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'throughline-web-'));
  await cp(built, elsewhere, { recursive: true });
  const worker = new Worker(join(elsewhere, 'page-worker.js'));
  try {
    const said = new Promise((resolve) => {
      worker.on('message', (message: { type: string }) => {
        if (message.type !== 'ready') resolve(message);
      });
    });
    worker.postMessage({ kind: 'pdf', bytes: Uint8Array.from(pdf(['x'])), characters: 10 });
    expect(await said).toEqual({
      type: 'failed',
      why: 'it is a PDF, and the host has not installed the package "unpdf"',
    });
  } finally {
    await worker.terminate();
    await rm(elsewhere, { recursive: true, force: true });
  }
});
