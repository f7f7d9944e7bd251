import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { version } from '../src/version.ts';
import { asBuilt } from './support/throughline.ts';

function throughline(...args: string[]) {
  return new Promise<{ code: number | string | undefined; stdout: string; stderr: string }>(
    (resolve) => {
      execFile(process.execPath, [...asBuilt, ...args], (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : (error.code ?? undefined), stdout, stderr }),
      );
    },
  );
}

describe('the command line', () => {
  it('lists its commands', async () => {
    const { code, stdout, stderr } = await throughline();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: throughline <command> [options]');
  });

  it('names a command that does not exist, says which do, and ends as a wrong use', async () => {
    const { code, stdout, stderr } = await throughline('chta');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('There is no command "chta".');
    expect(stderr).toContain('Usage: throughline <command> [options]');
  });

  it('does not take a name of Object for a command', async () => {
    expect((await throughline('constructor')).code).toBe(2);
  });

  it('tells the version of its package', async () => {
    const manifest = JSON.parse(
      await readFile(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    expect(version).toBe(manifest.version);
    expect((await throughline('--version')).stdout).toBe(`throughline ${version}\n`);
  });
});
