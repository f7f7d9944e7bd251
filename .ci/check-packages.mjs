// Checks the packages as users get them: packed by pnpm (which applies publishConfig), looked at by publint and attw,
// installed by npm in an empty folder, imported by plain node, typed by plain tsc; and what `throughline new` makes of them, by the commands that
// it names. Expects `pnpm build` to have run.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicPackages } from './public-packages.mjs';

const house = fileURLToPath(new URL('..', import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { packageManager } = readJson(join(house, 'package.json'));

// What is tried here asks no endpoint.
delete process.env.ANYFAST_API_KEY;
delete process.env.ANYFAST_BASE_URL;
// What they print is read.
delete process.env.FORCE_COLOR;
process.env.NO_COLOR = '1';

const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
/** From so many files a command starts at most. Each costs the start about a millisecond. */
const mostModules = 20;

const problems = [];
const temp = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-packages-')));
try {
  const packed = publicPackages.map((name) => pack(join(house, 'packages', name)));
  for (const one of packed) inspect(one);
  if (problems.length === 0) useThem(packed);
  if (problems.length === 0) for (const kind of ['agent', 'toolkit']) begin(kind, packed);
} finally {
  rmSync(temp, { recursive: true, force: true });
}
for (const problem of problems) console.log(`${problem}\n`);
process.exit(problems.length > 0 ? 1 : 0);

function pack(folder) {
  const { name } = readJson(join(folder, 'package.json'));
  const target = join(temp, `${name.replace(/[^a-z0-9]+/g, '-')}.tgz`);
  run('npx', ['-y', packageManager, 'pack', '--out', target], folder);
  const files = run('tar', ['-tzf', target]).trim().split('\n');
  return { name, tarball: target, files: files.map((path) => path.replace(/^package[/]/, '')) };
}

/** What a reader of the tarball would stumble over. */
function inspect({ name, tarball, files }) {
  const manifest = run('tar', ['-xzOf', tarball, 'package/package.json']);
  for (const ours of ['workspace:', 'catalog:', 'throughline-source']) {
    if (manifest.includes(ours))
      problems.push(`${name}: its packed package.json still says "${ours}"`);
  }
  const readme = run('tar', ['-xzOf', tarball, 'package/README.md']);
  for (const [, target] of readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)) {
    problems.push(`${name}: its README links to ${target}, which is not in the package`);
  }
  if (!files.includes('LICENSE')) problems.push(`${name}: has no LICENSE`);
  const stray = files.filter(
    (path) =>
      !/^(dist[\\/]|templates[\\/]|docs[\\/](benchmarks[\\/])?[\w-]+[.](md|txt|svg)$|LICENSE$|README[.]md$|package[.]json$)/.test(
        path,
      ),
  );
  if (stray.length > 0) problems.push(`${name}: publishes more than dist: ${stray.join(', ')}`);
  attempt(`publint of ${name}`, () => tool('publint', ['run', '--strict', tarball]));
  attempt(`attw of ${name}`, () =>
    tool('attw', ['--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', tarball]),
  );
}

/** Installs all tarballs with npm beside nothing of ours, imports each, types each, and calls each bin. */
function useThem(packed) {
  const home = mkdtempSync(join(temp, 'user-'));
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }');
  attempt('npm install of the tarballs', () =>
    run('npm', ['install', ...quiet, ...packed.map(({ tarball }) => tarball)], home),
  );
  const imports = packed
    .map(({ name }, index) => `import * as p${index} from '${name}';`)
    .join('\n');
  const all = `[${packed.map((_, index) => `p${index}`).join(', ')}]`;
  const look = `for (const p of ${all}) if (Object.keys(p).length === 0) throw new Error('a package exports nothing');`;
  // A bundler may rename a class; what an error calls itself is documented.
  const names = `for (const p of ${all}) for (const name of ['ThroughlineError', 'ModelError', 'ToolError'])
  if (p[name] !== undefined && new p[name]('code', 'words').name !== name) throw new Error(name + ' calls itself otherwise');`;
  writeFileSync(join(home, 'all.mjs'), `${imports}\n${look}\n${names}\n`);
  writeFileSync(join(home, 'all.ts'), `${imports}\nexport const all = ${all};\n`);
  attempt('importing the packages with plain node', () => run('node', ['all.mjs'], home));
  const types = join(house, 'node_modules/@types');
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
  attempt('typing the packages with plain tsc', () =>
    tool('tsc', [...flags, '--typeRoots', types, '--types', 'node', 'all.ts'], home),
  );
  attempt('counting what the command line loads', () => countModules(home));
  for (const { name } of packed) {
    const { bin = {} } = readJson(join(home, 'node_modules', name, 'package.json'));
    for (const command of Object.keys(bin)) {
      attempt(`${command} --help`, () => {
        const words = run('npx', ['--no-install', command, '--help'], home);
        if (words.trim() === '') throw new Error('prints nothing');
      });
    }
  }
}

/** The command line starts from a few files of its own: what it loads until an endpoint does not answer. */
function countModules(home) {
  const list = join(temp, 'loaded.txt');
  const counter = new URL('../packages/cli/test/support/count-modules.mjs', import.meta.url).href;
  const env = {
    ANYFAST_BASE_URL: 'http://127.0.0.1:9/v1',
    ANYFAST_API_KEY: 'sk-not-a-key',
    COUNT_MODULES_TO: list,
  };
  const bin = join(home, 'node_modules/throughline/dist/bin.js');
  const args = ['--import', counter, bin, 'run', 'hello'];
  const { stderr } = spawnSync('node', args, {
    cwd: home,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (!stderr.includes('127.0.0.1:9')) throw new Error(`it says: ${stderr}`);
  const files = readFileSync(list, 'utf8').match(/^file:.*$/gm);
  const foreign = files.filter((url) => !url.includes('/node_modules/throughline/dist/'));
  if (foreign.length > 0) throw new Error(`it loads ${foreign.join(', ')}`);
  if (files.length > mostModules) throw new Error(`it loads ${files.length} files`);
}

/** Makes a package with `throughline new` as it is published, and does with it what a user does first. */
function begin(kind, packed) {
  const throughline = join(
    temp,
    readdirSync(temp).find((name) => name.startsWith('user-')),
    'node_modules/.bin/throughline',
  );
  const home = mkdtempSync(join(temp, `${kind}-`));
  const folder = join(home, `my-${kind}`);
  attempt(`throughline new ${kind}`, () => run(throughline, ['new', kind, `my-${kind}`], home));
  // None of ours is on the registry yet: each range is met by its tarball.
  const ours = packed.map(({ tarball }) => tarball);
  attempt(`npm install in the new ${kind}`, () =>
    run('npm', ['install', ...quiet, '--no-save', ...ours], folder),
  );
  for (const script of ['build', 'types', 'lint', 'test', 'start']) {
    attempt(`npm run ${script} in the new ${kind}`, () => {
      const words = run('npm', ['run', script], folder);
      const expected = {
        test: /Tests +\d+ passed/,
        start: { agent: /The largest file has \d+ bytes/, toolkit: /Added Ada Lovelace/ }[kind],
      }[script];
      if (expected !== undefined && !expected.test(words)) throw new Error(`it says: ${words}`);
    });
  }
  if (kind === 'agent') {
    // The command has core and zod built in; the agent's file brings its own, as that of any user does.
    attempt('throughline run with the agent of the new package', () => {
      const words = run(
        throughline,
        ['run', '--agent', 'src/agent.ts', 'call largest_files'],
        folder,
      );
      if (!/files were looked at/.test(words)) throw new Error(`it says: ${words}`);
    });
  }
  attempt(`running what is built of the new ${kind}`, () => {
    const program =
      kind === 'agent'
        ? ['dist/main.js']
        : [
            '--input-type=module',
            '-e',
            "import { contacts } from 'my-toolkit'; if (contacts({ file: 'x' }).tools.length !== 2) process.exit(1);",
          ];
    run('node', program, folder);
  });
}

function attempt(what, act) {
  try {
    act();
  } catch (error) {
    // The message of a failed command ends with what it wrote to stderr.
    problems.push(`${what} failed: ${error.message}\n${error.stdout ?? ''}`);
  }
}

/** Runs a bin of the root. */
function tool(name, args, cwd = house) {
  return run(join(house, 'node_modules/.bin', name), args, cwd);
}

function run(command, args, cwd = house) {
  const shell = process.platform === 'win32';
  return execFileSync(command, args, {
    cwd,
    shell,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    maxBuffer: 50_000_000,
  });
}
