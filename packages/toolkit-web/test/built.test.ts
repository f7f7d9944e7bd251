import { execFile, fork, spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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

/** The reading processes that there are. */
async function readers(): Promise<readonly string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid,args']);
  return stdout.split('\n').filter((line) => line.includes(join(built, 'page-process.js')));
}

test('the built package reads pages and robots.txt in its processes, which end with the host, and do not keep it from ending', async () => {
  here.on('/robots.txt', (_, response) => void response.end('User-agent: *\nDisallow: /shut'));
  here.on('/page', '<title>Built</title><p>It works.</p><p hidden>SECRET</p>');
  // Core is read from source, which needs tsx; the reading process gets no loader.
  const flags = ['--conditions=throughline-source', '--import=tsx', join(built, 'program.js')];
  const { stdout } = await run(process.execPath, [...flags, here.host, '/page'], { cwd: home });
  expect(stdout).toContain('Title: Built\n\nIt works.');
  expect(stdout).not.toContain('SECRET');
  const shut = run(process.execPath, [...flags, here.host, '/shut'], { cwd: home });
  await expect(shut).rejects.toThrow(/robots.txt forbids it/);
  while ((await readers()).length > 0) await sleep(50);
});

test('where unpdf is not installed, a PDF is refused with the name of what is missing', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'throughline-web-'));
  await cp(built, elsewhere, { recursive: true });
  const reader = fork(join(elsewhere, 'page-process.js'), { serialization: 'advanced' });
  try {
    const said = new Promise((resolve) => {
      reader.on('message', (message: { type: string }) => {
        if (message.type !== 'ready') resolve(message);
      });
    });
    reader.send({ kind: 'pdf', bytes: Uint8Array.from(pdf(['x'])), characters: 10 });
    expect(await said).toEqual({
      type: 'failed',
      why: 'it is a PDF, and the host has not installed the package "unpdf"',
    });
  } finally {
    reader.kill();
    await rm(elsewhere, { recursive: true, force: true });
  }
});

test('a host that is killed while a page is read leaves no process behind', async () => {
  here.on('/slow', '<b>'.repeat(1_600_000));
  here.on('/robots.txt', (_, response) => void response.writeHead(404).end());
  const flags = ['--conditions=throughline-source', '--import=tsx', join(built, 'program.js')];
  const host = spawn(process.execPath, [...flags, here.host, '/slow'], {
    cwd: home,
    stdio: 'ignore',
  });
  while ((await readers()).length === 0) await sleep(50);
  await sleep(1_000); // it is busy by now
  expect(await readers()).toHaveLength(1);
  host.kill('SIGKILL');
  while ((await readers()).length > 0) await sleep(50);
});
