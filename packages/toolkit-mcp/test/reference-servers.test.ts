import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { McpServer } from '../src/index.ts';
import { callAll, callOne } from './support/calls.ts';
import { find, folder, names, referenceServer, toolkits } from './support/servers.ts';

const { connect, warnings } = toolkits();
const here = folder();
const node = process.execPath;
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** The `everything` server over both transports. Over HTTP it would listen on all interfaces; here it does on loopback. */
const everything: Readonly<Record<string, () => Promise<McpServer>>> = {
  'over stdio': async () => ({ command: node, args: [referenceServer('everything')] }),
  'over HTTP': async () => {
    const loopback = fileURLToPath(new URL('servers/loopback.mjs', import.meta.url));
    const args = ['--import', loopback, referenceServer('everything'), 'streamableHttp'];
    const child = spawn(node, args, { env: { PATH: process.env['PATH'], PORT: '0' } });
    children.push(child);
    const port = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.once('exit', () => reject(new Error(`The server ended: ${said}`)));
      child.stderr.on('data', (chunk) => {
        said += String(chunk);
        const [, found] = /listening on (\d+)/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    return { url: `http://127.0.0.1:${port}/mcp` };
  },
};

for (const [how, start] of Object.entries(everything)) {
  test(`the reference server “everything” works ${how}: text, pictures, data, progress`, async () => {
    const kit = await connect({ every: await start() });
    expect(names(kit)).toContain('every__echo');
    expect(names(kit)).not.toContain('every__simulate-research-query');
    expect(warnings).toEqual([
      'The tool "simulate-research-query" of the MCP server "every" is left out: it runs as a task only, which is not supported.',
    ]);
    expect((await callOne(kit, 'every__echo', { message: 'héllo' })).told).toBe('Echo: héllo');
    expect((await callOne(kit, 'every__get-tiny-image')).told).toContainEqual({
      type: 'image_url',
      image_url: { url: expect.stringMatching(/^data:image\/png;base64,/) },
    });
    const weather = await callOne(kit, 'every__get-structured-content', { location: 'New York' });
    expect(weather.output).toMatchObject({ temperature: 33 });
    const long = await callOne(kit, 'every__trigger-long-running-operation', {
      duration: 1,
      steps: 4,
    });
    expect(long.told).toContain('Long running operation completed');
    const progress = long.events.flatMap((event) =>
      event.type === 'call.progress' ? event.progress : [],
    );
    // One that comes together with the result may be too late.
    expect(progress.slice(0, 3)).toEqual([1, 2, 3].map((at) => ({ progress: at, total: 4 })));
    expect(await callOne(kit, 'every__get-sum', { a: 'one', b: 2 })).toMatchObject({
      outcome: 'doubtful',
    });
  });
}

test('several calls of one server run at once where the host trusts its hints', async () => {
  const kit = await connect({ every: { ...(await everything['over stdio']!()), trust: true } });
  const wait = { duration: 1, steps: 1 };
  const { ends } = await callAll(kit, [
    ['every__trigger-long-running-operation', wait],
    ['every__echo', { message: 'meanwhile' }],
    ['every__trigger-long-running-operation', wait],
  ]);
  expect(ends.map(({ call }) => call)[0]).toBe(2);
  expect(ends.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
});

test('the reference server “filesystem” reads and writes in its folder, and says in words what it does not', async () => {
  const root = join(here.path, 'root');
  await mkdir(root);
  await writeFile(join(root, 'a.txt'), 'hello');
  const kit = await connect({
    files: { command: node, args: [referenceServer('filesystem'), root], trust: true },
  });
  expect(find(kit, 'files__read_text_file').effect).toBe('read');
  expect(find(kit, 'files__write_file').effect).toBe('destructive');
  expect(find(kit, 'files__create_directory').effect).toBe('write');
  const { told } = await callAll(
    kit,
    [['files__read_text_file', { path: join(root, 'a.txt') }]],
    [['files__write_file', { path: join(root, 'b.txt'), content: 'new' }]],
    [['files__read_text_file', { path: '/etc/passwd' }]],
  );
  expect(told[0]).toBe('hello');
  expect(await readFile(join(root, 'b.txt'), 'utf8')).toBe('new');
  expect(told[2]).toMatch(/access denied/i);
});

test('the reference server “memory” keeps what it is told in the file that the host names', async () => {
  const file = join(here.path, 'memory.json');
  const kit = await connect({
    memory: { command: node, args: [referenceServer('memory')], env: { MEMORY_FILE_PATH: file } },
  });
  const entity = { name: 'Ada', entityType: 'person', observations: ['likes tea'] };
  const { told } = await callAll(
    kit,
    [['memory__create_entities', { entities: [entity] }]],
    [['memory__search_nodes', { query: 'tea' }]],
  );
  expect(String(told[1])).toContain('Ada');
  expect(await readFile(file, 'utf8')).toContain('likes tea');
});
