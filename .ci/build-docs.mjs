// Builds the site of the documentation from the Markdown files as they are, with an API reference made of the doc comments, into
// `docs/.vitepress/dist`. Fails for a link that leads nowhere. `--serve` shows it on 127.0.0.1 afterwards.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicPackages } from './public-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (name, ...words) =>
  execFileSync(process.execPath, [join(root, 'node_modules', name), ...words], {
    cwd: root,
    stdio: 'inherit',
  });

rmSync(join(root, 'docs/api'), { recursive: true, force: true });
run(
  'typedoc/bin/typedoc',
  '--plugin',
  'typedoc-plugin-markdown',
  '--out',
  'docs/api',
  '--tsconfig',
  '.ci/docs.tsconfig.json',
  '--skipErrorChecking', // `pnpm types` checks them
  '--readme',
  'none',
  '--disableSources',
  '--hideBreadcrumbs',
  '--entryFileName',
  'index.md',
  '--logLevel',
  'Warn',
  ...publicPackages.flatMap((name) => ['--entryPoints', `packages/${name}/src/index.ts`]),
);
run('vitepress/bin/vitepress.js', 'build', 'docs');
if (process.argv.includes('--serve'))
  run('vitepress/bin/vitepress.js', 'preview', 'docs', '--host', '127.0.0.1');
