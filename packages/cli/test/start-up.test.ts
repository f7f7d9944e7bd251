import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { environment, newFolder, nodeArguments } from './support/throughline.ts';

const counter = new URL('support/count-modules.mjs', import.meta.url).href;
const house = fileURLToPath(new URL('../../..', import.meta.url));

/** The modules that a command loads, as paths within the repository. */
async function loaded(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cwd = await newFolder();
  const stderr = await new Promise<string>((resolve) => {
    const node = [...nodeArguments.slice(0, -1), `--import=${counter}`, ...nodeArguments.slice(-1)];
    const options = { cwd, env: environment(cwd, env) };
    execFile(process.execPath, [...node, ...args], options, (_error, _out, text) => resolve(text));
  });
  return [...stderr.matchAll(/^LOADED (file:\S+)$/gm)]
    .map(([, url = '']) => fileURLToPath(url.split('?')[0] ?? url))
    .filter((path) => path.startsWith(house) && !path.includes('/tsx/'))
    .map((path) => path.slice(house.length).replace(/^.*node_modules\//, 'npm:'));
}

describe('the start of the command line', () => {
  it('loads five modules for the version and the overview, and nothing of npm', async () => {
    for (const args of [['--version'], []]) {
      expect(
        (await loaded(args)).map((path) => path.replace('packages/cli/src/', '')).sort(),
      ).toEqual(['bin.ts', 'exit-code.ts', 'main.ts', 'usage-error.ts', 'version.ts']);
    }
  });

  it('loads for run what the request needs: no screen, no MCP, no simulator where there is a key', async () => {
    const simulator = await startSimulator();
    onTestFinished(() => simulator.close());
    const env = { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: simulator.key };
    const modules = await loaded(['run', 'hello'], env);
    expect(simulator.requests).toHaveLength(1);
    expect(modules).toContain('packages/cli/src/run/run.ts');
    const needless =
      /npm:(?:marked|string-width)|toolkit-mcp|packages\/simulator|cli\/src\/chat|linkedom|yaml/;
    expect(modules.filter((path) => needless.test(path))).toEqual([]);
  });
});
