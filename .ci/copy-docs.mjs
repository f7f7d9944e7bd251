// Run in a package while it is packed: puts the guides beside its README, so that they travel with it. With `--remove` they are taken away.
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('../docs', import.meta.url));
rmSync('docs', { recursive: true, force: true });
if (!process.argv.includes('--remove')) {
  cpSync(docs, 'docs', {
    recursive: true,
    filter: (path) => !/[/](api|[.]vitepress)$/.test(path),
  });
}
