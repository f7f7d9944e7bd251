import { describe, expect, it } from 'vitest';
import { parts, readCommand } from '../src/command-line.ts';

describe('the command line', () => {
  it('asks for everything, with the peers, where nothing is said', () => {
    expect(readCommand([])).toEqual({ kind: 'run', peers: true, write: false, rounds: 5, parts });
  });

  it('leaves the peers out and takes fewer rounds when it is to be quick', () => {
    expect(readCommand(['--quick'])).toMatchObject({ peers: false, rounds: 2 });
    expect(readCommand(['--quick', '--rounds', '7'])).toMatchObject({ peers: false, rounds: 7 });
  });

  it('measures only what is named', () => {
    expect(readCommand(['--only', 'step,gap'])).toMatchObject({ parts: ['step', 'gap'] });
  });

  it('helps', () => {
    expect(readCommand(['--help'])).toEqual({ kind: 'help' });
  });

  it.each([
    [['--fast'], "Unknown option '--fast'"],
    [['step'], "Unexpected argument 'step'"],
    [['--only', 'step,sleep'], 'no measure "sleep"'],
    [['--rounds', 'many'], 'not "many"'],
    [['--rounds', '0'], 'not "0"'],
    [['--rounds'], '--rounds'],
  ])('refuses %j by its name', (args, words) => {
    expect(() => readCommand(args)).toThrow(words);
  });
});
