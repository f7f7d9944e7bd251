// Builds all published packages and packs them: `pnpm tarballs [folder]`, by default into `tarballs`. Prints the command that installs them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicPackages } from './public-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? 'tarballs');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpm = (cwd, ...words) =>
  execFileSync('npx', ['-y', packageManager, ...words], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

mkdirSync(folder, { recursive: true });
pnpm(root, 'run', 'build');
for (const name of publicPackages)
  pnpm(join(root, 'packages', name), 'pack', '--pack-destination', folder);
console.log(
  `${publicPackages.length} packages are in ${folder}. In your project:\n\n  npm install ${join(folder, '*.tgz')} zod`,
);
