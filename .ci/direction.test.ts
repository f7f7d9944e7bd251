import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const house = fileURLToPath(new URL('..', import.meta.url));
const config = join(house, '.dependency-cruiser.cjs');
const cruiser = join(house, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** Small houses are built here; each has this house's packages with one import that is allowed or not. */
let plot: string;
beforeAll(async () => {
  plot = await mkdtemp(join(tmpdir(), 'throughline-direction-'));
});
afterAll(() => rm(plot, { recursive: true, force: true }));

const names = ['core', 'anyfast', 'simulator', 'toolkit-files', 'acceptance'];
const libraries = ['zod', 'zod-to-json-schema', 'p-retry', 'vitest'];

/** What stands before anything is broken. It uses every kind of import that is allowed. */
const sound: Record<string, string> = {
  'packages/core/src/error.ts': 'export class Problem extends Error {}',
  'packages/core/src/message.ts': 'export type Message = string;',
  'packages/core/src/model.ts': `import type { Message } from './message.ts'; export type Model = Message;`,
  'packages/core/src/event.ts': `import type { Model } from './model.ts'; export type Event = Model;`,
  'packages/core/src/schema.ts': `import './error.ts'; export const z = () => import('zod/core');`,
  'packages/core/src/tool.ts': `import './schema.ts'; import type { Event } from './event.ts'; export type Tool = Event;`,
  'packages/core/src/execute.ts': `import type { Tool } from './tool.ts'; export type Calls = Tool[];`,
  'packages/core/src/limit.ts': `export const steps = 50;`,
  'packages/core/src/loop.ts': `import './execute.ts'; import './limit.ts'; export const loop = 1;`,
  'packages/core/src/run.ts': `import './loop.ts'; export const run = 1;`,
  'packages/core/src/agent.ts': `import './run.ts'; import 'node:crypto'; export const agent = 1;`,
  'packages/core/src/index.ts': `export * from './agent.ts';`,
  'packages/anyfast/src/index.ts': `import '@throughline/core'; import 'p-retry'; export {};`,
  'packages/anyfast/test/it.test.ts': `import '../src/index.ts'; import 'vitest';`,
  'packages/simulator/src/index.ts': `import 'node:http'; export {};`,
  'packages/toolkit-files/src/index.ts': `import type { agent } from '@throughline/core'; export type Files = typeof agent;`,
  'packages/acceptance/test/it.test.ts': `import '@throughline/core'; import '@throughline/simulator';`,
  'packages/acceptance/src/index.ts': 'export {};',
  'examples/first.ts': `import '@throughline/core'; import '@throughline/anyfast'; export {};`,
};

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function build(at: string, files: Record<string, string>): Promise<void> {
  await put(join(at, 'package.json'), '{ "name": "house" }');
  for (const name of names) {
    const home = join(at, 'packages', name);
    const manifest = {
      name: `@throughline/${name}`,
      exports: { '.': { 'throughline-source': './src/index.ts', default: './dist/index.js' } },
      dependencies: { 'p-retry': '1', 'zod-to-json-schema': '1' },
      peerDependencies: { zod: '1' },
      devDependencies: { zod: '1', vitest: '1' },
    };
    await put(join(home, 'package.json'), JSON.stringify(manifest));
    await mkdir(join(at, 'node_modules/@throughline'), { recursive: true });
    await symlink(home, join(at, 'node_modules/@throughline', name), 'junction');
  }
  for (const name of libraries) {
    const home = join(at, 'node_modules', name);
    await put(join(home, 'package.json'), JSON.stringify({ name, type: 'module' }));
    await put(join(home, 'dist/index.js'), 'export {};');
    await put(join(home, 'core.js'), 'export {};');
    await put(
      join(home, 'package.json'),
      JSON.stringify({ name, exports: { '.': './dist/index.js', './core': './core.js' } }),
    );
  }
  for (const [path, text] of Object.entries(files)) await put(join(at, path), text);
}

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { name: string } }[];
  };
}

/** The rules that complain of the house at `at`, as `rule: file`. */
function complaints(at: string): Promise<readonly string[]> {
  const args = [cruiser, '--config', config, '--output-type', 'json', 'packages', 'examples'];
  return new Promise((resolve, reject) => {
    const options = { cwd: at, maxBuffer: 50_000_000 };
    execFile(process.execPath, args, options, (_error, stdout, stderr) => {
      if (stdout === '') return reject(new Error(stderr));
      const { violations } = (JSON.parse(stdout) as Report).summary;
      resolve(violations.map(({ rule, from }) => `${rule.name}: ${from}`));
    });
  });
}

test('a house that keeps the direction is let through', async () => {
  const at = join(plot, 'sound');
  await build(at, sound);
  expect(await complaints(at)).toEqual([]);
});

/** One forbidden import each: the rule that must speak, the file that breaks it, what it imports. */
const broken: readonly (readonly [rule: string, file: string, imports: string])[] = [
  ['no-cycle', 'packages/core/src/message.ts', `import type { Model } from './model.ts';`],
  ['no-unresolved', 'packages/anyfast/src/lost.ts', `import './nowhere.ts';`],
  ['no-undeclared-dependency', 'examples/greedy.ts', `import 'vitest';`],
  ['src-uses-no-dev-dependency', 'packages/anyfast/src/dev.ts', `import 'vitest';`],
  ['src-imports-no-test', 'packages/anyfast/src/odd.ts', `import '../test/it.test.ts';`],
  ['core-sees-no-sibling', 'packages/core/test/it.test.ts', `import '@throughline/simulator';`],
  ['core-words-import-nothing', 'packages/core/src/error.ts', `import 'node:util';`],
  ['core-check-options-stands-low', 'packages/core/src/check-options.ts', `import './abort.ts';`],
  ['core-abort-stands-low', 'packages/core/src/abort.ts', `import './event.ts';`],
  ['core-model-stands-low', 'packages/core/src/model.ts', `import './limit.ts';`],
  ['core-schema-stands-low', 'packages/core/src/schema.ts', `import './event.ts';`],
  ['core-event-stands-low', 'packages/core/src/event.ts', `import type { Tool } from './tool.ts';`],
  ['core-recorder-stands-low', 'packages/core/src/recorder.ts', `import './tool.ts';`],
  ['core-tool-stands-low', 'packages/core/src/tool.ts', `import './execute.ts';`],
  ['core-doors-stay-above', 'packages/core/src/execute.ts', `import type { run } from './run.ts';`],
  ['core-loop-sees-nothing-above', 'packages/core/src/loop.ts', `import './agent.ts';`],
  ['core-run-sees-nothing-above', 'packages/core/src/run.ts', `import './agent.ts';`],
  ['core-agent-sees-nothing-above', 'packages/core/src/agent.ts', `import './index.ts';`],
  ['core-loop-is-pure', 'packages/core/src/limit.ts', `import { hrtime } from 'node:process';`],
  ['core-zod-only-in-schema', 'packages/core/src/execute.ts', `import type { z } from 'zod';`],
  [
    'simulator-stands-alone',
    'packages/simulator/src/sly.ts',
    `import type {} from '@throughline/core';`,
  ],
  [
    'packages-build-on-core-only',
    'packages/toolkit-files/src/a.ts',
    `import '@throughline/anyfast';`,
  ],
  ['packages-only-through-the-index', 'examples/deep.ts', `import '../packages/core/src/run.ts';`],
  ['packages-only-by-name', 'packages/anyfast/src/near.ts', `import '../../core/src/index.ts';`],
  [
    'nobody-depends-on-the-ends',
    'packages/core/src/execute.ts',
    `import '@throughline/acceptance';`,
  ],
];

test('every rule complains of the import it forbids', async () => {
  const at = join(plot, 'broken');
  const files = { ...sound };
  for (const [, file, imports] of broken)
    files[file] = `${imports}\n${files[file] ?? 'export {};'}`;
  await build(at, files);
  const heard = await complaints(at);
  const expected = broken.map(([rule, file]) => `${rule}: ${file}`);
  expect(
    expected.filter((line) => !heard.some((one) => line === one || isCycle(line, one))),
  ).toEqual([]);
});

test('every rule of the configuration is tried here', async () => {
  const { default: rules } = (await import(config)) as {
    default: { forbidden: readonly { name: string }[] };
  };
  expect(rules.forbidden.map(({ name }) => name).sort()).toEqual(
    broken.map(([name]) => name).sort(),
  );
});

/** A cycle is reported from any of its files. */
function isCycle(line: string, heard: string): boolean {
  return line.startsWith('no-cycle:') && heard.startsWith('no-cycle:');
}
