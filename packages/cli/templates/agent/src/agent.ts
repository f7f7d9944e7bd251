// The agent as `throughline chat src/agent.ts` loads it: over the current folder, with the endpoint of the environment.
import { anyfast } from '@throughline/anyfast';
import { folderAgent } from './folder-agent.ts';

export const agent = folderAgent(anyfast('kimi-k2.6'), process.cwd());
