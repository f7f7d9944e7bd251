// A caller of runs on Restate, to be killed. Started by the tests, built into one file.
import { pointsOf } from '../conversation.ts';
import type { Setting } from '../conversation.ts';
import { carryOnRestate } from '../on-restate.ts';

const { name, url, session, ...setting } = JSON.parse(process.argv[2] ?? '{}') as Setting & {
  readonly name: string;
  readonly url: string;
  readonly session: string;
};
await carryOnRestate({ agent: name, url, session, worldUrl: setting.worldUrl }, pointsOf(setting));
