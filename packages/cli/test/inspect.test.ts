import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../../../.ci/programs.ts';
import {
  builtIn,
  ended,
  fromSource,
  newFolder,
  start,
  throughline,
} from './support/throughline.ts';

// The command with the inspector in it.
const whole = join(builtIn, 'whole');
const node = [join(whole, 'bin.mjs')];
beforeAll(() =>
  buildPrograms(whole, { bin: fileURLToPath(new URL('../src/bin.ts', import.meta.url)) }),
);

describe('throughline inspect', () => {
  it('prints an address with a token, serves the sessions of the folder to its bearer alone, and ends with a signal', async () => {
    const cwd = await newFolder();
    await throughline(['run', 'hello'], { cwd });
    // From its source it builds the page that it serves.
    const child = start(['inspect'], { cwd, node: fromSource });
    const end = ended(child);
    const url = await new Promise<URL>((resolve, reject) => {
      let seen = '';
      child.stdout.on('data', (data: Buffer) => {
        seen += data.toString();
        const found = /http:\/\/127\.0\.0\.1:\d+\/#[\w-]+/.exec(seen);
        if (found !== null) resolve(new URL(found[0]));
      });
      child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    });
    const headers = { 'x-throughline-token': url.hash.slice(1) };
    const list = (await (await fetch(`${url.origin}/api/sessions`, { headers })).json()) as {
      id: string;
      title: string;
    }[];
    expect(list.map(({ title }) => title)).toEqual(['hello']);
    expect((await fetch(`${url.origin}/api/sessions`)).status).toBe(401);
    const tape = await fetch(`${url.origin}/api/cassette?id=${list[0]!.id}`, { headers });
    expect(await tape.text()).toContain('/v1/chat/completions');
    const taken = await throughline(['inspect', '--port', url.port], { cwd, node });
    expect({ code: taken.code, stderr: taken.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(`cannot listen on port ${url.port}`),
    });
    const page = await fetch(url.origin);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<title>Throughline inspector</title>');
    child.kill('SIGTERM');
    expect((await end).code).toBe(143);
  });

  it('says in a clone whose packages are not built what to do', async () => {
    const clone = await newFolder();
    const unbuilt = join(clone, 'node_modules/@throughline/inspector');
    await mkdir(unbuilt, { recursive: true });
    await writeFile(
      join(unbuilt, 'package.json'),
      JSON.stringify({ type: 'module', exports: './dist/index.js' }),
    );
    await writeFile(join(clone, 'package.json'), JSON.stringify({ type: 'module' }));
    await cp(builtIn, join(clone, 'bin'), { recursive: true });
    await mkdir(join(clone, 'sessions'));
    const there = [join(clone, 'bin/bin.js')];
    const told = await throughline(['inspect', 'sessions'], { cwd: clone, node: there });
    expect({ code: told.code, stderr: told.stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/inspector[^]*not built[^]*: pnpm build/),
    });
    expect(told.stderr).not.toContain('    at ');
  });

  it('says what is wrong with a folder, a port and an agent', async () => {
    const cwd = await newFolder();
    const wrong = await throughline(['inspect', 'nowhere'], { cwd, node });
    expect({ code: wrong.code, stderr: wrong.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('There is no folder'),
    });
    await mkdir(join(cwd, 'there'));
    expect(
      (await throughline(['inspect', 'there', '--port', '99999'], { cwd, node })).stderr,
    ).toContain('--port must be');
    expect(
      (await throughline(['inspect', 'there', '--agent', 'none.ts'], { cwd, node })).code,
    ).toBe(2);
  });
});
