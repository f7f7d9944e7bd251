import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { version } from '../src/version.ts';
import { environment, newFolder, throughline } from './support/throughline.ts';

const house = fileURLToPath(new URL('../../..', import.meta.url));
const cli = createRequire(import.meta.url);

interface Manifest {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Makes a package, and links what it depends on to the sources of this repository. */
async function made(kind: string) {
  const cwd = await newFolder();
  const { code, stdout, stderr } = await throughline(['new', kind, `my-${kind}`], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const folder = join(cwd, `my-${kind}`);
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@throughline'), { recursive: true });
  for (const name of ['core', 'anyfast', 'simulator', 'testing']) {
    await symlink(join(house, 'packages', name), join(modules, '@throughline', name), 'junction');
  }
  await mkdir(join(modules, '@types'));
  for (const name of ['zod', 'vitest', '@types/node', 'tsx']) {
    const from = dirname(cli.resolve(`${name}/package.json`));
    await symlink(from, join(modules, name), 'junction');
  }
  return { cwd, folder, stdout };
}

/** Runs a program of Node in a folder, with the sources of our packages. */
async function node(folder: string, ...args: string[]) {
  return new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>(
    (resolve) => {
      const options = { cwd: folder, env: environment(folder, { NO_COLOR: '1' }) };
      const all = ['--conditions=throughline-source', ...args];
      execFile(process.execPath, all, options, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
      );
    },
  );
}

const binOf = (name: string, file: string) =>
  join(dirname(createRequire(join(house, 'package.json')).resolve(`${name}/package.json`)), file);

/** Runs the tests of a package as its own script does. Its types are checked with those of this one, and of what is built. */
async function tested(folder: string): Promise<void> {
  const conditions = `conditions: ['throughline-source']`;
  await writeFile(
    join(folder, 'vitest.config.mjs'),
    `export default { resolve: { ${conditions} }, ssr: { resolve: { ${conditions} } } };\n`,
  );
  const tests = await node(folder, binOf('vitest', 'vitest.mjs'), 'run', '--testTimeout=60000');
  expect(tests.stdout).toMatch(/Tests +\d+ passed/);
  expect(tests.code).toBe(0);
}

const tsx = pathToFileURL(cli.resolve('tsx')).href;

describe('throughline new', () => {
  it('makes an agent whose tests pass, and which answers without a key', async () => {
    const { folder, stdout } = await made('agent');
    expect(await readdir(folder)).toEqual(
      expect.arrayContaining(['.gitignore', 'README.md', 'package.json', 'src', 'test']),
    );
    expect(stdout).toContain(`Written to ${folder}:`);
    expect(stdout).toContain('  src/folder-agent.ts\n');
    expect(stdout).toMatch(/ {2}cd my-agent\n {2}npm install .*not on npm yet.*\n {2}npm start /);
    await tested(folder);
    await writeFile(join(folder, 'largest.txt'), 'x'.repeat(12_345));
    const answer = await node(folder, `--import=${tsx}`, 'src/main.ts');
    expect(answer.stderr).toContain('the model is SCRIPTED');
    expect(answer.stdout).toContain('The largest file has 12345 bytes: largest.txt');
    expect(answer.code).toBe(0);
    const chat = await throughline(['run', '--agent', 'src/agent.ts', 'call largest_files'], {
      cwd: folder,
    });
    expect(chat.stdout).toContain('12345 bytes: largest.txt');
  }, 300_000);

  it('makes a toolkit whose tests pass, and which an agent uses without a key', async () => {
    const { folder } = await made('toolkit');
    await tested(folder);
    const answer = await node(folder, `--import=${tsx}`, 'example/main.ts');
    expect(answer.stderr).toContain('the model is SCRIPTED');
    expect(answer.stdout).toContain('Added Ada Lovelace.\n1 of 1 contacts.');
    expect(answer.code).toBe(0);
  }, 300_000);

  it('takes the ranges that this repository is tested with, and its own version', async () => {
    const catalog = await readFile(join(house, 'pnpm-workspace.yaml'), 'utf8');
    for (const kind of ['agent', 'toolkit']) {
      const cwd = await newFolder();
      await throughline(['new', kind, '@you/thing'], { cwd });
      const manifest = await manifestOf(join(cwd, 'thing'));
      expect(manifest.name).toBe('@you/thing');
      expect(Object.keys(manifest.scripts)).toEqual(
        expect.arrayContaining(['start', 'build', 'types', 'test', 'lint']),
      );
      const { dependencies, devDependencies, peerDependencies } = manifest;
      const all = { ...dependencies, ...devDependencies, ...peerDependencies };
      const root = await manifestOf(house);
      for (const [name, range] of Object.entries(all)) {
        const isOurs = /^(?:@throughline\/|throughline$)/.test(name);
        const [, known] = new RegExp(`^  '?${name}'?: (.*)$`, 'm').exec(catalog) ?? [];
        expect([name, range]).toEqual([
          name,
          isOurs ? `^${version}` : (known ?? root.devDependencies[name]),
        ]);
      }
      expect(await readFile(join(cwd, 'thing', 'README.md'), 'utf8')).toContain('# @you/thing');
    }
  }, 180_000);

  it('makes a toolkit like the one that the documentation goes through', async () => {
    const plain = async (path: string) => {
      const lines = (await readFile(join(house, path), 'utf8')).split('\n');
      return lines.filter((line) => !/^\/\/ (?:#region|#endregion|A toolkit)/.test(line));
    };
    const example = 'examples/13-own-toolkit/toolkit-contacts';
    for (const file of ['src/index.ts', 'test/contacts.test.ts']) {
      expect(await plain(`packages/cli/templates/toolkit/${file}`)).toEqual(
        await plain(`${example}/${file}`),
      );
    }
  });

  it('never writes into a folder that holds something', async () => {
    const cwd = await newFolder();
    await mkdir(join(cwd, 'full'));
    await mkdir(join(cwd, 'empty'));
    await writeFile(join(cwd, 'full', 'mine.txt'), 'mine');
    const full = await throughline(['new', 'agent', 'full'], { cwd });
    expect(full.code).toBe(2);
    expect(full.stderr).toContain(`${join(cwd, 'full')} is not empty: it holds mine.txt.`);
    expect(await readdir(join(cwd, 'full'))).toEqual(['mine.txt']);
    const file = await throughline(['new', 'agent', 'x', join('full', 'mine.txt')], { cwd });
    expect(file.code).toBe(2);
    expect(file.stderr).toContain('is a file');
    const empty = await throughline(['new', 'agent', 'x', 'empty'], { cwd });
    expect(empty.code).toBe(0);
    expect(await readdir(join(cwd, 'empty'))).toContain('package.json');
  }, 180_000);
});

describe('the name of a new package', () => {
  it('is refused where npm takes it not, with the name and the rule', async () => {
    const { checkPackageName } = await import('../src/new/package-name.ts');
    for (const [name, rule] of [
      ['', 'is empty'],
      ['Bad', 'no capital letters'],
      ['.hidden', 'may not begin with'],
      ['_own', 'may not begin with'],
      ['-option', 'may not begin with'],
      ['a b', 'small letters, digits'],
      ['../up', 'may not begin with'],
      ['a/b', 'small letters, digits'],
      ['@you/', 'is empty'],
      ['@/name', 'is empty'],
      ['@you/a/b', 'small letters, digits'],
      ['käse', 'small letters, digits'],
      ['fs', 'a module of Node'],
      ['node_modules', 'keeps this name for itself'],
      ['zod', 'depends on the package'],
      ['@throughline/core', 'depends on the package'],
      ['x'.repeat(215), 'has 215 characters'],
    ] as const) {
      expect(() => checkPackageName(name)).toThrow(rule);
      expect(() => checkPackageName(name)).toThrow(JSON.stringify(name));
    }
    for (const name of ['my-agent', '@you/toolkit.two', 'a', '7up', 'x'.repeat(214)]) {
      expect(() => checkPackageName(name)).not.toThrow();
    }
  });

  it('is asked for, and so is what shall be made', async () => {
    for (const [args, words] of [
      [['new'], 'new takes agent or toolkit'],
      [['new', 'agent'], 'new takes agent or toolkit'],
      [['new', 'server', 'x'], 'There is no "new server"'],
      [['new', 'constructor', 'x'], 'There is no "new constructor"'],
      [['new', 'agent', 'a', 'b', 'c'], 'new takes agent or toolkit'],
      [['new', 'agent', 'Bad'], '"Bad" cannot be the name'],
    ] as const) {
      const { code, stdout, stderr } = await throughline(args, { cwd: await newFolder() });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(words);
    }
    const help = await throughline(['new', '--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('Usage: throughline new agent NAME');
  }, 180_000);
});
