import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

/** What is installed for some packages. */
export interface Installed {
  /** They themselves, and everything they need to run. */
  readonly packages: number;
  readonly megabytes: number;
  /** `name@version` of the packages asked for. */
  readonly asked: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** Follows the dependencies of `names` as they are installed for the package in `folder`. Throws where one is missing. */
export function installedFor(folder: string, names: readonly string[]): Installed {
  const asked = names.map((name) => find(name, folder));
  const found = new Set<string>();
  const open = [...asked];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    for (const name of neededBy(readManifest(at))) open.push(find(name, at));
  }
  const bytes = [...found].reduce((sum, at) => sum + bytesOf(at), 0);
  return {
    packages: found.size,
    megabytes: bytes / 1e6,
    asked: asked.map((at) => `${readManifest(at).name}@${readManifest(at).version}`),
  };
}

function neededBy(manifest: Manifest): readonly string[] {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const peers = Object.keys(peerDependencies);
  return [
    ...Object.keys(dependencies),
    ...peers.filter((name) => peerDependenciesMeta[name]?.optional !== true),
  ];
}

/** The real folder of a package, as Node would find it from `folder`. */
function find(name: string, folder: string): string {
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    const path = join(at, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return realpathSync(path);
    if (at === dirname(at)) throw new Error(`"${name}" is not installed for ${basename(folder)}`);
  }
}

/** Of our own packages only what is published. */
function bytesOf(folder: string): number {
  const published = ['package.json', 'README.md', 'dist'];
  const names = folder.includes(`${sep}node_modules${sep}`)
    ? readdirSync(folder).filter((name) => name !== 'node_modules')
    : published.filter((name) => existsSync(join(folder, name)));
  return names.reduce((sum, name) => sum + sizeOf(join(folder, name)), 0);
}

function sizeOf(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
