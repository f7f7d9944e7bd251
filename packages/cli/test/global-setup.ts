import { build } from 'rolldown';
import { commandIn, optional } from '../rolldown.config.ts';

/**
 * Builds the command of its sources once, for the tests that start it as a process. From its sources it would load 170 modules through
 * tsx at each of some hundred starts. All but the inspector is in it, so that no other package has to be built.
 */
export async function setup(): Promise<void> {
  // The inspector looks for its page beside its own code, and Node reads that from the source.
  await build(commandIn('.tested', [...optional, '@throughline/inspector']));
}
