import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedFor } from '../src/closure.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A package of which everything but its package.json is 1,000,000 bytes. */
function install(path: string, manifest: object): void {
  write(join(path, 'package.json'), JSON.stringify(manifest));
  write(join(path, 'lib/index.js'), 'x'.repeat(1_000_000));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const named = (name: string, more: object = {}) => ({ name, version: '1.0.0', ...more });

describe('counting what is installed', () => {
  it('follows dependencies and peers that are not optional, and counts each package once', () => {
    install('node_modules/a', named('a', { dependencies: { b: '1', c: '1' } }));
    install('node_modules/b', named('b', { peerDependencies: { c: '1' } }));
    install(
      'node_modules/c',
      named('c', {
        peerDependencies: { d: '1', e: '1' },
        peerDependenciesMeta: { e: { optional: true } },
        devDependencies: { f: '1' },
        optionalDependencies: { g: '1' },
      }),
    );
    install('node_modules/d', named('d', { dependencies: { a: '1' } }));
    for (const name of ['e', 'f', 'g']) install(`node_modules/${name}`, named(name));
    const installed = installedFor(root, ['a']);
    expect(installed).toMatchObject({ packages: 4, asked: ['a@1.0.0'] });
    expect(installed.megabytes).toBeCloseTo(4, 1);
  });

  it('counts two copies of a package twice, and neither within the other', () => {
    install('node_modules/a', named('a', { dependencies: { b: '2' } }));
    install('node_modules/a/node_modules/b', named('b', { version: '2.0.0' }));
    install('node_modules/b', named('b'));
    const installed = installedFor(root, ['a', 'b']);
    expect(installed.packages).toBe(3);
    expect(installed.megabytes).toBeCloseTo(3, 1);
  });

  it('follows links to real folders, as pnpm makes them', () => {
    install('node_modules/.pnpm/a@1/node_modules/a', named('a', { dependencies: { b: '1' } }));
    install('node_modules/.pnpm/b@1/node_modules/b', named('b'));
    const store = join(root, 'node_modules/.pnpm');
    symlinkSync(join(store, 'a@1/node_modules/a'), join(root, 'node_modules/a'), 'junction');
    symlinkSync(join(store, 'b@1/node_modules/b'), join(store, 'a@1/node_modules/b'), 'junction');
    expect(installedFor(root, ['a']).packages).toBe(2);
  });

  it('weighs of a package of the workspace only what is published', () => {
    install('packages/own', named('own'));
    write('packages/own/dist/index.js', 'x'.repeat(500_000));
    write('packages/own/test/own.test.ts', 'x'.repeat(500_000));
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(root, 'packages/own'), join(root, 'node_modules/own'), 'junction');
    expect(installedFor(root, ['own']).megabytes).toBeCloseTo(0.5, 2);
  });

  it('names what is missing', () => {
    install('node_modules/a', named('a', { dependencies: { gone: '1' } }));
    expect(() => installedFor(root, ['a'])).toThrow('"gone" is not installed');
  });

  it('counts nothing for a loop written by hand', () => {
    expect(installedFor(root, [])).toEqual({ packages: 0, megabytes: 0, asked: [] });
  });
});
