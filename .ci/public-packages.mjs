// Which packages are published: those whose package.json does not say `private`. Each by the name of its folder in `packages`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const packages = new URL('../packages/', import.meta.url);

export const publicPackages = readdirSync(packages)
  .filter((folder) => {
    const manifest = new URL(`${folder}/package.json`, packages);
    return existsSync(manifest) && !JSON.parse(readFileSync(manifest, 'utf8')).private;
  })
  .sort();
