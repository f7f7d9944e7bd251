// Checks the packages as users get them: packed by pnpm (which applies publishConfig), looked at by publint and attw,
// installed by npm in an empty folder, imported by plain node, typed by plain tsc. Expects `pnpm build` to have run.
import { execFileSync } from 'node:child_process';
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

const house = fileURLToPath(new URL('..', import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { packageManager } = readJson(join(house, 'package.json'));

const problems = [];
const temp = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-packages-')));
try {
  const packed = publicPackages().map(pack);
  for (const one of packed) inspect(one);
  if (problems.length === 0) useThem(packed);
} finally {
  rmSync(temp, { recursive: true, force: true });
}
for (const problem of problems) console.log(`${problem}\n`);
process.exit(problems.length > 0 ? 1 : 0);

function publicPackages() {
  return readdirSync(join(house, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(house, 'packages', name))
    .filter((folder) => !readJson(join(folder, 'package.json')).private);
}

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
      !/^(dist[\\/]|docs[\\/](benchmarks[\\/])?[\w-]+[.](md|txt|svg)$|LICENSE$|README[.]md$|package[.]json$)/.test(
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
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
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
