import { describe, expect, it } from 'vitest';
import { complaintOf } from '../src/complaint.ts';
import { bare, baseOf, fieldOf } from '../src/field.ts';
import { turnsOf } from '../src/round.ts';

const own = { path: 'node20', version: '20.20.2' };
const theirs = { path: 'node24', version: '24.1.0' };

describe('the order of the samples', () => {
  it('gives everybody a turn in every round, and lets another one begin', () => {
    const field = fieldOf(own).filter(({ entry }) => entry !== bare);
    const turns = turnsOf({ field, measures: ['gap'], rounds: 3 });
    const [first, second] = ['by hand', 'Throughline'];
    const order = [first, second, second, first, first, second];
    expect(turns.map(({ runner }) => runner.label)).toEqual(order);
  });

  it('asks nobody but us what only we do', () => {
    const turns = turnsOf({ field: fieldOf(own), measures: ['waiting', 'live'], rounds: 1 });
    const labels = (measure: string) =>
      turns.filter((turn) => turn.measure === measure).map(({ runner }) => runner.label);
    expect(labels('waiting')).toEqual(['Throughline']);
    expect(labels('live')).toEqual(['by hand', 'Throughline']);
  });

  it('only loads the framework without zod', () => {
    const turns = turnsOf({ field: fieldOf(own), measures: ['step', 'load'], rounds: 1 });
    const measures = turns
      .filter(({ runner }) => runner.entry === bare)
      .map(({ measure }) => measure);
    expect(measures).toEqual(['load']);
  });
});

describe('who runs', () => {
  it('runs nobody but us where there are no peers', () => {
    expect(fieldOf(own).some(({ entry }) => entry.peer)).toBe(false);
  });

  it('compares a peer with what ran on its own Node', () => {
    const field = fieldOf(own, theirs);
    const peer = field.find(({ entry }) => entry.peer)!;
    expect(baseOf(peer, field)?.label).toBe('by hand, Node 24');
    expect(field.map(({ label }) => label)).toContain('Throughline, Node 20');
    expect(new Set(field.map(({ label }) => label)).size).toBe(field.length);
  });

  it('does not run us twice where the peers run on our Node', () => {
    const names = fieldOf(own, { ...own }).map(({ entry }) => entry.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('what a failed sample says', () => {
  it('is the line with the error, not the code around it', () => {
    const stderr =
      'file:///a.mjs:3\n  throw new TypeError("no");\n  ^\n\nTypeError: no\n    at a.mjs:3\n';
    expect(complaintOf({ stderr, message: 'Command failed: node' })).toBe('TypeError: no');
  });

  it('is found by the name of the error, also where a bundler made that of its class short', () => {
    const stderr =
      'file:///program.mjs:1\nlet b=1\n\nb [ModelError]: the key is refused\n    at lo\n';
    expect(complaintOf({ stderr })).toBe('b [ModelError]: the key is refused');
  });

  it('does not tell where the repository lies', () => {
    const file = new URL('../peers/ai-sdk.mjs', import.meta.url).pathname;
    const words = complaintOf({ stderr: `Error: no package 'ai' for ${file}\n` });
    expect(words).toBe("Error: no package 'ai' for packages/bench/peers/ai-sdk.mjs");
  });

  it('is the first complaint of a bundler, not how many there are', () => {
    const message = 'Build failed with 1 error:\nerror: Could not resolve "pi"';
    expect(complaintOf(new Error(message))).toBe('error: Could not resolve "pi"');
  });

  it('is that it took too long, where it was stopped', () => {
    expect(complaintOf({ killed: true, stderr: '' })).toBe('was stopped after five minutes');
  });
});
