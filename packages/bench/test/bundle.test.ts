import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundleAgent } from '../src/bundle.ts';
import { loadedInRun } from '../src/bundle-run.ts';
import type { Files } from '../src/bundle-run.ts';
import { ordinary, ordinaryOutput, programs } from '../src/program.ts';
import { startServer } from '../src/sample.ts';
import { toSegment } from '../src/script.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const leftBehind = () =>
  readdirSync(join(root, 'node_modules')).filter((name) => name.startsWith('.bundle-'));

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer(join(root, 'src/server.ts'), ['--import', 'tsx']);
});
afterAll(() => server.close());
afterEach(() => expect(leftBehind()).toEqual([]));

describe('a bundled agent', () => {
  const bundled = (baseURL: string, name: keyof typeof programs = 'with JSON Schema') =>
    bundleAgent(programs[name], { baseURL, conditions: ['throughline-source', 'module'] });

  it('weighs at once what it imports, and in a run also what that run loads', async () => {
    const { atOnceKB, inRunKB, laterKB } = await bundled(`${server.url}/${toSegment(ordinary)}`);
    expect(atOnceKB).toBeGreaterThan(1);
    expect(inRunKB).toBeGreaterThanOrEqual(atOnceKB);
    expect(laterKB).toBeGreaterThanOrEqual(0);
  });

  // Weighed from sources, which is 0.1 KB less than built.
  it.each([
    ['without zod', 24, 61],
    ['with JSON Schema', 24, 68],
  ] as const)('%s weighs at most %i KB at once and %i KB in a run', async (name, once, run) => {
    const weight = await bundled(`${server.url}/${toSegment(ordinary)}`, name);
    expect(weight.atOnceKB).toBeLessThanOrEqual(once);
    expect(weight.inRunKB).toBeLessThanOrEqual(run);
  });

  it('weighs nothing where its run did not call the tool', async () => {
    const words =
      'The bundled program printed "Nothing there." instead of "place 0: Nothing there."';
    const run = bundled(`${server.url}/${toSegment({ steps: 1 })}`);
    await expect(run).rejects.toThrow(words);
  });

  it('weighs nothing where its run failed', async () => {
    const refusing = createServer((_, response) => response.writeHead(401).end());
    onTestFinished(() => void refusing.close());
    const run = bundled(`http://127.0.0.1:${await portOf(refusing)}`);
    await expect(run).rejects.toThrow(/^The bundled program failed: .*401/);
  });
});

describe('the run of a bundle', () => {
  const filesOf = (texts: Readonly<Record<string, string>>): Files =>
    new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));

  it('tells which files were loaded, also those without a statement', async () => {
    const say = `process.stdout.write(${JSON.stringify(ordinaryOutput)});`;
    const files = filesOf({
      'program.mjs': `import './at-once.mjs'; await import('./in-run.mjs'); ${say}`,
      'at-once.mjs': 'export {};',
      'in-run.mjs': `if (globalThis.never) await import('./later.mjs');`,
      'later.mjs': 'export {};',
    });
    const loaded = await loadedInRun(files, server.url);
    const ours = [...files.keys()].filter((name) => loaded.has(name));
    expect(ours).toEqual(['program.mjs', 'at-once.mjs', 'in-run.mjs']);
  });

  it('finds what the bundle leaves out', async () => {
    const program = `import 'zod/mini'; throw new TypeError('found')`;
    const run = loadedInRun(filesOf({ 'program.mjs': program }), server.url);
    await expect(run).rejects.toThrow('The bundled program failed: TypeError: found');
  });

  it('is stopped where it does not end', async () => {
    const endless = filesOf({ 'program.mjs': 'for (;;);' });
    const run = loadedInRun(endless, server.url, 500);
    await expect(run).rejects.toThrow('The bundled program did not end within 0.5 seconds');
  });

  it('ends with the process that started it, even where that is killed', async () => {
    const listener = createNetServer();
    onTestFinished(() => void listener.close());
    // Its connection keeps the program running, and is closed when that has ended for good.
    const program = `
      import { connect } from 'node:net';
      connect(${await portOf(listener)}, '127.0.0.1').write(process.argv[1]);
    `;
    const parent = `
      import { loadedInRun } from './src/bundle-run.ts';
      await loadedInRun(new Map([['program.mjs', Buffer.from(${JSON.stringify(program)})]]), '');
    `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', parent];
    const started = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    onTestFinished(() => void started.kill('SIGKILL'));
    const [connection] = (await once(listener, 'connection')) as [Socket];
    connection.on('error', () => {});
    const [path] = (await once(connection, 'data')) as [Buffer];
    const closed = once(connection, 'close');
    started.kill('SIGKILL');
    await closed;
    // Who is killed cannot tidy up.
    rmSync(dirname(String(path)), { recursive: true });
  });
});

async function portOf(server: NetServer): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}
