import type { Message } from './message.ts';

/** Where the last `keep` answers begin: always at an assistant message, so that no result loses its call. */
export function startOfLastSteps(messages: readonly Message[], keep: number): number {
  let at = messages.length;
  for (let found = 0; found < keep && at > 0;) {
    at = messages.findLastIndex(({ role }, index) => index < at && role === 'assistant');
    if (at === -1) return 0;
    found++;
  }
  return at;
}
