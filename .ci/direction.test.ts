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
  'packages/core/src/base/error.ts': 'export class Problem extends Error {}',
  'packages/core/src/base/message.ts': 'export type Message = string;',
  'packages/core/src/base/event.ts': `import type { Message } from './message.ts'; export type Event = Message;`,
  'packages/core/src/answer/assemble.ts': `import '../base/error.ts'; export const assemble = 1;`,
  'packages/core/src/history/compact.ts': `import '../base/error.ts'; export const compact = 1;`,
  'packages/core/src/record/recorder.ts': `import type { Event } from '../base/event.ts'; export type Log = Event[];`,
  'packages/core/src/tool/schema/schema.ts': `import '../../base/error.ts'; export const z = () => import('zod/core');`,
  'packages/core/src/tool/tool.ts': `import './schema/schema.ts'; import type { Log } from '../record/recorder.ts'; export type Tool = Log;`,
  'packages/core/src/limits/limit.ts': `export const steps = 50;`,
  'packages/core/src/calls/execute.ts': `import type { Tool } from '../tool/tool.ts'; export type Calls = Tool[];`,
  'packages/core/src/loop/run-state.ts': `import '../calls/execute.ts'; import '../limits/limit.ts'; export const state = 1;`,
  'packages/core/src/loop.ts': `import './loop/run-state.ts'; export const loop = 1;`,
  'packages/core/src/options.ts': `import './tool/tool.ts'; export const options = 1;`,
  'packages/core/src/run/listeners.ts': `import '../options.ts'; export const listeners = 1;`,
  'packages/core/src/run.ts': `import './loop.ts'; import './run/listeners.ts'; export const run = 1;`,
  'packages/core/src/agent.ts': `import './run.ts'; export const agent = 1;`,
  'packages/core/src/index.ts': `export * from './agent.ts';`,
  'packages/anyfast/src/wire/json.ts': 'export const json = 1;',
  'packages/anyfast/src/options/options.ts': `import '../wire/json.ts'; export const options = 1;`,
  'packages/anyfast/src/schema/compile.ts': `import '../wire/json.ts'; export const compile = 1;`,
  'packages/anyfast/src/encode/encode.ts': `import '../schema/compile.ts'; export const encode = 1;`,
  'packages/anyfast/src/error/classify.ts': 'export const classify = 1;',
  'packages/anyfast/src/http/http.ts': `import '../error/classify.ts'; import 'p-retry'; export const http = 1;`,
  'packages/anyfast/src/decode/decode.ts': `import '../http/http.ts'; export const decode = 1;`,
  'packages/anyfast/src/models.ts': `import './decode/decode.ts'; export const models = 1;`,
  'packages/anyfast/src/client.ts': `import './decode/decode.ts'; export const client = 1;`,
  'packages/anyfast/src/body.ts': `import './decode/decode.ts'; export const body = 1;`,
  'packages/anyfast/src/media.ts': `import '@throughline/core'; export const media = 1;`,
  'packages/anyfast/src/anyfast.ts': `import './client.ts'; export const anyfast = 1;`,
  'packages/anyfast/src/index.ts': `import './anyfast.ts'; export {};`,
  'packages/simulator/src/wire/json.ts': 'export const json = 1;',
  'packages/simulator/src/rules/gateway.ts': `import '../wire/json.ts'; export const gateway = 1;`,
  'packages/simulator/src/fault/fault.ts': `import '../wire/json.ts'; export const fault = 1;`,
  'packages/simulator/src/script/script.ts': `import '../fault/fault.ts'; export const script = 1;`,
  'packages/simulator/src/options.ts': `import './script/script.ts'; export const options = 1;`,
  'packages/simulator/src/memory/lint.ts': `import '../rules/gateway.ts'; export const lint = 1;`,
  'packages/simulator/src/serve/send.ts': `import '../options.ts'; export const send = 1;`,
  'packages/simulator/src/endpoint.ts': `import './serve/send.ts'; export const endpoint = 1;`,
  'packages/simulator/src/simulator.ts': `import './endpoint.ts'; export const simulator = 1;`,
  'packages/simulator/src/cli/flags.ts': `import '../simulator.ts'; export const flags = 1;`,
  'packages/simulator/src/bin.ts': `import './cli/flags.ts'; export {};`,
  'packages/simulator/src/index.ts': `import 'node:http'; import './simulator.ts'; export {};`,
  'packages/anyfast/test/it.test.ts': `import '../src/index.ts'; import 'vitest';`,
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
  ['no-cycle', 'packages/core/src/base/model.ts', `import './model-twin.ts';`],
  ['no-unresolved', 'packages/anyfast/src/wire/lost.ts', `import './nowhere.ts';`],
  ['no-undeclared-dependency', 'examples/greedy.ts', `import 'vitest';`],
  ['src-uses-no-dev-dependency', 'packages/anyfast/src/wire/dev.ts', `import 'vitest';`],
  ['src-imports-no-test', 'packages/anyfast/src/wire/odd.ts', `import '../../test/it.test.ts';`],
  ['core-sees-no-sibling', 'packages/core/test/it.test.ts', `import '@throughline/simulator';`],
  ['core-words-import-nothing', 'packages/core/src/base/error.ts', `import 'node:util';`],
  [
    'core-imports-no-node-builtin',
    'packages/core/src/calls/semaphore.ts',
    `import { AsyncLocalStorage } from 'node:async_hooks';`,
  ],
  ['core-zod-only-in-schema', 'packages/core/src/calls/check.ts', `import type { z } from 'zod';`],
  ['core-has-no-other-room', 'packages/core/src/attic/old.ts', `import '../base/error.ts';`],
  ['anyfast-has-no-other-room', 'packages/anyfast/src/attic/old.ts', `import '../wire/json.ts';`],
  [
    'simulator-has-no-other-room',
    'packages/simulator/src/attic/old.ts',
    `import '../wire/json.ts';`,
  ],
  [
    'simulator-stands-alone',
    'packages/simulator/src/wire/sly.ts',
    `import type {} from '@throughline/core';`,
  ],
  [
    'packages-build-on-core-only',
    'packages/toolkit-files/src/a.ts',
    `import '@throughline/anyfast';`,
  ],
  [
    'packages-only-through-their-exports',
    'examples/deep.ts',
    `import '../packages/core/src/run.ts';`,
  ],
  [
    'packages-only-by-name',
    'packages/anyfast/src/wire/near.ts',
    `import '../../../core/src/index.ts';`,
  ],
  [
    'nobody-depends-on-the-ends',
    'packages/core/src/calls/semaphore.ts',
    `import '@throughline/acceptance';`,
  ],
  ...upward('core', [
    ['base', 'base/upward.ts', '../answer/assemble.ts'],
    ['answer', 'answer/upward.ts', '../history/compact.ts'],
    ['history', 'history/upward.ts', '../record/recorder.ts'],
    ['record', 'record/upward.ts', '../tool/tool.ts'],
    ['tool-schema', 'tool/schema/upward.ts', '../tool.ts'],
    ['tool', 'tool/upward.ts', '../limits/limit.ts'],
    ['limits', 'limits/upward.ts', '../calls/execute.ts'],
    ['calls', 'calls/upward.ts', '../loop/run-state.ts'],
    ['loop', 'loop/upward.ts', '../loop.ts'],
    ['loop', 'loop.ts', './options.ts'],
    ['options', 'options.ts', './run/listeners.ts'],
    ['run', 'run/upward.ts', '../run.ts'],
    ['run', 'run.ts', './agent.ts'],
    ['agent', 'agent.ts', './index.ts'],
  ]),
  ...upward('anyfast', [
    ['wire', 'wire/upward.ts', '../options/options.ts'],
    ['options', 'options/upward.ts', '../schema/compile.ts'],
    ['schema', 'schema/upward.ts', '../encode/encode.ts'],
    ['encode', 'encode/upward.ts', '../error/classify.ts'],
    ['error', 'error/upward.ts', '../http/http.ts'],
    ['http', 'http/upward.ts', '../decode/decode.ts'],
    ['decode', 'decode/upward.ts', '../models.ts'],
    ['models', 'models.ts', './client.ts'],
    ['client', 'client.ts', './body.ts'],
    ['body', 'body.ts', './media.ts'],
    ['media', 'media.ts', './anyfast.ts'],
    ['anyfast', 'anyfast.ts', './index.ts'],
  ]),
  ...upward('simulator', [
    ['wire', 'wire/upward.ts', '../rules/gateway.ts'],
    ['rules', 'rules/upward.ts', '../fault/fault.ts'],
    ['fault', 'fault/upward.ts', '../script/script.ts'],
    ['script', 'script/upward.ts', '../options.ts'],
    ['options', 'options.ts', './memory/lint.ts'],
    ['memory', 'memory/upward.ts', '../serve/send.ts'],
    ['serve', 'serve/upward.ts', '../endpoint.ts'],
    ['endpoint', 'endpoint.ts', './simulator.ts'],
    ['simulator', 'simulator.ts', './cli/flags.ts'],
    ['cli', 'cli/upward.ts', '../index.ts'],
    ['index', 'index.ts', './bin.ts'],
  ]),
];

/** A file in each room that imports from the room above it. */
function upward(home: string, imports: readonly (readonly [string, string, string])[]) {
  return imports.map(
    ([room, file, target]) =>
      [
        `${home}-${room}-imports-downward`,
        `packages/${home}/src/${file}`,
        `import '${target}';`,
      ] as const,
  );
}

test('every rule complains of the import it forbids', async () => {
  const at = join(plot, 'broken');
  const files: Record<string, string> = {
    ...sound,
    'packages/core/src/base/model-twin.ts': `import './model.ts';`,
  };
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
  const highest = ['core-index', 'anyfast-index', 'simulator-bin'];
  expect([...new Set(rules.forbidden.map(({ name }) => name))].sort()).toEqual(
    [
      ...new Set(broken.map(([name]) => name)),
      ...highest.map((room) => `${room}-imports-downward`),
    ].sort(),
  );
});

/** A cycle is reported from any of its files. */
function isCycle(line: string, heard: string): boolean {
  return line.startsWith('no-cycle:') && heard.startsWith('no-cycle:');
}
