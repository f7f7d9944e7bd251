import { readFile, writeFile } from 'node:fs/promises';
import { faults } from '@throughline/simulator';
import type { FaultUse } from '@throughline/simulator';
import { afterAll, expect, it } from 'vitest';
import { runWithFaults } from './support/weather.ts';
import type { Manner, Outcome, Settings } from './support/weather.ts';

const isSoak = process.env['THROUGHLINE_SOAK'] === '1';
const page = new URL('../../../docs/faults.md', import.meta.url);

/** What must never reach a reader: special tokens of the model, and its marks of thinking. */
const special = /<\|\w*\|?>|<\/?think>/;

/** Some faults need another request, or another fault before them, to be possible at all. */
const together: Readonly<Record<string, readonly FaultUse[]>> = {
  'leak-after-odd-ids': ['ids-odd', 'leak-after-odd-ids'],
  // It asks for a wait of minutes, which would be served; a second is enough to see it.
  'gateway-request-limit': [{ fault: 'gateway-request-limit', retryAfter: 1 }],
};

/** These cannot happen to us, for the reason given. */
const impossible: Readonly<Record<string, string>> = {
  'swallow-finish': 'usage is always asked for, so the gateway never swallows the finish',
  'leak-without-tools': 'the tools are sent with every request',
};

/** These need a model that goes about it in another way. */
const manners: Readonly<Record<string, Manner>> = {
  'leak-after-odd-ids': { oneByOne: true },
  'content-null': { quiet: true },
  'content-absent': { quiet: true },
};

/** In these the model speaks of the tokens: its text stays as it is written. */
const spoken = ['leak-quoted', 'leak-quoted-at-end', 'leak-in-prose', 'leak-broken-off'];

const rows = new Map<string, Pick<Outcome, 'kind' | 'how'>>();

// Several at once, since some wait, and since what is done at once is read from the sockets at once.
it.concurrent.each(faults.map(({ name }) => name))(
  '%s ends in an answer, in words for the model, or in a typed error, however it is cut',
  async (name) => {
    const uses = together[name] ?? [name];
    const stream = name !== 'stream-for-json';
    const outcomes = await Promise.all(
      [1, 7, 1000].map((cutBytes) => {
        // What carries the bytes must not show either; a packet for each is what takes long.
        const overFetch = cutBytes === 1 && !isSoak;
        const served = overFetch ? 1000 : cutBytes;
        const settings = { ...manners[name], stream, cutBytes: served, overFetch };
        // Nothing else is to be taken for a stall, however busy the machine is.
        if (!name.startsWith('stall'))
          return runWithFaults(uses, { ...settings, patienceMs: 30_000 });
        return runUntilOnlyTheStallIsLeft(uses, settings);
      }),
    );
    const [first] = outcomes as [Outcome, ...Outcome[]];
    const fired = first.requests.some((request) => request.faults.includes(name));
    expect(fired).toBe(!(name in impossible));
    for (const { kind, how, events } of outcomes) {
      expect(kind, how).toBe(first.kind);
      expect(kind, how).not.toBe('silent');
      for (const event of spoken.includes(name) ? [] : events) {
        if (event.type === 'text.delta') expect(event.delta).not.toMatch(special);
        if (event.type === 'answer') expect(event.message.content ?? '').not.toMatch(special);
      }
    }
    rows.set(name, name in impossible ? { kind: 'recovered', how: impossible[name] ?? '' } : first);
  },
);

/**
 * A stall is to be noticed soon, but a busy machine may be silent for as long. So it is counted what the client left: if
 * that was not the stalled request alone, after all that comes before the stall, the run says nothing about stalls and
 * is made again with four times the patience.
 */
async function runUntilOnlyTheStallIsLeft(
  uses: readonly FaultUse[],
  settings: Manner & Omit<Settings, 'patienceMs'>,
): Promise<Outcome> {
  for (let patienceMs = 400; patienceMs < 60_000; patienceMs *= 4) {
    const outcome = await runWithFaults(uses, { ...settings, patienceMs });
    const again = outcome.requests.filter(({ attempt }) => attempt > 1);
    const stalled = outcome.requests.filter((request) => request.stalled);
    if (again.length === 1 && stalled.length === 1) return outcome;
  }
  throw new Error('The client leaves requests that do not stall, however patient it is.');
}

afterAll(async () => {
  if (rows.size < faults.length) return; // a single fault was tried
  const table = pageOf(rows);
  if (process.env['THROUGHLINE_WRITE_DOCS'] !== undefined) await writeFile(page, table);
  const written = await readFile(page, 'utf8').catch(() => '');
  expect(written, 'docs/faults.md is not what happens; write it with `pnpm faults`').toBe(table);
});

function pageOf(outcomes: ReadonlyMap<string, Pick<Outcome, 'kind' | 'how'>>): string {
  const counts = new Map<string, number>();
  for (const { kind } of outcomes.values()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = {
    error: 'Error responses',
    socket: 'Broken connections',
    wire: 'Odd bytes',
    stream: 'Odd streams',
    answer: 'Odd answers',
  };
  const sections = Object.entries(kinds).map(([kind, heading]) => {
    const lines = faults
      .filter((fault) => fault.kind === kind)
      .map(({ name, source, about }) => {
        const outcome = outcomes.get(name);
        return `| \`${name}\` | ${about.replaceAll('|', '\\|')} | ${outcome?.kind}: ${outcome?.how} | ${source} |`;
      });
    return `## ${heading}\n\n| fault | what happens | what comes of it | known from |\n|---|---|---|---|\n${lines.join('\n')}`;
  });
  return `# Faults

Every way in which the endpoint, the gateway before it or the network is known to misbehave, and what comes of it. This page is
written by \`packages/acceptance/test/faults.test.ts\` (\`pnpm faults\`): each row is a run over real HTTP against the simulator,
three times, with every response read in pieces of 1, 7 and 1,000 bytes: those of 7 and 1,000 come so over the network, through
\`node:http\`, and those of 1 are cut as they come out of \`fetch\`; \`pnpm soak\` sends these, too, one by one over the network. The
simulator's model is scripted.

*Recovered*: the run ends with the right answer. *Told the model*: a call did not run, the model was told why, and the run went on.
*Typed error*: the run rejects with a code of [errors](errors.md). *Typed reason*: it ends with what there is, and says why. Nothing
is silent, and nothing hangs.

A call names one of two cities, with white space around it or without, or none: arguments that were mended fit its tool's schema,
and values without meaning do not.

*Known from* names public documentation, a file of a public repository, or a thread of one by its number. Nothing was tried against
the live endpoint.

${faults.length} faults: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}.

${sections.join('\n\n')}
`;
}
