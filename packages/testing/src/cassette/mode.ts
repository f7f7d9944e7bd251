import { ThroughlineError } from '@throughline/core';

/**
 * `replay` answers from the file and sends nothing. `record` asks the endpoint and writes the file anew. `auto` answers from the file, and
 * records what is missing there.
 */
export type CassetteMode = 'replay' | 'record' | 'auto';

const variable = 'THROUGHLINE_CASSETTES';
const modes: readonly CassetteMode[] = ['replay', 'record', 'auto'];

/** The mode that was asked for: by the option, else by the environment, else `replay`. In CI `auto` is `replay`. */
export function modeOf(option: unknown): CassetteMode {
  const asked = option ?? (process.env[variable] || 'replay');
  const mode = modes.find((one) => one === asked);
  if (mode === undefined) {
    const where = option === undefined ? variable : 'cassette(): mode';
    throw new ThroughlineError(
      'invalid_option',
      `${where} is ${JSON.stringify(asked)}, but it must be "replay", "record" or "auto".`,
    );
  }
  return mode === 'auto' && isCI() ? 'replay' : mode;
}

function isCI(): boolean {
  const { CI = '' } = process.env;
  return CI !== '' && CI !== '0' && CI !== 'false';
}
