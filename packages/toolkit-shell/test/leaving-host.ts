// A host that starts a command in the background and ends without disposing of anything.
import { shell } from '../src/index.ts';
import { call } from './call-tool.ts';

const [cwd = '.', mark = ''] = process.argv.slice(2);
const kit = shell({ cwd, env: { TEST_MARK: mark } });
process.stdout.write(await call(kit, 'start_command', { command: 'sleep 300' }));
